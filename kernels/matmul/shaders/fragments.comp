#version 450
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_control_flow_attributes : require
// SPDX-License-Identifier: MIT
// matmul with A and B in f16 and sums in f32, by matrix units (VK_KHR_cooperative_matrix),
// one TILE_M x TILE_N tile of C a group. Four subgroups of 32 threads keep a quarter of it
// each, in fragments of 16 x 16. Tiles are full and rows start at multiples of 16 bytes.
//
// Slices lie in two slots of group-local memory. Fragments are loaded a step of 16 terms
// ahead of their products, so that one barrier a slice is enough, and nothing waits behind
// it for group-local memory. Fetches have a whole slice's time: each starts behind
// the stores of the one before it.
//
// That order has to be forced, since a compiler moves fetches before those stores: the
// processor counts all fetches by one counter, so the stores then wait for the new ones,
// too. On an H200 at 4096, in TFLOP/s, random numbers (this: 328; at 8192 345): 252
// without the barrier of the subgroup there. Without the one that holds loads of fragments
// back from the end of a step 322; with stores of two neighbouring rows in the same banks
// 312; products in functions of arrays, which are copied, 245.
//
// What it waits for. The version before it (300) by leaving parts out: products alone
// 600, which is what eight subgroups a unit get of 990; with a barrier a slice 585, and
// with loads of fragments 507; with the stores of slices 377, and with half of the fetches
// 335. So group-local memory and fetches share a path that is two thirds busy. Rows of 64
// bytes cost it more lines: 340 where A is transposed and has none, 300 where B is and
// both have them.
//
// What lost, at 4096 by 128 x 128 (kernels/matmul/fragments.cc: at small sizes). Of this
// order: fetches behind the barrier and their stores before the next one (297); stores
// among the products (325); reads that the unit may cache (287; also where both groups of
// a unit share rows); bands of 2 to 22 tile rows (within 3 %); 128 x 256 by 256 threads,
// fetched 32 deep into a ring of three half slices (315; 256 x 128: 289), or 16 deep
// (245): nothing runs on a unit while it stands at a barrier; parts of 64 x 32, twice the
// subgroups (217); both first fetches before their stores (278), then without fetches
// behind the last slice (284); two slices on their way (258). Of the one before it:
// fragments loaded where they are used, with two barriers a slice (275); slices 16 deep
// with one barrier each (249); two or four subgroups that only fetch beside eight that
// multiply (231 at most); groups that stay and take pairs of tiles that share rows (269).
// Workgroup-scope matrices of NV_cooperative_matrix2: 211.
layout(local_size_x = 128) in;
layout(constant_id = 0) const uint TILE_M = 128;
layout(constant_id = 1) const uint TILE_N = 128;
layout(constant_id = 2) const uint DEPTH = 32;  // of a slice: 32 or 64
layout(constant_id = 3) const bool TRANSPOSE_A = false;
layout(constant_id = 4) const bool TRANSPOSE_B = false;
// A group takes `part` terms of the depth, by its z: its sums are the z'th of as many
// matrices as there are parts, one behind the other. `part` is a multiple of DEPTH.
layout(constant_id = 5) const bool SPLIT = false;

layout(binding = 0) coherent readonly buffer A { uvec4 a[]; };
layout(binding = 1) coherent readonly buffer B { uvec4 b[]; };
layout(binding = 2) buffer C { float c[]; };
layout(push_constant) uniform Constants {
  uint k, lda, ldb, ldc;
  float alpha, beta;
  uint part;
};

const uint THREADS = 128;
const uint F = 16;    // of a fragment: rows, columns and depth
const uint RUN = 8;   // numbers in a uvec4
const uint PART_M = TILE_M / 2, PART_N = TILE_N / 2;
const uint COUNT_M = PART_M / F, COUNT_N = PART_N / F;

// Slices lie as their matrices do, in runs: so many a row, and padded by one, so that the
// eight rows that one load takes start in different banks.
const uint A_RUNS = (TRANSPOSE_A ? TILE_M : DEPTH) / RUN;
const uint B_RUNS = (TRANSPOSE_B ? DEPTH : TILE_N) / RUN;
const uint A_ROW = A_RUNS + 1;
const uint B_ROW = B_RUNS + 1;
const uint A_SLICE = TILE_M * DEPTH / RUN / A_RUNS * A_ROW;
const uint B_SLICE = TILE_N * DEPTH / RUN / B_RUNS * B_ROW;
shared uvec4 a_slices[2 * A_SLICE];
shared uvec4 b_slices[2 * B_SLICE];

