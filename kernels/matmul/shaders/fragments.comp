#version 450
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_control_flow_attributes : require
// SPDX-License-Identifier: MIT
// matmul with A and B in f16 and sums in f32, by matrix units (VK_KHR_cooperative_matrix),
// one TILE x TILE tile of C a group. Four subgroups of 32 threads keep a quarter of it
// each, in fragments of 16 x 16. Tiles are full and rows start at multiples of 16 bytes.
//
// Slices 32 deep lie in two slots of group-local memory. Fragments are loaded half a
// slice ahead of their products, so that one barrier a slice is enough, and nothing waits
// behind it for group-local memory.
//
// What it waits for, on an H200 at 4096, in TFLOP/s (this: 307), by leaving parts out:
// products alone 600; with a barrier a slice 585, and with loads of fragments 507; with
// the stores of slices 377, and with half of the fetches 335. A tile of 128 x 128 has 64
// operations for each byte that it fetches, which at 307 is 4.8 TB/s of the L2. 128 x 256
// halves what the L2 has to give, but is all that fits on a unit, and nothing runs there
// while it stands at a barrier.
//
// What lost, at 4096, on the way here: fragments loaded where they are used, with two
// barriers a slice (275); slices 16 deep with one barrier each (249); 128 x 256 by 256
// threads, slices 16 deep (239; fetched two ahead 214, in three slots 188; 256 x 128:
// 228); two or four subgroups that only fetch beside eight that multiply (231 at most);
// groups that stay and take pairs of tiles that share rows (269); bands of 8 or 16 tile
// rows (within 1 %); a fetch between every two products (276). Reads that the unit may
// cache (restrict readonly) cost nothing in this order and 3 % in others. Workgroup-scope
// matrices of NV_cooperative_matrix2: 211.
layout(local_size_x = 128) in;
layout(constant_id = 0) const uint TILE = 128;
layout(constant_id = 1) const bool TRANSPOSE_A = false;
layout(constant_id = 2) const bool TRANSPOSE_B = false;

layout(binding = 0) coherent readonly buffer A { uvec4 a[]; };
layout(binding = 1) coherent readonly buffer B { uvec4 b[]; };
layout(binding = 2) buffer C { float c[]; };
layout(push_constant) uniform Constants {
  uint k, lda, ldb, ldc;
  float alpha, beta;
};

const uint THREADS = 128;
const uint DEPTH = 32;     // of a slice
const uint F = 16;         // of a fragment: rows, columns and depth
const uint RUN = 8;        // numbers in a uvec4
const uint PART = TILE / 2;
const uint COUNT = PART / F;

// Slices lie as their matrices do, in runs: so many a row, and padded by one, so that the
// eight rows that one load takes start in different banks.
const uint A_RUNS = (TRANSPOSE_A ? TILE : DEPTH) / RUN;
const uint B_RUNS = (TRANSPOSE_B ? DEPTH : TILE) / RUN;
const uint A_ROW = A_RUNS + 1;
const uint B_ROW = B_RUNS + 1;
const uint A_SLICE = TILE * DEPTH / RUN / A_RUNS * A_ROW;
const uint B_SLICE = TILE * DEPTH / RUN / B_RUNS * B_ROW;
shared uvec4 a_slices[2 * A_SLICE];
shared uvec4 b_slices[2 * B_SLICE];

// On their way from memory to a slice.
const uint LOADS = TILE * DEPTH / RUN / THREADS;
uvec4 a_fetched[LOADS];
uvec4 b_fetched[LOADS];
uint a_at[LOADS];
uint b_at[LOADS];

coopmat<float, gl_ScopeSubgroup, F, F, gl_MatrixUseAccumulator> sums[COUNT * COUNT];
#define LEFT coopmat<float16_t, gl_ScopeSubgroup, F, F, gl_MatrixUseA>
#define RIGHT coopmat<float16_t, gl_ScopeSubgroup, F, F, gl_MatrixUseB>
LEFT left0[COUNT], left1[COUNT];
RIGHT right0[COUNT], right1[COUNT];

uint thread = gl_LocalInvocationID.x;
uint part_row = gl_SubgroupID / 2 * PART;
uint part_col = gl_SubgroupID % 2 * PART;

// Groups walk C in bands of BAND tile rows, so that those that run at the same time
// share slices in the cache.
const uint BAND = 4;
uvec2 tile_of_group() {
  uint linear = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  uint in_band = BAND * gl_NumWorkGroups.x;
  uint first = linear / in_band * BAND;
  uint rows = min(gl_NumWorkGroups.y - first, BAND);
  return uvec2(first + linear % in_band % rows, linear % in_band / rows);
}

// `more`: 1 when another slice follows; the last one is fetched again otherwise.
void fetch_a(uint more) {
  [[unroll]] for (uint i = 0; i < LOADS; ++i) {
    a_fetched[i] = a[a_at[i]];
    a_at[i] += more * (TRANSPOSE_A ? DEPTH * (lda / RUN) : DEPTH / RUN);
  }
}

