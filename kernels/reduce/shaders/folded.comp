#version 450
#extension GL_EXT_control_flow_attributes : require
#extension GL_GOOGLE_include_directive : require
// SPDX-License-Identifier: MIT
// reduce: each group folds a chunk into one number; a second dispatch of one group
// folds those. No atomics, so the order is the same in every run.

#define THREADS 256
#define TEAM THREADS
layout(local_size_x = THREADS) in;
// Kind of reduce.h: sum, dot, max.
layout(constant_id = 0) const uint KIND = 0;
// Operands start at multiples of 16 bytes.
layout(constant_id = 1) const bool WIDE = true;
layout(binding = 0) readonly buffer X1 { float x1[]; };
layout(binding = 0) readonly buffer X4 { vec4 x4[]; };
// x again but for a dot.
layout(binding = 1) readonly buffer Z1 { float z1[]; };
layout(binding = 1) readonly buffer Z4 { vec4 z4[]; };
layout(binding = 2) writeonly buffer Results { float results[]; };
layout(push_constant) uniform Constants {
  uint n;
  uint chunk;  // elements a group, a multiple of 4
};

#include "kernels/common/shaders/team.glsl"

const bool LARGEST = KIND == 2;
const bool DOT = KIND == 1;
const uint STEPS = 4;

vec4 load_x(uint i) {
  if (WIDE) return x4[i];
  return vec4(x1[4 * i], x1[4 * i + 1], x1[4 * i + 2], x1[4 * i + 3]);
}

vec4 load_z(uint i) {
  if (WIDE) return z4[i];
  return vec4(z1[4 * i], z1[4 * i + 1], z1[4 * i + 2], z1[4 * i + 3]);
}

// What the thread has so far: four times four partial results, and whether a NaN was
// met, which a maximum may not show.
vec4 partial[STEPS];
bool nan_met = false;

void take(uint step, vec4 x, vec4 z) {
  if (LARGEST) {
    partial[step] = max(partial[step], x);
    nan_met = nan_met || is_nan(x.x) || is_nan(x.y) || is_nan(x.z) || is_nan(x.w);
  } else if (DOT) {
    partial[step] = fma(x, z, partial[step]);
  } else {
    partial[step] += x;
  }
}

float join(float a, float b) { return joined(a, b, LARGEST); }

void main() {
  float neutral = LARGEST ? uintBitsToFloat(0xff800000u) : 0.0;
  [[unroll]] for (uint i = 0; i < STEPS; ++i) partial[i] = vec4(neutral);
  uint thread = gl_LocalInvocationID.x;
  uint begin = gl_WorkGroupID.x * chunk;
  uint end = min(n, begin + chunk);
  uint i = begin / 4 + thread;
  // All loads of a round before the first sum.
  for (; i + (STEPS - 1) * THREADS < end / 4; i += STEPS * THREADS) {
    vec4 x[STEPS];
    vec4 z[STEPS];
    [[unroll]] for (uint j = 0; j < STEPS; ++j) {
      x[j] = load_x(i + j * THREADS);
      if (DOT) z[j] = load_z(i + j * THREADS);
    }
    [[unroll]] for (uint j = 0; j < STEPS; ++j) take(j, x[j], DOT ? z[j] : x[j]);
  }
  for (; i < end / 4; i += THREADS) {
    vec4 x = load_x(i);
    take(0, x, DOT ? load_z(i) : x);
  }
  // What is left of n, in the last group.
  if (thread < end % 4) {
    uint last = end / 4 * 4 + thread;
    vec4 x = vec4(x1[last], vec3(neutral));
    take(1, x, DOT ? vec4(z1[last], vec3(0)) : x);
  }
  vec4 folded = partial[0];
  [[unroll]] for (uint j = 1; j < STEPS; ++j) {
    folded = LARGEST ? max(folded, partial[j]) : folded + partial[j];
  }
  float mine = join(join(folded.x, folded.y), join(folded.z, folded.w));
  if (LARGEST && nan_met) mine = uintBitsToFloat(0x7fc00000u);
  float all = team_fold(mine, 0, LARGEST);
  if (thread == 0) results[gl_WorkGroupID.x] = all;
}
