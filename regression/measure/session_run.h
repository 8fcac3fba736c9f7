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
  std::string only;  // not empty: only gates whose id contains it (controls always)
  std::uint32_t min_processes = 5;
  std::uint32_t max_processes = 10;
  std::uint32_t blocks = 8;
  double epoch_ms = 10;
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