// On their way from memory to a slice.
const uint A_LOADS = TILE_M * DEPTH / RUN / THREADS;
const uint B_LOADS = TILE_N * DEPTH / RUN / THREADS;
uvec4 a_fetched[A_LOADS];
uvec4 b_fetched[B_LOADS];
uint a_from, b_from;  // of the thread's first runs in memory, of the slice to be fetched
uint a_to, b_to;      // and in a slot

coopmat<float, gl_ScopeSubgroup, F, F, gl_MatrixUseAccumulator> sums[COUNT_M * COUNT_N];
#define LEFT coopmat<float16_t, gl_ScopeSubgroup, F, F, gl_MatrixUseA>
#define RIGHT coopmat<float16_t, gl_ScopeSubgroup, F, F, gl_MatrixUseB>
LEFT left0[COUNT_M], left1[COUNT_M];
RIGHT right0[COUNT_N], right1[COUNT_N];

uint thread = gl_LocalInvocationID.x;
uint part_row = gl_SubgroupID / 2 * PART_M;
uint part_col = gl_SubgroupID % 2 * PART_N;

// Groups walk C in bands of BAND tile rows, so that those that run at the same time
// share slices in the cache.
const uint BAND = 8;
uvec2 tile_of_group() {
  uint linear = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  uint in_band = BAND * gl_NumWorkGroups.x;
  uint first = linear / in_band * BAND;
  uint rows = min(gl_NumWorkGroups.y - first, BAND);
  return uvec2(first + linear % in_band % rows, linear % in_band / rows);
}

// Row and run of a slice that a thread fetches first. Of rows of four runs, eight threads
// that store at the same time take two rows that are four apart: those lie in different
// banks, neighbours do not.
uvec2 first_run(uint runs) {
  if (runs != 4) return uvec2(thread / runs, thread % runs);
  uint lane = thread % 32;
  return uvec2(thread / 32 * 8 + lane / 8 + lane / 4 % 2 * 4, lane % 4);
}
const uint A_STEP = THREADS / A_RUNS;  // rows between the runs of a thread
const uint B_STEP = THREADS / B_RUNS;

// `more`: 1 when another slice follows; the last one is fetched again otherwise.
void fetch(uint more) {
  [[unroll]] for (uint i = 0; i < A_LOADS; ++i) {
    a_fetched[i] = a[a_from + i * (A_STEP * (lda / RUN))];
  }
  [[unroll]] for (uint i = 0; i < B_LOADS; ++i) {
    b_fetched[i] = b[b_from + i * (B_STEP * (ldb / RUN))];
  }
  a_from += more * (TRANSPOSE_A ? DEPTH * (lda / RUN) : DEPTH / RUN);
  b_from += more * (TRANSPOSE_B ? DEPTH / RUN : DEPTH * (ldb / RUN));
}

void stage(uint slot) {
  [[unroll]] for (uint i = 0; i < A_LOADS; ++i) {
    a_slices[slot * A_SLICE + a_to + i * A_STEP * A_ROW] = a_fetched[i];
  }
  [[unroll]] for (uint i = 0; i < B_LOADS; ++i) {
    b_slices[slot * B_SLICE + b_to + i * B_STEP * B_ROW] = b_fetched[i];
  }
}

// Row or column i of the part's fragments, step `l` of a slice: F of its depth.
void load_left(out LEFT fragment, uint slot, uint l, uint i) {
  uint row = part_row + i * F;
  if (TRANSPOSE_A) {
    coopMatLoad(fragment, a_slices, slot * A_SLICE + l * F * A_ROW + row / RUN, A_ROW,
                gl_CooperativeMatrixLayoutColumnMajor);
  } else {
    coopMatLoad(fragment, a_slices, slot * A_SLICE + row * A_ROW + l * F / RUN, A_ROW,
                gl_CooperativeMatrixLayoutRowMajor);
  }
}

void load_right(out RIGHT fragment, uint slot, uint l, uint j) {
  uint col = part_col + j * F;
  if (TRANSPOSE_B) {
    coopMatLoad(fragment, b_slices, slot * B_SLICE + col * B_ROW + l * F / RUN, B_ROW,
                gl_CooperativeMatrixLayoutColumnMajor);
  } else {
    coopMatLoad(fragment, b_slices, slot * B_SLICE + l * F * B_ROW + col / RUN, B_ROW,
                gl_CooperativeMatrixLayoutRowMajor);
  }
}

