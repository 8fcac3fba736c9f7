#version 450
#extension GL_GOOGLE_include_directive : require
// SPDX-License-Identifier: MIT
#include "share.glsl"

layout(binding = 0) buffer Runs { uint runs[]; };
layout(binding = 1) buffer Strangers { uint strangers[]; };
layout(push_constant) uniform Constants { uint x, y, z; };

void main() {
  if (gl_LocalInvocationID.x != 0) return;
  bool inside = all(lessThan(gl_WorkGroupID, uvec3(x, y, z)));
  if (!inside || gl_NumWorkGroups != uvec3(x, y, z)) {
    atomicAdd(strangers[0], 1);
  } else {
    atomicAdd(runs[linear_group()], 1);
  }
}
