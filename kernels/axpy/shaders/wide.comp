#version 450
#extension GL_EXT_control_flow_attributes : require
// SPDX-License-Identifier: MIT
// axpy, 16 bytes a thread and step. All loads of a thread come before its first store:
// eight are in flight, where memory takes hundreds of cycles to answer.

layout(local_size_x = 256) in;
// Operands start at multiples of 16 bytes.
layout(constant_id = 0) const bool WIDE = true;
layout(binding = 0) readonly buffer X1 { float x1[]; };
layout(binding = 0) readonly buffer X4 { vec4 x4[]; };
layout(binding = 1) buffer Y1 { float y1[]; };
layout(binding = 1) buffer Y4 { vec4 y4[]; };
layout(push_constant) uniform Constants {
  uint n;
  float alpha;
};

const uint STEPS = 4;  // kStepsAThread of wide.cc

vec4 load_x(uint i) {
  if (WIDE) return x4[i];
  return vec4(x1[4 * i], x1[4 * i + 1], x1[4 * i + 2], x1[4 * i + 3]);
}

vec4 load_y(uint i) {
  if (WIDE) return y4[i];
  return vec4(y1[4 * i], y1[4 * i + 1], y1[4 * i + 2], y1[4 * i + 3]);
}

void store_y(uint i, vec4 value) {
  if (WIDE) {
    y4[i] = value;
  } else {
    [[unroll]] for (uint j = 0; j < 4; ++j) y1[4 * i + j] = value[j];
  }
}

void main() {
  uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  uint thread = gl_LocalInvocationID.x;
  uint fours = n / 4;
  uint first = group * (STEPS * gl_WorkGroupSize.x) + thread;
  if (first + (STEPS - 1) * gl_WorkGroupSize.x < fours) {
    vec4 x[STEPS];
    vec4 y[STEPS];
    [[unroll]] for (uint i = 0; i < STEPS; ++i) {
      x[i] = load_x(first + i * gl_WorkGroupSize.x);
      y[i] = load_y(first + i * gl_WorkGroupSize.x);
    }
    [[unroll]] for (uint i = 0; i < STEPS; ++i) {
      store_y(first + i * gl_WorkGroupSize.x, fma(vec4(alpha), x[i], y[i]));
    }
  } else {
    for (uint i = first; i < fours; i += gl_WorkGroupSize.x) {
      store_y(i, fma(vec4(alpha), load_x(i), load_y(i)));
    }
  }
  // What is left of n.
  if (group == 0 && thread < n % 4) {
    uint i = fours * 4 + thread;
    y1[i] = fma(alpha, x1[i], y1[i]);
  }
}
