#version 450
// SPDX-License-Identifier: MIT
// The triad in device code: a[i] = b[i] + 0.5 * c[i], 16 bytes a thread and step.

layout(local_size_x = 256) in;
layout(binding = 0) writeonly buffer A { vec4 a[]; };
layout(binding = 1) readonly buffer B { vec4 b[]; };
layout(binding = 2) readonly buffer C { vec4 c[]; };
layout(push_constant) uniform Constants { uint rounds, rounds_high, elements, elements_high; };

void main() {
  uint threads = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
  for (uint round = 0; round < rounds; ++round) {
    for (uint i = gl_GlobalInvocationID.x; i < elements / 4; i += threads) {
      a[i] = b[i] + 0.5 * c[i];
    }
  }
}
