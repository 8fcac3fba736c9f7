#version 450
#extension GL_EXT_control_flow_attributes : require
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_shader_16bit_storage : require
// SPDX-License-Identifier: MIT
// matmul_f16 and matmul_bf16: A and B in 16 bits, widened on the way into the slices.
#define NARROW
#include "kernels/matmul/shaders/staged.glsl"
