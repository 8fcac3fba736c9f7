// SPDX-License-Identifier: MIT
// Measures a gate session: round after round, one worker process a case and round, so
// that slow drift of the machine meets every case alike.
#ifndef ASSAY_REGRESSION_MEASURE_SESSION_RUN_H_
#define ASSAY_REGRESSION_MEASURE_SESSION_RUN_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/common/op.h"
#include "regression/measure/case.h"
#include "regression/measure/run.h"
#include "regression/measure/session.h"

namespace assay::measure {

struct SessionRequest {
  std::string suite;
  std::vector<Case> cases;
  std::span<const Op* const> ops;
  // Not empty: only gates whose id contains one of these (controls always).
  std::vector<std::string> only;
  // Many short processes: on the same machine the spread between processes (1 to 3 %)
  // was larger than what one of them can average out in half a second.
  std::uint32_t min_processes = 10;
  std::uint32_t max_processes = 20;
  // Short epochs in many blocks: on a virtual machine that others share, many blocks of
  // 2.5 ms epochs had a third of the noise of 8 blocks of 10 ms (between processes, an
  // implementation against itself: 0.3 % for 0.8 %), for the same time.
  std::uint32_t blocks = 32;
  double epoch_ms = 2.5;
  double pass_ms = 150;  // SamplerOptions::pass_ms
  std::uint64_t seed = 1;
  double inject = 0;      // Session::injected
  std::string base_path;  // A/B: executable of the other build; empty: none
  std::chrono::seconds worker_timeout{120};
  std::chrono::seconds time_budget{0};  // past it nothing new starts; zero: none
};

// Runs worker processes for one session. Not thread-safe.
class SessionRun {
 public:
  // Checks what can be checked before anything starts; throws Error like run().
  // References are kept.
  SessionRun(const SessionRequest& request, const std::atomic<bool>& cancel,
             const std::function<void(const RunProgress&)>& progress);
  ~SessionRun();

  // Rounds: min_processes of each case, then more of those with a comparison that
  // `wants_more`, up to max_processes.
  void measure(const std::function<bool(const Comparison& now, const Comparison* base)>&
                   wants_more);
  // min_processes fresh processes of the cases with these gates.
  void confirm(const std::vector<std::string>& ids);

  RunEnd end() const noexcept;  // complete, or why it stopped early
  const Session& session() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_SESSION_RUN_H_
