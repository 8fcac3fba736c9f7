#version 450
#extension GL_EXT_control_flow_attributes : require
#extension GL_GOOGLE_include_directive : require
// SPDX-License-Identifier: MIT
// matmul: A and B in f32.
#include "kernels/matmul/shaders/staged.glsl"