void fetch_b(uint more) {
  [[unroll]] for (uint i = 0; i < LOADS; ++i) {
    b_fetched[i] = b[b_at[i]];
    b_at[i] += more * (TRANSPOSE_B ? DEPTH / RUN : DEPTH * (ldb / RUN));
  }
}

void stage_a(uint slot, uint i) {
  uint at = thread + i * THREADS;
  a_slices[slot * A_SLICE + at / A_RUNS * A_ROW + at % A_RUNS] = a_fetched[i];
}

void stage_b(uint slot, uint i) {
  uint at = thread + i * THREADS;
  b_slices[slot * B_SLICE + at / B_RUNS * B_ROW + at % B_RUNS] = b_fetched[i];
}

// Row or column i of the part's fragments, half `l` of a slice.
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

// Odd columns backwards: then each product shares an operand with the one before it.
void multiply_add(LEFT left[COUNT], RIGHT right, uint j) {
  [[unroll]] for (uint step = 0; step < COUNT; ++step) {
    uint i = j % 2 == 0 ? step : COUNT - 1 - step;
    sums[i * COUNT + j] = coopMatMulAdd(left[i], right, sums[i * COUNT + j]);
  }
}

// One slice, from `slot`, of which the first half's fragments are loaded already; the
// others' loads are between products, early in a half. The slice after the next travels:
// out of memory during the first half, into the slot, of which nothing is read any more,
// later in the second.
void step_slice(uint slot, uint more) {
  [[unroll]] for (uint j = 0; j < COUNT; ++j) {
    if (j == 0) fetch_a(more);
    if (j == 1) fetch_b(more);
    [[unroll]] for (uint i = 2 * j; i < min(2 * j + 2, COUNT); ++i) {
      load_left(left1[i], slot, 1, i);
      load_right(right1[i], slot, 1, i);
    }
    multiply_add(left0, right0[j], j);
  }
  barrier();
  [[unroll]] for (uint j = 0; j < COUNT; ++j) {
    [[unroll]] for (uint i = 0; i < 2 * LOADS; ++i) {
      if (j != 1 + i * (COUNT - 1) / (2 * LOADS)) continue;
      if (i < LOADS) stage_a(slot, i);
      else stage_b(slot, i - LOADS);
    }
    [[unroll]] for (uint i = 2 * j; i < min(2 * j + 2, COUNT); ++i) {
      load_left(left0[i], 1 - slot, 0, i);
      load_right(right0[i], 1 - slot, 0, i);
    }
    multiply_add(left1, right1[j], j);
  }
}

void multiply(uvec2 tile) {
  uint slices = k / DEPTH;
  [[unroll]] for (uint i = 0; i < LOADS; ++i) {
    uint at = thread + i * THREADS;
    uvec2 from = uvec2(at / A_RUNS, at % A_RUNS);
    a_at[i] = TRANSPOSE_A ? from.x * (lda / RUN) + tile.x / RUN + from.y
                          : (tile.x + from.x) * (lda / RUN) + from.y;
    from = uvec2(at / B_RUNS, at % B_RUNS);
    b_at[i] = TRANSPOSE_B ? (tile.y + from.x) * (ldb / RUN) + from.y
                          : from.x * (ldb / RUN) + tile.y / RUN + from.y;
  }
  [[unroll]] for (uint slot = 0; slot < 2; ++slot) {
    uint more = slot + 1 < slices ? 1 : 0;
    fetch_a(more);
    fetch_b(more);
    [[unroll]] for (uint i = 0; i < LOADS; ++i) {
      stage_a(slot, i);
      stage_b(slot, i);
    }
  }
  barrier();
  [[unroll]] for (uint i = 0; i < COUNT; ++i) {
    load_left(left0[i], 0, 0, i);
    load_right(right0[i], 0, 0, i);
  }
  for (uint slice = 0;;) {
    step_slice(0, slice + 3 < slices ? 1 : 0);
    if (++slice == slices) break;
    step_slice(1, slice + 3 < slices ? 1 : 0);
    if (++slice == slices) break;
  }
}

void main() {
  uvec2 tile = tile_of_group() * TILE;
  [[unroll]] for (uint i = 0; i < COUNT * COUNT; ++i) {
    sums[i] = coopmat<float, gl_ScopeSubgroup, F, F, gl_MatrixUseAccumulator>(0.0);
  }
  if (k != 0) multiply(tile);
  uint row = tile.x + part_row;
  uint col = tile.y + part_col;
  [[unroll]] for (uint i = 0; i < COUNT; ++i) {
    [[unroll]] for (uint j = 0; j < COUNT; ++j) {
      uint at = (row + i * F) * ldc + col + j * F;
      coopmat<float, gl_ScopeSubgroup, F, F, gl_MatrixUseAccumulator> value =
          sums[i * COUNT + j] * alpha;
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
