#version 450
#extension GL_GOOGLE_include_directive : require
// SPDX-License-Identifier: MIT
#include "share.glsl"

layout(binding = 0) buffer Counter { uint counter[]; };

void main() {
  if (gl_LocalInvocationID.x == 0) atomicAdd(counter[0], 1);
}
