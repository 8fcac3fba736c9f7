// SPDX-License-Identifier: MIT
// Rows of a matrix, one a team: how a thread finds its row and its runs of four
// elements, and where it keeps them. Include it in a shader with the bindings Row1 and
// Row4 below free.
//
// Specialized by kernels/common/device_rows.h: TEAM threads a row, KEPT runs a thread in
// registers, all of the row's; 0: a row is too long for that and is read in each pass.

#define THREADS 256
layout(local_size_x = THREADS) in;
layout(constant_id = 0) const uint TEAM = 256;
layout(constant_id = 1) const uint KEPT = 4;
// Rows start at multiples of 16 bytes.
layout(constant_id = 2) const bool WIDE = true;

#include "kernels/common/shaders/team.glsl"

layout(binding = 0) readonly buffer Row1 { float x1[]; };
layout(binding = 0) readonly buffer Row4 { vec4 x4[]; };

vec4 kept[KEPT == 0 ? 1 : KEPT];

uint row_of_thread() {
  uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  return group * (THREADS / TEAM) + gl_LocalInvocationID.x / TEAM;
}

// Run number `run` of a row, which begins at element `start`; past its end, `beyond`.
vec4 load_run(uint start, uint run, uint cols, float beyond) {
  vec4 value = vec4(beyond);
  if (4 * run >= cols) return value;
  if (WIDE) return x4[start / 4 + run];
  [[unroll]] for (uint i = 0; i < 4; ++i) {
    if (4 * run + i < cols) value[i] = x1[start + 4 * run + i];
  }
  return value;
}

// The thread's runs are lane, lane + TEAM, ...: so many of them.
uint steps_of(uint cols) {
  return KEPT != 0 ? KEPT : (cols + 4 * TEAM - 1) / (4 * TEAM);
}
uint run_of(uint at) { return gl_LocalInvocationID.x % TEAM + at * TEAM; }

// All of the row before it is used: as many loads in flight as there are runs.
void keep_row(uint start, uint cols, float beyond) {
  if (KEPT == 0) return;
  [[unroll]] for (uint i = 0; i < KEPT; ++i) {
    kept[i] = load_run(start, run_of(i), cols, beyond);
  }
}

vec4 run_at(uint start, uint at, uint cols, float beyond) {
  if (KEPT != 0) return kept[at];
  return load_run(start, run_of(at), cols, beyond);
}
