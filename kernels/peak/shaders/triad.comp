#version 450
#extension GL_EXT_control_flow_attributes : require
// SPDX-License-Identifier: MIT
// The triad in device code: a[i] = b[i] + 0.5 * c[i], once. A group has runs of
// 16 KiB of each array, four times 16 bytes a thread, all loads before the first store:
// as the ops do that are measured against it, which a slower triad calls implausible.

layout(local_size_x = 256) in;
layout(binding = 0) writeonly buffer A { vec4 a[]; };
layout(binding = 1) readonly buffer B { vec4 b[]; };
layout(binding = 2) readonly buffer C { vec4 c[]; };
layout(push_constant) uniform Constants { uint rounds, rounds_high, elements, elements_high; };

const uint STEPS = 4;

void main() {
  uint width = gl_WorkGroupSize.x;
  uint fours = elements / 4;
  for (uint first = gl_WorkGroupID.x * STEPS * width; first < fours;
       first += gl_NumWorkGroups.x * STEPS * width) {
    uint i = first + gl_LocalInvocationID.x;
    if (first + STEPS * width <= fours) {
      vec4 left[STEPS];
      vec4 right[STEPS];
      [[unroll]] for (uint j = 0; j < STEPS; ++j) {
        left[j] = b[i + j * width];
        right[j] = c[i + j * width];
      }
      [[unroll]] for (uint j = 0; j < STEPS; ++j) {
        a[i + j * width] = left[j] + 0.5 * right[j];
      }
    } else {
      for (; i < fours; i += width) a[i] = b[i] + 0.5 * c[i];
    }
  }
}
