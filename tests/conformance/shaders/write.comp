#version 450
#extension GL_GOOGLE_include_directive : require
// SPDX-License-Identifier: MIT
#include "share.glsl"

layout(binding = 0) writeonly buffer Data { uint data[]; };
layout(push_constant) uniform Constants { uint value; };

void main() {
  FOR_MY_WORDS(i, data.length()) data[i] = value;
}
