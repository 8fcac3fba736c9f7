// SPDX-License-Identifier: MIT
// Worker processes as the parent sees them: a request, a library whose environment they
// need, and what came back.
#ifndef ASSAY_REGRESSION_MEASURE_LAUNCH_H_
#define ASSAY_REGRESSION_MEASURE_LAUNCH_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "kernels/common/op.h"
#include "kernels/vendor/known_libraries.h"
#include "regression/measure/ceiling.h"
#include "regression/measure/child_process.h"
#include "regression/measure/worker.h"

namespace assay::measure {

struct LaunchOptions {
  std::uint32_t compute_units = 1;
  Environment additions;  // after, and over, the library's own
  std::string executable = "/proc/self/exe";
  int shared_fd = -1;
  std::chrono::milliseconds timeout{120'000};
  const std::atomic<bool>* cancel = nullptr;
};

// The environment a worker for `library` gets.
Environment library_worker_environment(const vendor::LibrarySpec& library,
                                       const LaunchOptions& options);

ChildReply launch_worker(const WorkerRequest& request,
                         const vendor::LibrarySpec& library,
                         const LaunchOptions& options);

// What a worker that ended well answered. Throws Error: invalid_argument when it is no
// worker's answer, as the executable is that of another program; else bad_file.
WorkerReply reply_of(const ChildReply& child, const LaunchOptions& options);

// A request with the library's part filled in.
WorkerRequest request_for(const vendor::LibrarySpec& library, const std::string& device,
                          std::uint32_t compute_units);

// What a library is worth on this machine, and the ceilings of the device, measured in
// a worker of its own. A library without a path gives the ceilings alone. Throws Error
// when the file is no CBLAS library; a crash or a time-out is `failure`.
struct LibraryAccount {
  LibraryAudit audit;
  double peak_gflops = 0;
  double peak_gflops_one = 0;
  double peak_gbs = 0;
  std::string failure;           // the worker did not finish: why
  int triad_looks = kMoreLooks;  // that raised_triad() may still take
};
// The FMA ceilings are those of ops that multiply `type`.
LibraryAccount audit_library(const vendor::LibrarySpec& library,
                             const std::string& device, const LaunchOptions& options,
                             DType type = DType::f32);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_LAUNCH_H_
