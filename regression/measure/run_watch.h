// SPDX-License-Identifier: MIT
// What ends a run before its time, and how it is told how a run goes on.
#ifndef ASSAY_REGRESSION_MEASURE_RUN_WATCH_H_
#define ASSAY_REGRESSION_MEASURE_RUN_WATCH_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace assay::measure {

// How a run goes on. Called from the running thread.
struct RunProgress {
  std::size_t done = 0;  // worker processes
  std::size_t total = 0;
  std::string now;  // "matmul 512x512x512 packed vs openblas, process 2 of 5"
};

enum class RunEnd : std::uint8_t { complete, out_of_time, interrupted };

// Of one run, from its construction on. Borrows both; of one thread.
class RunWatch {
 public:
  // `time_budget` 0: as long as it takes. `report` may be empty.
  RunWatch(const std::atomic<bool>& cancel, std::chrono::seconds time_budget,
           const std::function<void(const RunProgress&)>& report)
      : cancel_(cancel), time_budget_(time_budget), report_(report) {}

  // Once true it stays so.
  bool stopped() {
    if (cancel_.load()) end_ = RunEnd::interrupted;
    if (end_ == RunEnd::complete && time_budget_.count() > 0 &&
        std::chrono::steady_clock::now() - start_ >= time_budget_) {
      end_ = RunEnd::out_of_time;
    }
    return end_ != RunEnd::complete;
  }
  // Why, as of the last look.
  RunEnd end() const noexcept { return end_; }
  const std::atomic<bool>& cancel() const noexcept { return cancel_; }

  void expect_more(std::size_t processes) { progress_.total += processes; }
  void tell(std::string now) {
    progress_.now = std::move(now);
    if (report_) report_(progress_);
  }
  void one_done() { ++progress_.done; }

 private:
  const std::atomic<bool>& cancel_;
  const std::chrono::seconds time_budget_;
  const std::function<void(const RunProgress&)>& report_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  RunEnd end_ = RunEnd::complete;
  RunProgress progress_;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_RUN_WATCH_H_
