// SPDX-License-Identifier: MIT
// One pair of arms through its worker processes, one process at a time: what a
// comparison run and a gate session share.
#ifndef ASSAY_REGRESSION_MEASURE_PAIR_RUN_H_
#define ASSAY_REGRESSION_MEASURE_PAIR_RUN_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/common/op.h"
#include "kernels/vendor/known_libraries.h"
#include "regression/measure/launch.h"
#include "regression/measure/results.h"
#include "regression/measure/sample.h"
#include "regression/measure/worker.h"

namespace assay::measure {

// What every process of a pair is asked, and what is known before the first one. Filled
// by the caller; pointers are borrowed.
struct Pair {
  WorkerRequest request;                         // all but `process`
  const vendor::LibrarySpec* library = nullptr;  // null: no library in the workers
  // Never null: at least the ceilings. A process that is faster than the triad has it
  // looked at again (raised_triad()).
  LibraryAccount* account = nullptr;
  const Problem* problem = nullptr;  // null for figures
  std::uint32_t compute_units = 1;
  double device_cache_bytes = -1;  // Comparison::device_cache_bytes
  bool simulated_memory = false;   // Caps::simulated_device_memory
  int expected_fd = -1;            // SharedExpected::fd(); -1 for figures
};

// The comparison of a pair in one scope, samples still to come. Library and custom are
// named by the request unless the caller names them otherwise.
Comparison describe(const Pair& pair, Scope scope, std::string id);

enum class PairEnd : std::uint8_t { measured, cancelled, failed };

// Runs one worker process and appends its samples to the comparison of the same scope,
// of those in `into`. A worker that fails marks all of them. `build`, where asked for,
// gets the version and commit that a worker which measured gives for its executable.
PairEnd run_process(const Pair& pair, std::uint64_t process,
                    const LaunchOptions& options, std::span<Comparison* const> into,
                    Build* build = nullptr);

// The op of this name. Throws Error(invalid_argument) with the names there are.
const Op& named_op(std::span<const Op* const> ops, std::string_view name);

// The row of the op's table that calls libraries the way this one is to be called.
// Throws Error(invalid_argument) when the op has none.
const Implementation& library_row(const Op& op, const vendor::LibrarySpec& library);

// The library as workers without one get it: no path, no variables.
const vendor::LibrarySpec& no_library();

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_PAIR_RUN_H_
