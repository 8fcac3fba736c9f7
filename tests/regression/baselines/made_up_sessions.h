// SPDX-License-Identifier: MIT
// Recorded sessions with known log ratios, and baselines made of them.
#ifndef ASSAY_TESTS_REGRESSION_BASELINES_MADE_UP_SESSIONS_H_
#define ASSAY_TESTS_REGRESSION_BASELINES_MADE_UP_SESSIONS_H_

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "regression/baselines/refresh.h"
#include "regression/baselines/sha256.h"
#include "tests/regression/judge/made_up.h"

namespace assay::baselines {

inline constexpr const char* kGate = "matmul.f32.8x8x8.packed.vs.openblas.cus1.kernel";
inline constexpr const char* kOtherGate = "runtime.submit.cus1.call";
inline constexpr const char* kCommit = "0123456789ab";
inline constexpr const char* kLater = "fedcba987654";  // a later one

inline measure::Machine made_up_machine() {
  return {.cpu_model = "Made Up 9000",
          .vendor = "AuthenticAMD",
          .family = 26,
          .model = 2,
          .cpus = 2,
          .isa = "avx512",
          .isa_flags = {"avx2", "avx512f", "fma"},
          .l1d_bytes = 49152,
          .l2_bytes = 1048576,
          .l3_bytes = 33554432,
          .hypervisor = "kvm",
          .kernel = "Linux 6.1.0-18-amd64",
          .huge_pages = "madvise"};
}

inline measure::Build made_up_build() {
  return {"0.1.0", kCommit, "gcc 12.2.0", "Release"};
}

// Processes whose log ratios have this mean and, for five of them, exactly this sample
// standard deviation.
inline measure::Comparison made_up_gate(const std::string& id, double log_ratio,
                                        double process_sd = 0.004,
                                        std::size_t processes = 5) {
  measure::Comparison comparison = judge::steady(1e6, 1e6, processes, 8);
  comparison.id = id;
  comparison.audit.flavour = "OpenBLAS";
  comparison.audit.version = "0.3.21";
  comparison.audit.core_name = "Cooperlake";
  comparison.audit.threads = 2;
  const double middle = (static_cast<double>(processes) - 1) / 2;
  judge::for_each_block(comparison, [&](std::size_t p, std::size_t, auto& block) {
    const double z = (static_cast<double>(p) - middle) / std::sqrt(2.5);
    block.library_ns.fill(1e6 * std::exp(log_ratio + process_sd * z));
  });
  return comparison;
}

inline measure::Comparison made_up_control() {
  measure::Comparison control = made_up_gate("control.matmul", 0);
  control.library = {"packed", "control", ""};
  control.audit = {};
  return control;
}

// A session with the two gates and a control, starting `number` hours into a day.
inline RecordedSession made_up_session(int number, double log_ratio = 0.2,
                                       double other_log_ratio = -0.5) {
  RecordedSession recorded;
  recorded.session.suite = "core";
  measure::Results& results = recorded.session.results;
  results.build = made_up_build();
  results.machine = made_up_machine();
  results.utc = fmt::format("2026-01-31T{:02}:00:00Z", number);
  results.comparisons = {made_up_gate(kGate, log_ratio),
                         made_up_gate(kOtherGate, other_log_ratio), made_up_control()};
  recorded.sha256 = sha256_hex(fmt::format("{} {}", results.utc, log_ratio));
  return recorded;
}

// Five sessions, the fewest that tell how far sessions differ: intervals are narrow.
inline std::vector<RecordedSession> made_up_sessions(double log_ratio = 0.2,
                                                     double other_log_ratio = -0.5,
                                                     int count = 5) {
  std::vector<RecordedSession> sessions;
  sessions.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    sessions.push_back(made_up_session(i, log_ratio, other_log_ratio));
  }
  return sessions;
}

inline RefreshOptions made_up_options() {
  RefreshOptions options;
  options.gate_ids = {kGate, kOtherGate};
  options.ancestry = Ancestry::yes;
  return options;
}

inline Proposal made_up_proposal(double log_ratio = 0.2) {
  return propose(made_up_sessions(log_ratio), std::nullopt, "", made_up_options());
}

// A baseline that leaves out its second gate and had it before.
inline Baseline made_up_left_out() {
  const GateEntry last = made_up_proposal().baseline.gates.at(kOtherGate);
  std::vector<RecordedSession> sessions = made_up_sessions();
  for (RecordedSession& recorded : sessions) {
    recorded.session.results.comparisons[1] = made_up_gate(kOtherGate, -0.5, 0.06);
  }
  RefreshOptions options = made_up_options();
  options.left_out = {{kOtherGate, "a neighbour"}};
  Baseline made = propose(sessions, std::nullopt, "", options).baseline;
  made.left_out.at(kOtherGate).loosened = {"its machine is sold", "fedcba987654", last};
  return made;
}

inline const GateChange& change_of(const Proposal& proposal, const std::string& gate) {
  return *std::ranges::find(proposal.changes, gate, &GateChange::gate);
}

}  // namespace assay::baselines

#endif  // ASSAY_TESTS_REGRESSION_BASELINES_MADE_UP_SESSIONS_H_
