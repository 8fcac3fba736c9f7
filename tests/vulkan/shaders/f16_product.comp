#version 450
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_control_flow_attributes : require
// SPDX-License-Identifier: MIT
// An experiment: C = A B with A and B in f16 and sums in f32, by the matrix units
// (VK_KHR_cooperative_matrix). Row-major; m, n and k are multiples of BM, BN and 2 BK.
// 128 threads in four subgroups of 32, each with 64 x 64 of a tile of 128 x 128.
//
// Slices lie in group-local memory, rows padded by 16 bytes so that the eight rows that
// one load takes start in different banks. They come through two sets of registers: a
// slice is fetched while the one two before it is used.
//
// On an H200 at 4096 and 8192: 274 and 292 TFLOP/s. What it waits for, by leaving parts
// out (4096, wrong results): matrix units and reads of slices alone 522; with barriers
// 428, with stores to slices 427, with fetches 381; with fetches and barriers 274, which
// is all of it. A slice of 128 x 128 gives 64 operations a byte of L2, which at 380 is the
// 6 TB/s that the L2 has; larger tiles leave room for one group a unit, and nothing runs
// while it stands at a barrier.
//
// What lost (4096, TFLOP/s): one set of registers (265); two buffers with a barrier a
// slice, the index in constants (233); slices 16 deep (215) and 64 deep, which leave no
// room for a second set (257); 128 x 256 by 256 threads (266) and by 512 (265);
// subgroups of 64 x 32 (195); fragments from memory directly (76); workgroup-scope
// matrices of NV_cooperative_matrix2 with tensor addressing, 128 x 128 x 32 (211),
// 128 x 256 x 64 (210), 128 threads (128 at best; spills).
layout(local_size_x = 128) in;
const uint BM = 128;
const uint BN = 128;
const uint BK = 32;
const uint SUB = 64;  // rows and columns of a subgroup
const uint F = 16;    // of a fragment: rows, columns and depth
const uint COUNT = SUB / F;
const uint SLICES = BK / F;

layout(binding = 0) restrict readonly buffer A { uvec4 a[]; };
layout(binding = 1) restrict readonly buffer B { uvec4 b[]; };
layout(binding = 2) restrict writeonly buffer C { float c[]; };
layout(push_constant) uniform Constants { uint n, k; };

// In units of uvec4, eight numbers.
const uint A_ROW = BK / 8 + 1;
const uint B_ROW = BN / 8 + 1;
const uint LOADS = BM * BK / 8 / 128;
shared uvec4 a_slice[BM * A_ROW];
shared uvec4 b_slice[BK * B_ROW];
uvec4 even_a[LOADS], even_b[LOADS], odd_a[LOADS], odd_b[LOADS];
uint a_at[LOADS], b_at[LOADS];

coopmat<float, gl_ScopeSubgroup, F, F, gl_MatrixUseAccumulator> sums[COUNT * COUNT];

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

void fetch(inout uvec4 set_a[LOADS], inout uvec4 set_b[LOADS]) {
  [[unroll]] for (uint i = 0; i < LOADS; ++i) {
    set_a[i] = a[a_at[i]];
    a_at[i] += BK / 8;
  }
  [[unroll]] for (uint i = 0; i < LOADS; ++i) {
    set_b[i] = b[b_at[i]];
    b_at[i] += BK * (n / 8);
  }
}

void stage(uvec4 set_a[LOADS], uvec4 set_b[LOADS]) {
  [[unroll]] for (uint i = 0; i < LOADS; ++i) {
    uint at = i * 128 + gl_LocalInvocationID.x;
    a_slice[at / (BK / 8) * A_ROW + at % (BK / 8)] = set_a[i];
    b_slice[at / (BN / 8) * B_ROW + at % (BN / 8)] = set_b[i];
  }
}

void multiply_add() {
  uint row = gl_SubgroupID / 2 * SUB;
  uint col = gl_SubgroupID % 2 * SUB;
  [[unroll]] for (uint l = 0; l < SLICES; ++l) {
    coopmat<float16_t, gl_ScopeSubgroup, F, F, gl_MatrixUseA> left[COUNT];
    [[unroll]] for (uint i = 0; i < COUNT; ++i) {
      coopMatLoad(left[i], a_slice, (row + i * F) * A_ROW + l * F / 8, A_ROW,
                  gl_CooperativeMatrixLayoutRowMajor);
    }
    [[unroll]] for (uint j = 0; j < COUNT; ++j) {
      coopmat<float16_t, gl_ScopeSubgroup, F, F, gl_MatrixUseB> right;
      coopMatLoad(right, b_slice, l * F * B_ROW + (col + j * F) / 8, B_ROW,
                  gl_CooperativeMatrixLayoutRowMajor);
      [[unroll]] for (uint i = 0; i < COUNT; ++i) {
        sums[i * COUNT + j] = coopMatMulAdd(left[i], right, sums[i * COUNT + j]);
      }
    }
  }
}

void main() {
  uvec2 tile = tile_of_group() * uvec2(BM, BN);
  [[unroll]] for (uint i = 0; i < LOADS; ++i) {
    uint at = i * 128 + gl_LocalInvocationID.x;
    a_at[i] = (tile.x + at / (BK / 8)) * (k / 8) + at % (BK / 8);
    b_at[i] = at / (BN / 8) * (n / 8) + tile.y / 8 + at % (BN / 8);
  }
  [[unroll]] for (uint i = 0; i < COUNT * COUNT; ++i) {
    sums[i] = coopmat<float, gl_ScopeSubgroup, F, F, gl_MatrixUseAccumulator>(0.0);
  }
  fetch(even_a, even_b);
  stage(even_a, even_b);
  fetch(odd_a, odd_b);
  barrier();
  for (uint depth = 0; depth < k; depth += 2 * BK) {
    bool more = depth + 2 * BK < k;
    if (more) fetch(even_a, even_b);
    multiply_add();
    barrier();
    stage(odd_a, odd_b);
    barrier();
    if (more) fetch(odd_a, odd_b);
    multiply_add();
    barrier();
    if (more) stage(even_a, even_b);
    barrier();
  }
  uint row = tile.x + gl_SubgroupID / 2 * SUB;
  uint col = tile.y + gl_SubgroupID % 2 * SUB;
  [[unroll]] for (uint i = 0; i < COUNT; ++i) {
    [[unroll]] for (uint j = 0; j < COUNT; ++j) {
      coopMatStore(sums[i * COUNT + j], c, (row + i * F) * n + col + j * F, n,
                   gl_CooperativeMatrixLayoutRowMajor);
    }
  }
}
