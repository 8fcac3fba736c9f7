// SPDX-License-Identifier: MIT
// Runs a scenario and counts: the whole path, from the sessions of a baseline over the
// stop rule and the verdicts to the confirmation, each trial with a baseline of its
// own.
#ifndef ASSAY_REGRESSION_SELFTEST_TRIAL_H_
#define ASSAY_REGRESSION_SELFTEST_TRIAL_H_

#include <array>
#include <cstdint>

#include "regression/selftest/common_rules.h"
#include "regression/selftest/scenario.h"
#include "regression/selftest/statistics_under_test.h"

namespace assay::selftest {

struct Counts {
  std::array<std::uint64_t, kQuantities> of{};
  std::uint64_t gates = 0;     // evaluated
  std::uint64_t sessions = 0;  // simulated
  std::uint64_t checks = 0;    // with an exact answer
  std::uint64_t inconclusive = 0;
  std::array<std::uint64_t, kCommonRules> alarms{};  // of the common rules, of gates
  // Of all verdicts and the bits of all intervals, in order: the same for the same
  // statistics and scenario, always.
  std::uint64_t fingerprint = 0;

  std::uint64_t at(Quantity quantity) const {
    return of[static_cast<std::size_t>(quantity)];
  }
  // What a quantity is a share of.
  std::uint64_t out_of(Quantity quantity) const;
};

// `trials` replaces the scenario's own number (0: its own).
Counts run_scenario(const Scenario& scenario, const Statistics& statistics,
                    std::uint32_t trials = 0);

// Whether the counts are compatible with a bar; see Bar.
bool holds(const Bar& bar, const Counts& counts);

}  // namespace assay::selftest

#endif  // ASSAY_REGRESSION_SELFTEST_TRIAL_H_
