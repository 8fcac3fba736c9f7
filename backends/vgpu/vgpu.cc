// SPDX-License-Identifier: MIT
#include "backends/vgpu/vgpu.h"

#include <algorithm>
#include <utility>

#include "backends/runtime/host_device.h"
#include "backends/runtime/host_limits.h"
#include "backends/runtime/usable_cpus.h"
#include "backends/vgpu/caps.h"
#include "backends/vgpu/scheduler.h"

namespace assay::vgpu {

// Beyond this a scheduler with one lock is the wrong design, and a typo more likely.
static constexpr std::uint64_t kMaxComputeUnits = Seats::kMost;

Caps make_caps(const Options& options) {
  Caps caps;
  const std::string units = std::to_string(options.compute_units);
  caps.uri = "vgpu://?cus=" + units + "&executor=" + options.executor;
  if (options.spin_us != Options{}.spin_us) {
    caps.uri += "&spin_us=" + std::to_string(options.spin_us);
  }
  caps.name = "virtual GPU, " + units +
              (options.compute_units == 1 ? " compute unit" : " compute units") +
              ", threads from " + options.executor;
  caps.description = "host processors as compute units";
  caps.compute_units = options.compute_units;
  caps.concurrent_queues = true;
  caps.asynchronous = true;
  caps.host_kernels = true;
  caps.simulated_device_memory = true;
  caps.timestamps = true;
  caps.last_level_cache_bytes = runtime::host_last_level_cache_bytes();
  caps.limits = runtime::host_limits();
  return caps;
}

std::shared_ptr<Device> open(const runtime::Uri& uri) {
  runtime::require_only(uri, {"cus", "executor", "spin_us"});
  Options options;
  options.compute_units = static_cast<unsigned>(runtime::integer_parameter(
      uri, "cus", std::min<std::uint64_t>(runtime::usable_cpus(), kMaxComputeUnits), 1,
      kMaxComputeUnits));
  options.spin_us =
      runtime::integer_parameter(uri, "spin_us", options.spin_us, 0, 1'000'000);
  std::unique_ptr<Executor> executor;
  const auto named = uri.parameters.find("executor");
  if (named == uri.parameters.end()) {
    executor = make_tbb_executor();
    options.executor = executor ? "tbb" : "std";
    if (!executor) executor = make_std_executor();
  } else if (named->second == "std") {
    options.executor = "std";
    executor = make_std_executor();
  } else if (named->second == "tbb") {
    executor = make_tbb_executor();
    if (!executor) {
      throw Error(StatusCode::unavailable,
                  "vgpu executor tbb: built without TBB; install libtbb-dev and "
                  "configure with -DASSAY_WITH_TBB=ON, or use executor=std");
    }
  } else {
    throw Error(StatusCode::invalid_argument,
                "vgpu executor '" + named->second + "' is unknown: it is tbb or std");
  }
  return runtime::make_host_device([&](runtime::DeviceCore& core) {
    return std::make_unique<Scheduler>(core, options, std::move(executor));
  });
}

}  // namespace assay::vgpu
