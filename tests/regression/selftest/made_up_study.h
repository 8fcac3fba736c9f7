// SPDX-License-Identifier: MIT
// Recorded sessions of a study and their baseline, simulated.
#ifndef ASSAY_TESTS_REGRESSION_SELFTEST_MADE_UP_STUDY_H_
#define ASSAY_TESTS_REGRESSION_SELFTEST_MADE_UP_STUDY_H_

#include <fmt/core.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "regression/baselines/figures.h"
#include "regression/baselines/store.h"
#include "regression/judge/arms.h"
#include "regression/judge/statistics.h"
#include "regression/selftest/model.h"
#include "regression/selftest/study.h"
#include "tests/regression/baselines/made_up_sessions.h"

namespace assay::selftest {

inline constexpr std::uint32_t kStudyGates = 6;  // every third in the standard tier

inline judge::Tier study_tier(std::uint32_t gate) {
  return gate % 3 == 2 ? judge::Tier::standard : judge::Tier::tight;
}

inline measure::Comparison study_gate(SyntheticSession& session, std::uint32_t number) {
  measure::Comparison gate = baselines::made_up_gate(fmt::format("gate.{}", number), 0);
  const measure::Comparison blank = blank_comparison();
  gate.flops = blank.flops;
  gate.processes.clear();
  for (int p = 0; p < 5; ++p) session.add_process(gate);
  return gate;
}

// The name tells disturbed ones; the seed makes it another session.
inline RecordedSession study_session(const std::string& name, double injected,
                                     std::uint64_t seed) {
  Random random(seed);
  RecordedSession recorded;
  recorded.name = name;
  recorded.session = baselines::made_up_session(0).session;
  recorded.session.injected = injected;
  measure::Results& results = recorded.session.results;
  results.comparisons = {baselines::made_up_control()};
  for (std::uint32_t g = 0; g < kStudyGates; ++g) {
    SyntheticSession session({}, {.custom = injected}, false, random);
    results.comparisons.push_back(study_gate(session, g));
    if (injected == 0) continue;
    recorded.session.confirmations.push_back(study_gate(session, g));
  }
  return recorded;
}

inline void save_study_baseline(const std::string& root) {
  const RecordedSession first = study_session("first", 0, 100);
  const measure::Results& results = first.session.results;
  baselines::Baseline baseline;
  baseline.suite = first.session.suite;
  baseline.host = baselines::host_class_of(results.machine, results.build);
  baseline.provenance = {.commit = baselines::kCommit,
                         .tool_version = "0.1.0",
                         .compiler = "gcc 12.2.0",
                         .sessions = {}};
  std::vector<std::vector<std::vector<double>>> ratios(kStudyGates);
  for (std::uint64_t s = 0; s < 5; ++s) {
    const RecordedSession recorded = study_session("baseline", 0, 100 + s);
    const auto& comparisons = recorded.session.results.comparisons;
    for (std::uint32_t g = 0; g < kStudyGates; ++g) {
      ratios[g].push_back(judge::process_log_ratios(comparisons[g + 1], {}));
    }
    baseline.provenance.sessions.push_back(
        {fmt::format("2026-01-31T{:02}:00:00Z", s), baselines::kCommit,
         baselines::sha256_hex(fmt::format("{}", s)), 5, 0.001});
  }
  for (std::uint32_t g = 0; g < kStudyGates; ++g) {
    baselines::GateEntry& entry = baseline.gates[fmt::format("gate.{}", g)];
    entry.reference = baselines::six_digits(judge::reference_from_sessions(ratios[g]));
    entry.reference.tier = study_tier(g);
    entry.library = baselines::library_identity(results.comparisons[g + 1]);
    entry.anchor = {entry.reference.log_ratio, baselines::kCommit};
  }
  const std::string path =
      baselines::baseline_path(root, baseline.suite, baseline.host);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  baselines::save_baseline(path, baseline, "");
}

}  // namespace assay::selftest

#endif  // ASSAY_TESTS_REGRESSION_SELFTEST_MADE_UP_STUDY_H_
