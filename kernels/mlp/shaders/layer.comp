#version 450
#extension GL_EXT_control_flow_attributes : require
// SPDX-License-Identifier: MIT
// One layer for a small batch: C = act(A * B + bias), 8 rows and 16 columns a group.
//
// A tile as large as matmul's would leave most of a GPU without one. So tiles are small,
// and the depth is shared out instead: 8 threads keep 4 x 4 sums each and cover the tile,
// 32 such teams take every 32nd run of four terms, and what they have is added in
// group-local memory, in the order of the teams. A team's next AHEAD runs are loaded
// together: a product of so few rows waits for memory and little else.
//
// What lost, on an H200, 32 x 512 x 1024 x 512, in us for both layers (this: 13.3): tiles
// of 32 x 8 by 16 teams, one run at a time (20.0); 16 x 16 by 16 teams (16.1); 8 x 16 by
// 32 teams, two runs (13.7) or eight (14.3), by 64 teams, two runs (15.1); 8 x 32 by 16
// teams (14.7); 8 x 8 by 64 teams (16.9); 4 x 32 by 32 teams (13.7).

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

const uint ROWS = 8;
const uint COLS = 16;
const uint TEAMS = 32;
const uint AHEAD = 4;
shared vec4 partial[TEAMS * ROWS * COLS / 4];

// Four terms of a row, from `depth` on; nothing beyond the matrix.
vec4 load_a(uint row, uint depth) {
  if (WIDE) return row < m && depth < k ? a4[(row * k + depth) / 4] : vec4(0);
  vec4 value = vec4(0);
  if (row >= m) return value;
  [[unroll]] for (uint i = 0; i < 4; ++i) {
    if (depth + i < k) value[i] = a1[row * k + depth + i];
  }
  return value;
}

// Four columns of a term.
vec4 load_b(uint depth, uint col) {
  if (WIDE) return col < n && depth < k ? b4[(depth * n + col) / 4] : vec4(0);
  vec4 value = vec4(0);
  if (depth >= k) return value;
  [[unroll]] for (uint i = 0; i < 4; ++i) {
    if (col + i < n) value[i] = b1[depth * n + col + i];
  }
  return value;
}

void main() {
  uint thread = gl_LocalInvocationID.x;
  uint team = thread / 8;
  uint x = thread % 4;      // which four columns
  uint y = thread % 8 / 4;  // which four rows
  uint row = gl_WorkGroupID.y * ROWS + 4 * y;
  uint col = gl_WorkGroupID.x * COLS + 4 * x;
  vec4 sums[4] = vec4[4](vec4(0), vec4(0), vec4(0), vec4(0));
  for (uint first = 4 * team; first < k; first += 4 * TEAMS * AHEAD) {
    vec4 left[4 * AHEAD];
    vec4 right[4 * AHEAD];
    [[unroll]] for (uint i = 0; i < 4 * AHEAD; ++i) {
      uint depth = first + i / 4 * 4 * TEAMS;
      left[i] = load_a(row + i % 4, depth);
      right[i] = load_b(depth + i % 4, col);
    }
    [[unroll]] for (uint i = 0; i < 4 * AHEAD; ++i) {
      [[unroll]] for (uint l = 0; l < 4; ++l) {
        sums[i % 4] = fma(vec4(left[i][l]), right[i / 4 * 4 + l], sums[i % 4]);
      }
    }
  }
  [[unroll]] for (uint i = 0; i < 4; ++i) {
    partial[(team * ROWS + 4 * y + i) * (COLS / 4) + x] = sums[i];
  }
  barrier();
  // An element a thread, of those that have one.
  if (thread >= ROWS * COLS) return;
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