// The products of a step. `l` of `slot` is the step after it: its fragments are loaded
// early in this one. A compiler would rather load late and save registers, and the next
// step waited for group-local memory. Odd rows backwards: then each product shares an
// operand with the one before it. Tiles are no wider than high.
const uint OPERANDS = COUNT_M + COUNT_N;
const uint PRODUCTS = COUNT_M * COUNT_N;
const uint EACH = (OPERANDS + PRODUCTS - 1) / PRODUCTS;  // loads before a product
// No loads behind this product. Tiles smaller than 128 x 128 do not have so many: 64 x 64
// with the barrier before its last product took 22.7 us at 1024, without 20.1.
const uint LOADED = 13;
#define MULTIPLY(left, right, next_left, next_right, slot, l)                            \
  [[unroll]] for (uint step = 0; step < PRODUCTS; ++step) {                              \
    uint i = step / COUNT_N;                                                             \
    uint j = i % 2 == 0 ? step % COUNT_N : COUNT_N - 1 - step % COUNT_N;                 \
    [[unroll]] for (uint e = step * EACH; e < min(step * EACH + EACH, OPERANDS); ++e) {  \
      if (e >= 2 * COUNT_N) load_left(next_left[e - COUNT_N], slot, l, e - COUNT_N);     \
      else if (e % 2 == 0) load_left(next_left[e / 2], slot, l, e / 2);                  \
      else load_right(next_right[e / 2], slot, l, e / 2);                                \
    }                                                                                    \
    if (step == LOADED) subgroupMemoryBarrier();                                         \
    sums[i * COUNT_N + j] = coopMatMulAdd(left[i], right[j], sums[i * COUNT_N + j]);     \
  }

// Terms first to last.
void multiply(uvec2 tile, uint first, uint last) {
  uint slices = (last - first) / DEPTH;
  uvec2 at = first_run(A_RUNS);
  a_to = at.x * A_ROW + at.y;
  a_from = TRANSPOSE_A ? at.x * (lda / RUN) + tile.x / RUN + at.y
                       : (tile.x + at.x) * (lda / RUN) + at.y;
  a_from += TRANSPOSE_A ? first * (lda / RUN) : first / RUN;
  at = first_run(B_RUNS);
  b_to = at.x * B_ROW + at.y;
  b_from = TRANSPOSE_B ? (tile.y + at.x) * (ldb / RUN) + at.y
                       : at.x * (ldb / RUN) + tile.y / RUN + at.y;
  b_from += TRANSPOSE_B ? first / RUN : first * (ldb / RUN);
  [[unroll]] for (uint slot = 0; slot < 2; ++slot) {
    fetch(slot + 1 < slices ? 1 : 0);
    stage(slot);
  }
  fetch(slices > 3 ? 1 : 0);
  barrier();
  [[unroll]] for (uint i = 0; i < COUNT_M; ++i) load_left(left0[i], 0, 0, i);
  [[unroll]] for (uint i = 0; i < COUNT_N; ++i) load_right(right0[i], 0, 0, i);
  for (uint slice = 0; slice < slices; ++slice) {
    uint slot = slice % 2;
    MULTIPLY(left0, right0, left1, right1, slot, 1);
    if (DEPTH == 64) {
      MULTIPLY(left1, right1, left0, right0, slot, 2);
      MULTIPLY(left0, right0, left1, right1, slot, 3);
    }
    barrier();
    // Of the slot nothing is read any more. What was fetched a slice ago goes there, and
    // the next fetch starts behind it: memory has the time of a whole slice.
    stage(slot);
    subgroupMemoryBarrier();
    fetch(slice + 4 < slices ? 1 : 0);
    MULTIPLY(left1, right1, left0, right0, 1 - slot, 0);
  }
}

void main() {
  uvec2 tile = tile_of_group() * uvec2(TILE_M, TILE_N);
  [[unroll]] for (uint i = 0; i < PRODUCTS; ++i) {
    sums[i] = coopmat<float, gl_ScopeSubgroup, F, F, gl_MatrixUseAccumulator>(0.0);
  }
  uint first = SPLIT ? gl_WorkGroupID.z * part : 0;
  uint last = SPLIT ? min(k, first + part) : k;
  if (first < last) multiply(tile, first, last);
  uint row = tile.x + part_row;
  uint col = tile.y + part_col;
  uint matrix = SPLIT ? gl_WorkGroupID.z * gl_NumWorkGroups.y * TILE_M * ldc : 0;
  [[unroll]] for (uint i = 0; i < COUNT_M; ++i) {
    [[unroll]] for (uint j = 0; j < COUNT_N; ++j) {
      uint at = matrix + (row + i * F) * ldc + col + j * F;
      coopmat<float, gl_ScopeSubgroup, F, F, gl_MatrixUseAccumulator> value =
          sums[i * COUNT_N + j] * alpha;
      // With beta 0, C is not read.
      if (beta != 0) {
        coopmat<float, gl_ScopeSubgroup, F, F, gl_MatrixUseAccumulator> old;
        coopMatLoad(old, c, at, ldc, gl_CooperativeMatrixLayoutRowMajor);
        value += old * beta;
      }
      coopMatStore(value, c, at, ldc, gl_CooperativeMatrixLayoutRowMajor);
    }
  }
}
