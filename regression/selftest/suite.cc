// SPDX-License-Identifier: MIT
#include "regression/selftest/suite.h"

#include <algorithm>

#include "regression/selftest/mutants.h"

namespace assay::selftest {
namespace {

// The scenario that is there for it first; the others may still find what it missed.
MutantResult hunt(const Mutant& mutant, std::uint32_t trials) {
  MutantResult result{.name = std::string(mutant.statistics->name()),
                      .idea = std::string(mutant.idea),
                      .killed_by = "",
                      .because = ""};
  std::vector<const Scenario*> order;
  for (const Scenario& scenario : scenarios()) {
    // There the mutation is not what would be found.
    if (!scenario.needs_guards) order.push_back(&scenario);
  }
  // Not std::ranges: clang 14 cannot compile libstdc++'s subrange.
  std::stable_partition(order.begin(), order.end(), [&](const Scenario* scenario) {
    return scenario->name == mutant.killed_by;
  });
  for (const Scenario* scenario : order) {
    const ScenarioResult run = run_and_check(*scenario, *mutant.statistics, trials);
    if (run.broken.empty()) continue;
    result.killed_by = scenario->name;
    result.because = describe(run.broken.front(), run.counts);
    break;
  }
  return result;
}

}  // namespace

ScenarioResult run_and_check(const Scenario& scenario, const Statistics& statistics,
                             std::uint32_t trials) {
  ScenarioResult result;
  result.scenario = &scenario;
  result.counts = run_scenario(scenario, statistics, trials);
  for (const Bar& bar : scenario.bars) {
    if (!holds(bar, result.counts)) result.broken.push_back(bar);
  }
  return result;
}

SuiteResult run_suite(const SuiteOptions& options) {
  SuiteResult result;
  const JudgeStatistics judge;
  for (const Scenario& scenario : scenarios()) {
    options.progress("scenario: " + std::string(scenario.name));
    result.scenarios.push_back(run_and_check(scenario, judge, options.trials));
  }
  for (const Mutant& mutant : mutants()) {
    options.progress("mutant: " + std::string(mutant.statistics->name()));
    result.mutants.push_back(hunt(mutant, options.trials));
  }
  return result;
}

bool passed(const SuiteResult& result) {
  return std::ranges::all_of(result.scenarios,
                             [](const auto& row) { return row.broken.empty(); }) &&
         std::ranges::none_of(result.mutants,
                              [](const auto& row) { return row.killed_by.empty(); });
}

}  // namespace assay::selftest
