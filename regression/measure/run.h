// SPDX-License-Identifier: MIT
// Measures custom implementations against libraries, over cases and scopes, in worker
// processes. Produces raw samples; judging them is judge/'s business.
#ifndef ASSAY_REGRESSION_MEASURE_RUN_H_
#define ASSAY_REGRESSION_MEASURE_RUN_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "kernels/common/op.h"
#include "kernels/vendor/known_libraries.h"
#include "regression/measure/environment.h"
#include "regression/measure/results.h"
#include "regression/measure/run_watch.h"

namespace assay::measure {

struct RunRequest {
  const Op* op = nullptr;
  std::vector<std::string> shapes;
  DType dtype = DType::f32;
  std::string device = "vgpu://";
  // Custom ones, by name. Empty: of each shape the best that the op has for it.
  std::vector<std::string> implementations;
  // Empty: the implementations alone, on a device that no library runs on.
  std::vector<vendor::LibrarySpec> libraries;
  std::string no_library_because;  // where there are none: one line
  // Added to the library's own environment in its workers: to put a library into a
  // state on purpose. Recorded, and audited like any other.
  Environment library_environment;
  std::vector<Scope> scopes;
  DataFamily data = DataFamily::uniform;
  std::uint64_t seed = 1;
  std::string only;  // not empty: only comparisons whose id contains it
  std::uint32_t processes = 5;
  std::uint32_t blocks = 3;
  double epoch_ms = 10;
  std::chrono::seconds worker_timeout{120};
  // Past this nothing new starts; what is there is kept. Zero: none.
  std::chrono::seconds time_budget{0};
};

struct RunOutcome {
  Results results;
  RunEnd end = RunEnd::complete;
};

// Checks everything that can be checked before starting anything: throws Error
// (invalid_argument: unknown implementation, shape that does not parse; not_supported;
// unavailable: device or library absent). Failures of workers are in the results.
RunOutcome run(const RunRequest& request, const std::atomic<bool>& cancel,
               const std::function<void(const RunProgress&)>& progress);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_RUN_H_
