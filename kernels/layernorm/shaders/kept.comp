#version 450
#extension GL_EXT_control_flow_attributes : require
#extension GL_GOOGLE_include_directive : require
// SPDX-License-Identifier: MIT
// layernorm, a row a team: read once into registers where it fits, its mean, the mean of
// the squared distances from it, and the results.

#include "kernels/common/shaders/row.glsl"

layout(binding = 1) readonly buffer Gamma1 { float gamma1[]; };
layout(binding = 1) readonly buffer Gamma4 { vec4 gamma4[]; };
layout(binding = 2) readonly buffer Beta1 { float beta1[]; };
layout(binding = 2) readonly buffer Beta4 { vec4 beta4[]; };
layout(binding = 3) writeonly buffer Y1 { float y1[]; };
layout(binding = 3) writeonly buffer Y4 { vec4 y4[]; };
layout(push_constant) uniform Constants {
  uint rows, cols;
  float epsilon;
};

float sum_of(vec4 v) { return (v.x + v.y) + (v.z + v.w); }

void store_run(uint start, uint run, vec4 normal) {
  if (4 * run >= cols) return;
  if (WIDE) {
    y4[start / 4 + run] = fma(normal, gamma4[run], beta4[run]);
    return;
  }
  [[unroll]] for (uint i = 0; i < 4; ++i) {
    uint col = 4 * run + i;
    if (col < cols) y1[start + col] = fma(normal[i], gamma1[col], beta1[col]);
  }
}

// The squared distances of a run from the mean; nothing past the row's end.
vec4 squares_of(vec4 v, uint run, float mean) {
  vec4 distance = v - mean;
  uvec4 col = 4 * run + uvec4(0, 1, 2, 3);
  distance = mix(vec4(0), distance, lessThan(col, uvec4(cols)));
  return distance * distance;
}

void main() {
  uint row = row_of_thread();
  bool has_row = row < rows;
  // A team without a row goes along to the barriers with row 0 and stores nothing.
  uint start = has_row ? row * cols : 0;
  uint steps = steps_of(cols);
  keep_row(start, cols, 0);
  vec4 sums = vec4(0);
  [[unroll]] for (uint i = 0; i < steps; ++i) sums += run_at(start, i, cols, 0);
  float mean = team_fold(sum_of(sums), 0, false) / float(cols);
  vec4 squares = vec4(0);
  [[unroll]] for (uint i = 0; i < steps; ++i) {
    squares += squares_of(run_at(start, i, cols, 0), run_of(i), mean);
  }
  float variance = team_fold(sum_of(squares), 1, false) / float(cols);
  if (!has_row) return;
  // A NaN or an infinity among them: all of the row is NaN.
  bool spoiled = (floatBitsToUint(variance) & 0x7f800000u) == 0x7f800000u;
  float scale = spoiled ? uintBitsToFloat(0x7fc00000u) : inversesqrt(variance + epsilon);
  [[unroll]] for (uint i = 0; i < steps; ++i) {
    store_run(start, run_of(i), (run_at(start, i, cols, 0) - mean) * scale);
  }
}
