#version 450
#extension GL_EXT_control_flow_attributes : require
// SPDX-License-Identifier: MIT
// The triad in device code: a[i] = b[i] + 0.5 * c[i], four times 16 bytes a
// thread and step, all loads before the first store. With one load of each at a time it
// was slower than ops that had more in flight, and called them implausible.

layout(local_size_x = 256) in;
layout(binding = 0) writeonly buffer A { vec4 a[]; };
layout(binding = 1) readonly buffer B { vec4 b[]; };
layout(binding = 2) readonly buffer C { vec4 c[]; };
layout(push_constant) uniform Constants { uint rounds, rounds_high, elements, elements_high; };

const uint STEPS = 4;

void main() {
  uint threads = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
  uint fours = elements / 4;
  for (uint round = 0; round < rounds; ++round) {
    uint i = gl_GlobalInvocationID.x;
    for (; i + (STEPS - 1) * threads < fours; i += STEPS * threads) {
      vec4 left[STEPS];
      vec4 right[STEPS];
      [[unroll]] for (uint j = 0; j < STEPS; ++j) {
        left[j] = b[i + j * threads];
        right[j] = c[i + j * threads];
      }
      [[unroll]] for (uint j = 0; j < STEPS; ++j) {
        a[i + j * threads] = left[j] + 0.5 * right[j];
      }
    }
    for (; i < fours; i += threads) a[i] = b[i] + 0.5 * c[i];
  }
}
