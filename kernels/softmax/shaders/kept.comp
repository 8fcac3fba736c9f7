#version 450
#extension GL_EXT_control_flow_attributes : require
#extension GL_GOOGLE_include_directive : require
// SPDX-License-Identifier: MIT
// softmax, a row a team: read once into registers where it fits, the largest element,
// the sum of exp, and the results.

#include "kernels/common/shaders/row.glsl"

layout(binding = 1) writeonly buffer Y1 { float y1[]; };
layout(binding = 1) writeonly buffer Y4 { vec4 y4[]; };
layout(push_constant) uniform Constants { uint rows, cols; };

#define MINUS_INFINITY uintBitsToFloat(0xff800000u)

// exp of what is not positive, with the coefficients of exp-inl.h and for its reasons:
// the device's own errs by (3 + 2 |d|) ulp, twice what the contract leaves it.
vec4 exp_of(vec4 d) {
  vec4 x = max(d, vec4(-88));
  vec4 n = floor(fma(x, vec4(1.44269502), vec4(0.5)));
  vec4 r = fma(n, vec4(-0.693145752), x);
  r = fma(n, vec4(-1.42860677e-06), r);
  vec4 p = fma(vec4(0.00139336498), r, vec4(0.00836915523));
  p = fma(p, r, vec4(0.0416664667));
  p = fma(p, r, vec4(0.166665047));
  p = fma(p, r, vec4(0.5));
  p = fma(p, r, vec4(1));
  p = fma(p, r, vec4(1));
  vec4 scaled = p * uintBitsToFloat(uvec4(ivec4(n) + 127) << 23);
  // Below ln(2^-126) it is 0.
  return mix(scaled, vec4(0), lessThan(d, vec4(-87.3365402)));
}

float sum_of(vec4 v) { return (v.x + v.y) + (v.z + v.w); }

void store_run(uint start, uint run, vec4 value) {
  if (4 * run >= cols) return;
  if (WIDE) {
    y4[start / 4 + run] = value;
    return;
  }
  [[unroll]] for (uint i = 0; i < 4; ++i) {
    if (4 * run + i < cols) y1[start + 4 * run + i] = value[i];
  }
}

// The largest of the thread's elements; NaN with one among them.
float largest_of_thread(uint start, uint steps) {
  vec4 largest = vec4(MINUS_INFINITY);
  bool nan_met = false;
  [[unroll]] for (uint i = 0; i < steps; ++i) {
    vec4 v = run_at(start, i, cols, MINUS_INFINITY);
    largest = max(largest, v);
    nan_met = nan_met || is_nan(v.x) || is_nan(v.y) || is_nan(v.z) || is_nan(v.w);
  }
  return nan_met ? uintBitsToFloat(0x7fc00000u)
                 : max(max(largest.x, largest.y), max(largest.z, largest.w));
}

void main() {
  uint row = row_of_thread();
  bool has_row = row < rows;
  // A team without a row goes along to the barriers with row 0 and stores nothing.
  uint start = has_row ? row * cols : 0;
  uint steps = steps_of(cols);
  keep_row(start, cols, MINUS_INFINITY);
  float largest = team_fold(largest_of_thread(start, steps), 0, true);
  vec4 sums = vec4(0);
  [[unroll]] for (uint i = 0; i < steps; ++i) {
    vec4 e = exp_of(run_at(start, i, cols, MINUS_INFINITY) - largest);
    if (KEPT != 0) kept[i] = e;
    sums += e;
  }
  float scale = 1 / team_fold(sum_of(sums), 1, false);
  if (!has_row) return;
  // NaN, +Inf, or nothing but -Inf: all of the row is NaN.
  bool spoiled = (floatBitsToUint(largest) & 0x7f800000u) == 0x7f800000u;
  [[unroll]] for (uint i = 0; i < steps; ++i) {
    vec4 e = KEPT != 0 ? kept[i]
                       : exp_of(run_at(start, i, cols, MINUS_INFINITY) - largest);
    store_run(start, run_of(i), spoiled ? vec4(uintBitsToFloat(0x7fc00000u)) : e * scale);
  }
}
