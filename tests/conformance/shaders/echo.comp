#version 450
#extension GL_GOOGLE_include_directive : require
// SPDX-License-Identifier: MIT
#include "share.glsl"

layout(binding = 0) writeonly buffer Heard { uint heard[]; };
layout(push_constant) uniform Constants { uint words[32]; };

void main() {
  uint i = gl_LocalInvocationID.x;
  if (i < 32) heard[linear_group() * 32 + i] = words[i];
}
