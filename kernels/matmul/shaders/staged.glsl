// SPDX-License-Identifier: MIT
// matmul, one tile of C a group: slices of op(A) and op(B) are staged in group-local
// memory, each thread keeps a TM x TN tile of sums in registers.
//
// What limits it is group-local memory: a step of the depth reads TM + TN floats for
// TM * TN multiply-adds. Reads of 16 bytes by 32 threads (a subgroup of NVIDIA's) take
// four cycles there, and two when neighbours i and i ^ 1, or i and i ^ 2, read the same.
// So both slices lie with the outer index contiguous, a thread owns runs of four rows and
// four columns, and 32 threads lie on the tile in a Z: one bit of their number chooses a
// row, the next a column.
//
// The next slices travel from memory into registers while the current ones are used:
// there is no asynchronous copy to group-local memory in Vulkan.
//
// What lost, on an H200 at 4096, in TFLOP/s (this: 46.9; cuBLAS: 51.0): 32 threads as 4
// rows of 8 (45.8), as 2 rows of 16 (38.8); odd rows of sums forwards, too (46.4), and
// with staging stores that spread over all banks (46.8; with both, 45.8); reading a row
// of the slices ahead of its use (38.0); a second buffer chosen by an index (33.9);
// 16 x 8 sums a thread in tiles of 128 x 128 (44.9) and 256 x 128 (46.4); 64 x 128 by
// 128 threads (43.8); slices 8 deep (41.0); 512 threads (39.8). What won by 1 %, and is
// not worth a second body of the loop: two buffers with the loop unrolled by two,
// slices 8 deep, 16 x 8 sums a thread (47.5).

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint BM = 128;
layout(constant_id = 2) const uint BN = 128;
layout(constant_id = 3) const uint BK = 16;
layout(constant_id = 4) const uint TM = 8;
layout(constant_id = 5) const uint TN = 8;
layout(constant_id = 6) const bool TRANSPOSE_A = false;
layout(constant_id = 7) const bool TRANSPOSE_B = false;
// Every tile is full and every row starts at a multiple of four: 16-byte accesses and no
// guards. Of A, of B, of C.
layout(constant_id = 8) const uint ALIGNED = 0;
const bool A_ALIGNED = (ALIGNED & 1) != 0;
const bool B_ALIGNED = (ALIGNED & 2) != 0;
const bool C_ALIGNED = (ALIGNED & 4) != 0;
// Straight code for a whole slice. Drivers on the processor compile that for seconds.
layout(constant_id = 9) const bool UNROLL = true;

// A group takes `part` terms of the depth, by its z: its sums are the z'th of as many
// matrices as there are parts, one behind the other. `part` is a multiple of BK.
layout(constant_id = 11) const bool SPLIT = false;

#ifdef NARROW
#define STORED uint16_t
#define STORED4 uvec2
#define WIDENED(x) widened(uint(x))
// bf16, or f16.
layout(constant_id = 10) const bool BF16 = false;
#else
#define STORED float
#define STORED4 vec4
#define WIDENED(x) x
#endif
layout(binding = 0) readonly buffer A1 { STORED a1[]; };
layout(binding = 0) readonly buffer A4 { STORED4 a4[]; };
layout(binding = 1) readonly buffer B1 { STORED b1[]; };
layout(binding = 1) readonly buffer B4 { STORED4 b4[]; };
layout(binding = 2) buffer C1 { float c1[]; };
layout(binding = 2) buffer C4 { vec4 c4[]; };
layout(push_constant) uniform Constants {
  uint m, n, k, lda, ldb, ldc;
  float alpha, beta;
  uint part;
};

