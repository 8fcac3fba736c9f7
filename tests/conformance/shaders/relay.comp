#version 450
#extension GL_GOOGLE_include_directive : require
// SPDX-License-Identifier: MIT
#include "share.glsl"

layout(binding = 0) buffer Data { uint data[]; };
layout(binding = 1) buffer Errors { uint errors[]; };
layout(push_constant) uniform Constants { uint expected; };

void main() {
  FOR_MY_WORDS(i, data.length()) {
    if (data[i] != expected) atomicAdd(errors[0], 1);
    data[i] = expected + 1;
  }
}
