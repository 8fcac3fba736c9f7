#version 450
#extension GL_GOOGLE_include_directive : require
// SPDX-License-Identifier: MIT
#include "share.glsl"

layout(binding = 0) readonly buffer A { uint a[]; };
layout(binding = 1) writeonly buffer B { uint b[]; };
layout(binding = 2) readonly buffer C { uint c[]; };
layout(binding = 3) writeonly buffer Sizes { uint sizes[]; };

void main() {
  if (gl_LocalInvocationID.x != 0) return;
  sizes[3 * linear_group()] = a.length();
  sizes[3 * linear_group() + 1] = b.length();
  sizes[3 * linear_group() + 2] = c.length();
}