#ifdef NARROW
// A number of 16 bits as f32. Subnormal ones of f16 by way of whole numbers: a conversion
// may take them for zeros.
float widened(uint bits) {
  if (BF16) return uintBitsToFloat(bits << 16);
  uint magnitude = bits & 0x7fffu;
  if (magnitude < 0x400u) {
    float value = float(magnitude) * 5.9604644775390625e-8;  // 2^-24
    return (bits & 0x8000u) != 0 ? -value : value;
  }
  // The exponent's bias from 15 to 127; infinities and NaNs keep theirs, the largest.
  uint sum = (magnitude << 13) + (magnitude < 0x7c00u ? 0x38000000u : 0x70000000u);
  return uintBitsToFloat(sum | (bits & 0x8000u) << 16);
}
vec4 widened(uvec2 bits) {
  return vec4(widened(bits.x & 0xffffu), widened(bits.x >> 16), widened(bits.y & 0xffffu),
              widened(bits.y >> 16));
}
#else
vec4 widened(vec4 value) { return value; }
#endif

// In units of vec4.
const uint A_ROW = BM / 4 + 1;
const uint B_ROW = BN / 4 + 1;
const uint A_LOADS = BM * BK / 4 / gl_WorkGroupSize.x;
const uint B_LOADS = BN * BK / 4 / gl_WorkGroupSize.x;
shared vec4 a_slice[BK * A_ROW];
shared vec4 b_slice[BK * B_ROW];

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

// Four neighbouring elements of a slice. Where the outer index is contiguous in memory
// they share a depth, else an outer index.
uvec2 outer_and_depth(uint load, uint outer_size, bool outer_contiguous) {
  uint at = load * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
  return outer_contiguous
             ? uvec2(at % (outer_size / 4) * 4, at / (outer_size / 4))
             : uvec2(at / (BK / 4), at % (BK / 4) * 4);
}

vec4 load_a(uint load, uint row, uint depth) {
  uvec2 at = outer_and_depth(load, BM, TRANSPOSE_A) + uvec2(row, depth);
  uint address = TRANSPOSE_A ? at.y * lda + at.x : at.x * lda + at.y;
  if (A_ALIGNED) return widened(a4[address / 4]);
  vec4 value = vec4(0);
  [[unroll]] for (uint i = 0; i < 4; ++i) {
    uvec2 element = at + (TRANSPOSE_A ? uvec2(i, 0) : uvec2(0, i));
    if (element.x < m && element.y < k) value[i] = WIDENED(a1[address + i]);
  }
  return value;
}

vec4 load_b(uint load, uint col, uint depth) {
  uvec2 at = outer_and_depth(load, BN, !TRANSPOSE_B) + uvec2(col, depth);
  uint address = TRANSPOSE_B ? at.x * ldb + at.y : at.y * ldb + at.x;
  if (B_ALIGNED) return widened(b4[address / 4]);
  vec4 value = vec4(0);
  [[unroll]] for (uint i = 0; i < 4; ++i) {
    uvec2 element = at + (TRANSPOSE_B ? uvec2(0, i) : uvec2(i, 0));
    if (element.x < n && element.y < k) value[i] = WIDENED(b1[address + i]);
  }
  return value;
}

void stage_a(uint load, vec4 value) {
  uvec2 at = outer_and_depth(load, BM, TRANSPOSE_A);
  uint to = at.y * A_ROW + at.x / 4;
  if (TRANSPOSE_A) {
    a_slice[to] = value;
  } else {
    [[unroll]] for (uint i = 0; i < 4; ++i) a_slice[to + i * A_ROW][at.x % 4] = value[i];
  }
}

void stage_b(uint load, vec4 value) {
  uvec2 at = outer_and_depth(load, BN, !TRANSPOSE_B);
  uint to = at.y * B_ROW + at.x / 4;
  if (!TRANSPOSE_B) {
    b_slice[to] = value;
  } else {
    [[unroll]] for (uint i = 0; i < 4; ++i) b_slice[to + i * B_ROW][at.x % 4] = value[i];
  }
}

// The thread's sums, and the place of its runs of four rows and columns in a tile, in
// units of four: 32 threads lie on 4 x 8 places, bits 0 and 4 of their number the row,
// bits 1 to 3 the column.
vec4 sums[TM * TN / 4];
const uint TEAMS_A_ROW = BN / TN / 8;
uint team = gl_LocalInvocationID.x / 32;
uint lane = gl_LocalInvocationID.x % 32;
uint x = team % TEAMS_A_ROW * 8 + lane / 2 % 8;
uint y = team / TEAMS_A_ROW * 4 + lane / 16 * 2 + lane % 2;

