// SPDX-License-Identifier: MIT
// The offline suite as a table: what is simulated, and what must hold of it.
#ifndef ASSAY_REGRESSION_SELFTEST_SCENARIO_H_
#define ASSAY_REGRESSION_SELFTEST_SCENARIO_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "regression/judge/gate.h"
#include "regression/selftest/model.h"

namespace assay::selftest {

// What is counted. Of gates, but for the last three.
enum class Quantity : std::uint8_t {
  green,  // pass, within tolerance, improved
  regressed,
  library_changed,
  undecidable,     // wider than its tier decides, with every process allowed
  low_misses,      // the whole first interval is above the truth
  high_misses,     // the whole first interval is below the truth
  misses,          // either
  candidates,      // of sessions: some gate asked for a confirmation
  control_misses,  // of sessions: the control's interval leaves 1 out
  wrong_edges,     // of checks with an exact answer
};
inline constexpr std::size_t kQuantities = 10;
std::string_view to_string(Quantity quantity) noexcept;

enum class Sense : std::uint8_t {
  at_most,
  at_least,
  balanced,  // against high_misses, for low_misses
};

// A share that must hold. A count fails it when it is so far off that a share at the
// limit would give one like it less than once in 10 000 times (exact binomial); shares
// 0 and 1 are meant literally.
struct Bar {
  Quantity quantity = Quantity::green;
  Sense sense = Sense::at_most;
  double limit = 0;
};

enum class Kind : std::uint8_t {
  sessions,          // baseline sessions, a session, its confirmations
  order_statistics,  // the interval of a median of 8 and of 16 values
  edges,             // cases whose answer is exact
};

struct Scenario {
  std::string_view name;
  Kind kind = Kind::sessions;
  Model model;
  Change change;
  judge::Tier tier = judge::Tier::tight;
  std::uint32_t trials = 400;  // sessions, each with a baseline of its own
  std::uint32_t gates = 1;     // of a session
  std::uint32_t baseline_sessions = 5;
  std::uint32_t baseline_processes = 5;  // of each
  std::uint32_t min_processes = 5;
  std::uint32_t max_processes = 10;
  bool has_control = false;
  // Only the judge can hold its bars: what is rebuilt of its pieces has no watches.
  bool needs_guards = false;
  std::vector<Bar> bars;
};

const std::vector<Scenario>& scenarios();
// Null when there is none of that name.
const Scenario* find_scenario(std::string_view name);

}  // namespace assay::selftest

#endif  // ASSAY_REGRESSION_SELFTEST_SCENARIO_H_
