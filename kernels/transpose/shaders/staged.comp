#version 450
#extension GL_EXT_control_flow_attributes : require
// SPDX-License-Identifier: MIT
// transpose, a tile of 64 x 64 a group, turned in group-local memory: rows of A are read
// and rows of B are written in runs of 256 bytes, 16 a thread.
//
// The pad of one word a row lets 32 threads that walk along rows, and 32 that walk along
// columns, meet in a bank no more than twice.

layout(local_size_x = 256) in;
// Operands start, and rows of A and B do, at multiples of 16 bytes, and m and n are
// multiples of four: no run is cut.
layout(constant_id = 0) const bool WIDE = true;
layout(binding = 0) readonly buffer A1 { float a1[]; };
layout(binding = 0) readonly buffer A4 { vec4 a4[]; };
layout(binding = 1) writeonly buffer B1 { float b1[]; };
layout(binding = 1) writeonly buffer B4 { vec4 b4[]; };
layout(push_constant) uniform Constants { uint m, n, lda, ldb, tiles_across; };

const uint TILE = 64;
const uint RUNS = TILE / 4;                       // of four elements in a row of a tile
const uint STEPS = TILE * RUNS / gl_WorkGroupSize.x;  // a thread
shared float tile[TILE * (TILE + 1)];

void main() {
  uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  uint row = group / tiles_across * TILE;
  uint col = group % tiles_across * TILE;
  if (row >= m) return;  // the grid is folded: all of this group
  uint x = gl_LocalInvocationID.x % RUNS * 4;
  uint y = gl_LocalInvocationID.x / RUNS;
  uint down = gl_WorkGroupSize.x / RUNS;

  vec4 runs[STEPS];
  [[unroll]] for (uint i = 0; i < STEPS; ++i) {
    uint at = row + y + i * down;
    runs[i] = vec4(0);
    if (at >= m) continue;
    if (WIDE) {
      if (col + x < n) runs[i] = a4[(at * lda + col + x) / 4];
    } else {
      [[unroll]] for (uint j = 0; j < 4; ++j) {
        if (col + x + j < n) runs[i][j] = a1[at * lda + col + x + j];
      }
    }
  }
  [[unroll]] for (uint i = 0; i < STEPS; ++i) {
    [[unroll]] for (uint j = 0; j < 4; ++j) {
      tile[(y + i * down) * (TILE + 1) + x + j] = runs[i][j];
    }
  }
  barrier();
  [[unroll]] for (uint i = 0; i < STEPS; ++i) {
    uint across = y + i * down;  // a row of B, a column of the tile
    if (col + across >= n) continue;
    vec4 run;
    [[unroll]] for (uint j = 0; j < 4; ++j) {
      run[j] = tile[(x + j) * (TILE + 1) + across];
    }
    if (WIDE) {
      if (row + x < m) b4[((col + across) * ldb + row + x) / 4] = run;
    } else {
      [[unroll]] for (uint j = 0; j < 4; ++j) {
        if (row + x + j < m) b1[(col + across) * ldb + row + x + j] = run[j];
      }
    }
  }
}
