#version 450
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_EXT_control_flow_attributes : require
// SPDX-License-Identifier: MIT
// The ceiling of products of f16 with sums in f32 by matrix units: 16 independent chains
// of 16 x 16 matrices a subgroup, one to a group, from registers. Seeds come from memory
// and the sum is stored. kFlopsAProductRound of device_code.h counts a round.

layout(local_size_x = 32) in;
layout(binding = 0) buffer Results { float results[]; };
layout(push_constant) uniform Constants { uint rounds, rounds_high, elements, elements_high; };

const uint F = 16;
const uint COUNT = 4;

void main() {
  // Whatever the dispatch before it left there.
  float seed = clamp(results[gl_WorkGroupID.x * 256], 0.5, 1.0);
  coopmat<float16_t, gl_ScopeSubgroup, F, F, gl_MatrixUseA> left[COUNT];
  coopmat<float16_t, gl_ScopeSubgroup, F, F, gl_MatrixUseB> right[COUNT];
  coopmat<float, gl_ScopeSubgroup, F, F, gl_MatrixUseAccumulator> sums[COUNT * COUNT];
  [[unroll]] for (uint i = 0; i < COUNT; ++i) {
    // Of both signs and small: sums stay ordinary numbers.
    left[i] = coopmat<float16_t, gl_ScopeSubgroup, F, F, gl_MatrixUseA>(
        float16_t(seed * (0.011 * float(i) - 0.017)));
    right[i] = coopmat<float16_t, gl_ScopeSubgroup, F, F, gl_MatrixUseB>(
        float16_t(seed * (0.013 - 0.007 * float(i))));
  }
  [[unroll]] for (uint i = 0; i < COUNT * COUNT; ++i) {
    sums[i] = coopmat<float, gl_ScopeSubgroup, F, F, gl_MatrixUseAccumulator>(seed);
  }
  for (uint round = 0; round < rounds; ++round) {
    [[unroll]] for (uint step = 0; step < 8; ++step) {
      [[unroll]] for (uint i = 0; i < COUNT * COUNT; ++i) {
        sums[i] = coopMatMulAdd(left[i / COUNT], right[i % COUNT], sums[i]);
      }
    }
  }
  [[unroll]] for (uint i = 1; i < COUNT * COUNT; ++i) sums[0] += sums[i];
  coopMatStore(sums[0], results, gl_WorkGroupID.x * 256, F,
               gl_CooperativeMatrixLayoutRowMajor);
}
