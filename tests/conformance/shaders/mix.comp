#version 450
#extension GL_GOOGLE_include_directive : require
// SPDX-License-Identifier: MIT
#include "share.glsl"

layout(binding = 0) readonly buffer Source { uint source[]; };
layout(binding = 1) buffer Target { uint target[]; };
layout(push_constant) uniform Constants { uint constant; };

void main() {
  FOR_MY_WORDS(i, target.length()) {
    target[i] = target[i] * 1664525u + (source[i] ^ constant);
  }
}
