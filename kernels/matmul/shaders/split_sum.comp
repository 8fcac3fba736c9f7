#version 450
#extension GL_EXT_control_flow_attributes : require
// SPDX-License-Identifier: MIT
// C = alpha * (W[0] + W[1] + ...) + beta * C, the second pass of a matmul whose depth was
// split: one matrix of sums a part, rows of `ldw` numbers, one behind the other.
//
// 32 neighbouring elements a group. Eight threads share the parts of an element, each
// takes every eighth in order, and the eight sums are added in order: what an element
// rounds to depends on the number of parts and nothing else. One thread an element waits
// for memory as many times as there are parts.
layout(local_size_x = 256) in;
layout(binding = 0) readonly buffer W { float w[]; };
layout(binding = 1) buffer C { float c[]; };
layout(push_constant) uniform Constants {
  uint m, n, ldw, ldc, parts;
  float alpha, beta;
};

const uint COLS = 32;
const uint LANES = 8;
shared float partial[LANES][COLS];

void main() {
  uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  uint lane = gl_LocalInvocationID.x / COLS;
  uint column = gl_LocalInvocationID.x % COLS;
  uint size = m * ldw;
  uint element = group * COLS + column;
  float sum = 0;
  if (element < size) {
    for (uint part = lane; part < parts; part += LANES) sum += w[part * size + element];
  }
  partial[lane][column] = sum;
  barrier();
  uint row = element / ldw;
  uint col = element % ldw;
  if (lane != 0 || element >= size || col >= n) return;
  [[unroll]] for (uint i = 1; i < LANES; ++i) sum += partial[i][column];
  float value = alpha * sum;
  // With beta 0, C is not read.
  if (beta != 0) value += beta * c[row * ldc + col];
  c[row * ldc + col] = value;
}
