#version 450
#extension GL_EXT_control_flow_attributes : require
// SPDX-License-Identifier: MIT
// One layer for a small batch: C = act(A * B + bias), 32 rows and 8 columns a group.
//
// A tile as large as matmul's would leave most of a GPU without one. So tiles are
// narrow, as wide as the 32 bytes that memory is read by, and the depth is shared out
// instead: 16 threads keep 4 x 4 sums each and cover the tile, 16 such teams take every
// 16th run of four terms, and what they have is added in group-local memory, in the
// order of the teams.

layout(local_size_x = 256) in;
layout(constant_id = 0) const bool RELU = false;
// Rows of A and B start at multiples of 16 bytes, and no run is cut.
layout(constant_id = 1) const bool WIDE = true;
layout(binding = 0) readonly buffer A1 { float a1[]; };
layout(binding = 0) readonly buffer A4 { vec4 a4[]; };
layout(binding = 1) readonly buffer B1 { float b1[]; };
layout(binding = 1) readonly buffer B4 { vec4 b4[]; };
layout(binding = 2) readonly buffer Bias { float bias[]; };
layout(binding = 3) writeonly buffer C { float c[]; };
layout(push_constant) uniform Constants { uint m, n, k; };

const uint ROWS = 32;
const uint COLS = 8;
const uint TEAMS = 16;
shared vec4 partial[TEAMS * ROWS * COLS / 4];

// Four terms of a row, from `depth` on; nothing beyond the matrix.
vec4 load_a(uint row, uint depth) {
  if (WIDE) return row < m ? a4[(row * k + depth) / 4] : vec4(0);
  vec4 value = vec4(0);
  if (row >= m) return value;
  [[unroll]] for (uint i = 0; i < 4; ++i) {
    if (depth + i < k) value[i] = a1[row * k + depth + i];
  }
  return value;
}

// Four columns of a term.
vec4 load_b(uint depth, uint col) {
  if (WIDE) return col < n ? b4[(depth * n + col) / 4] : vec4(0);
  vec4 value = vec4(0);
  if (depth >= k) return value;
  [[unroll]] for (uint i = 0; i < 4; ++i) {
    if (col + i < n) value[i] = b1[depth * n + col + i];
  }
  return value;
}

void main() {
  uint thread = gl_LocalInvocationID.x;
  uint team = thread / 16;
  uint x = thread % 2;        // which four columns
  uint y = thread % 16 / 2;   // which four rows
  uint row = gl_WorkGroupID.y * ROWS + 4 * y;
  uint col = gl_WorkGroupID.x * COLS + 4 * x;
  vec4 sums[4] = vec4[4](vec4(0), vec4(0), vec4(0), vec4(0));
  for (uint depth = 4 * team; depth < k; depth += 4 * TEAMS) {
    vec4 left[4];
    vec4 right[4];
    [[unroll]] for (uint i = 0; i < 4; ++i) {
      left[i] = load_a(row + i, depth);
      right[i] = load_b(depth + i, col);
    }
    [[unroll]] for (uint i = 0; i < 4; ++i) {
      [[unroll]] for (uint l = 0; l < 4; ++l) {
        sums[i] = fma(vec4(left[i][l]), right[l], sums[i]);
      }
    }
  }
  [[unroll]] for (uint i = 0; i < 4; ++i) {
    partial[(team * ROWS + 4 * y + i) * (COLS / 4) + x] = sums[i];
  }
  barrier();
  // As many elements as threads: each adds up one.
  uint at = thread / 4;
  float sum = 0;
  for (uint i = 0; i < TEAMS; ++i) {
    sum += partial[i * (ROWS * COLS / 4) + at][thread % 4];
  }
  uint to_row = gl_WorkGroupID.y * ROWS + thread / COLS;
  uint to_col = gl_WorkGroupID.x * COLS + thread % COLS;
  if (to_row >= m || to_col >= n) return;
  sum += bias[to_col];
  c[to_row * n + to_col] = RELU ? max(sum, 0) : sum;
}
