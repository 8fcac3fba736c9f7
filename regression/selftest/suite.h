// SPDX-License-Identifier: MIT
// The offline suite: every scenario against the judge, every mutant against the
// scenarios.
#ifndef ASSAY_REGRESSION_SELFTEST_SUITE_H_
#define ASSAY_REGRESSION_SELFTEST_SUITE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "regression/selftest/scenario.h"
#include "regression/selftest/trial.h"

namespace assay::selftest {

struct ScenarioResult {
  const Scenario* scenario = nullptr;
  Counts counts;
  std::vector<Bar> broken;
};

struct MutantResult {
  std::string name;
  std::string idea;
  std::string killed_by;  // empty: it survived
  std::string because;    // the bar it broke, with numbers
};

struct SuiteResult {
  std::vector<ScenarioResult> scenarios;
  std::vector<MutantResult> mutants;
};

struct SuiteOptions {
  std::uint32_t trials = 0;  // of each scenario of sessions; 0: its own number
  std::function<void(const std::string&)> progress = [](const std::string&) {};
};

SuiteResult run_suite(const SuiteOptions& options = {});

ScenarioResult run_and_check(const Scenario& scenario, const Statistics& statistics,
                             std::uint32_t trials = 0);

// Every bar held, every mutant killed.
bool passed(const SuiteResult& result);

// Both as tables, in Markdown that reads well in a terminal.
std::string to_text(const SuiteResult& result);
// "regressed 12 of 400, at most 5 %".
std::string describe(const Bar& bar, const Counts& counts);
// "12.5 %"; "-" of nothing.
std::string share(std::uint64_t count, std::uint64_t all);

}  // namespace assay::selftest

#endif  // ASSAY_REGRESSION_SELFTEST_SUITE_H_