// One term of each sum, from row `slice_row` of both slices.
void multiply_add(uint slice_row) {
  vec4 left[TM / 4];
  vec4 right[TN / 4];
  [[unroll]] for (uint i = 0; i < TM / 4; ++i) {
    left[i] = a_slice[slice_row * A_ROW + y + i * (BM / TM)];
  }
  [[unroll]] for (uint j = 0; j < TN / 4; ++j) {
    right[j] = b_slice[slice_row * B_ROW + x + j * (BN / TN)];
  }
  // Odd rows backwards: then each multiply-add shares an operand with the one before it,
  // which the processor keeps at hand.
  [[unroll]] for (uint i = 0; i < TM; ++i) {
    [[unroll]] for (uint step = 0; step < TN; ++step) {
      uint j = i % 2 == 0 ? step : TN - 1 - step;
      uint at = i * (TN / 4) + j / 4;
      sums[at][j % 4] = fma(left[i / 4][i % 4], right[j / 4][j % 4], sums[at][j % 4]);
    }
  }
}

void store(uint row, uint col, vec4 sum) {
  uint address = row * ldc + col;
  if (SPLIT) address += gl_WorkGroupID.z * m * ldc;
  vec4 value = alpha * sum;
  if (C_ALIGNED) {
    // With beta 0, C is not read.
    if (beta != 0) value += beta * c4[address / 4];
    c4[address / 4] = value;
    return;
  }
  if (row >= m) return;
  [[unroll]] for (uint i = 0; i < 4; ++i) {
    if (col + i >= n) continue;
    c1[address + i] = beta != 0 ? value[i] + beta * c1[address + i] : value[i];
  }
}

void main() {
  uvec2 tile = tile_of_group();
  uint row = tile.x * BM;
  uint col = tile.y * BN;
  uint first = SPLIT ? gl_WorkGroupID.z * part : 0;
  uint last = SPLIT ? min(k, first + part) : k;
  [[unroll]] for (uint i = 0; i < TM * TN / 4; ++i) sums[i] = vec4(0);
  vec4 next_a[A_LOADS];
  vec4 next_b[B_LOADS];
  [[unroll]] for (uint i = 0; i < A_LOADS; ++i) {
    next_a[i] = first >= last ? vec4(0) : load_a(i, row, first);
  }
  [[unroll]] for (uint i = 0; i < B_LOADS; ++i) {
    next_b[i] = first >= last ? vec4(0) : load_b(i, col, first);
  }

  for (uint depth = first; depth < last; depth += BK) {
    [[unroll]] for (uint i = 0; i < A_LOADS; ++i) stage_a(i, next_a[i]);
    [[unroll]] for (uint i = 0; i < B_LOADS; ++i) stage_b(i, next_b[i]);
    barrier();
    if (depth + BK < last) {
      [[unroll]] for (uint i = 0; i < A_LOADS; ++i) {
        next_a[i] = load_a(i, row, depth + BK);
      }
      [[unroll]] for (uint i = 0; i < B_LOADS; ++i) {
        next_b[i] = load_b(i, col, depth + BK);
      }
    }
    if (UNROLL) {
      [[unroll]] for (uint l = 0; l < BK; ++l) multiply_add(l);
    } else {
      [[dont_unroll]] for (uint l = 0; l < BK; ++l) multiply_add(l);
    }
    barrier();
  }

  [[unroll]] for (uint i = 0; i < TM; ++i) {
    uint to_row = row + (i / 4 * (BM / TM) + y) * 4 + i % 4;
    [[unroll]] for (uint j = 0; j < TN / 4; ++j) {
      store(to_row, col + (j * (BN / TN) + x) * 4, sums[i * (TN / 4) + j]);
    }
  }
}
