// SPDX-License-Identifier: MIT
// Teams: TEAM neighbouring threads of a group, a power of two, that fold one number
// each into one that all of them have.
//
// Through group-local memory rather than by subgroups: the same order of additions, and
// so the same bits, wherever a subgroup is 8 threads or 32. Two steps of at most 16
// numbers a thread cost two barriers where a tree of 256 costs eight. Define THREADS,
// a literal, and TEAM before including it.

const uint INNER = 16;
// Two, for two folds with no barrier between them.
shared float team_values[2 * THREADS];

bool is_nan(float x) { return (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u; }

// By bits: what max() makes of a NaN is up to the device.
float larger(float a, float b) { return is_nan(a) ? a : is_nan(b) ? b : max(a, b); }

float joined(float a, float b, bool largest) { return largest ? larger(a, b) : a + b; }

// Every thread of the group calls it the same number of times, `slot` being 0 and 1 in
// turn.
float team_fold(float mine, uint slot, bool largest) {
  uint lane = gl_LocalInvocationID.x % TEAM;
  uint first = slot * THREADS + gl_LocalInvocationID.x - lane;
  team_values[first + lane] = mine;
  barrier();
  if (TEAM > INNER) {
    if (lane < INNER) {
      // A column of its own: neighbours read neighbouring words.
      float column = team_values[first + lane];
      for (uint i = 1; i < TEAM / INNER; ++i) {
        column = joined(column, team_values[first + i * INNER + lane], largest);
      }
      team_values[first + lane] = column;
    }
    barrier();
  }
  float all = team_values[first];
  for (uint i = 1; i < min(TEAM, INNER); ++i) {
    all = joined(all, team_values[first + i], largest);
  }
  return all;
}
