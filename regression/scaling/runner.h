// SPDX-License-Identifier: MIT
// Starts the measuring processes of a scaling experiment and collects what they answer.
#ifndef ASSAY_REGRESSION_SCALING_RUNNER_H_
#define ASSAY_REGRESSION_SCALING_RUNNER_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernels/vendor/known_libraries.h"
#include "regression/measure/launch.h"
#include "regression/measure/shared_expected.h"
#include "regression/scaling/experiment.h"
#include "regression/scaling/task.h"

namespace assay::scaling {

// An arm with what it takes to run it.
struct Prepared {
  Arm arm;
  vendor::LibrarySpec library;  // without a path: none
  std::shared_ptr<measure::SharedExpected> expected;
};

// Keeps references to what it is made with. Not thread-safe.
class Runner {
 public:
  Runner(const Request& request, const std::atomic<bool>& cancel,
         const std::function<void(const std::string&)>& progress)
      : request_(request),
        cancel_(cancel),
        progress_(progress),
        begin_(std::chrono::steady_clock::now()) {}

  // The peaks, and what the library is: a process each.
  void audit(Prepared& prepared) const;
  // A ceiling is a maximum: measured while somebody else had a processor it is too low,
  // and honest rates would be above it. So it is measured once more, and the arms,
  // which have one device, share the highest.
  void raise_ceilings(std::vector<Prepared>& arms) const;

  // Every condition of the arm once. False when time was up before the last.
  bool round(Prepared& prepared, std::uint32_t number) const;
  // One condition once, on `device` in place of the arm's. Nothing when time was up.
  std::optional<Cell> once(const Prepared& prepared, const std::string& device,
                           const Condition& condition) const;

  bool out_of_time() const;

 private:
  bool run_threads(Prepared& prepared, const std::vector<std::size_t>& order) const;
  bool run_processes(Prepared& prepared, const std::vector<std::size_t>& order) const;
  measure::LaunchOptions launch(const Prepared& prepared) const;
  Task task_of(const Prepared& prepared) const;
  measure::ChildReply start(const Prepared& prepared, const Task& task) const;

  const Request& request_;
  const std::atomic<bool>& cancel_;
  const std::function<void(const std::string&)>& progress_;
  std::chrono::steady_clock::time_point begin_;
};

}  // namespace assay::scaling

#endif  // ASSAY_REGRESSION_SCALING_RUNNER_H_
