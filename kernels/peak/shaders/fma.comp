#version 450
#extension GL_EXT_control_flow_attributes : require
// SPDX-License-Identifier: MIT
// The FMA ceiling in device code: 32 independent chains a thread, from registers. Seeds
// come from memory and every thread stores its sum: nothing can be computed before or
// dropped. kFlopsARound of device_code.h counts a round.

layout(local_size_x = 256) in;
layout(binding = 0) buffer Results { float results[]; };
layout(push_constant) uniform Constants { uint rounds, rounds_high, elements, elements_high; };

void main() {
  float seed = results[gl_GlobalInvocationID.x];
  // Each chain ends near 1, where products stay ordinary numbers.
  vec4 scale = vec4(0.5 * seed);
  vec4 chains[8];
  [[unroll]] for (uint i = 0; i < 8; ++i) {
    chains[i] = seed + vec4(4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3);
  }
  for (uint round = 0; round < rounds; ++round) {
    [[unroll]] for (uint step = 0; step < 8; ++step) {
      [[unroll]] for (uint i = 0; i < 8; ++i) chains[i] = fma(chains[i], scale, scale);
    }
  }
  vec4 sum = vec4(0);
  [[unroll]] for (uint i = 0; i < 8; ++i) sum += chains[i];
  results[gl_GlobalInvocationID.x] = (sum.x + sum.y + sum.z + sum.w) / 32;
}
