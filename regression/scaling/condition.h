// SPDX-License-Identifier: MIT
// Under which conditions a workload runs, and every combination that a sweep asks for.
// An efficiency exists only between two runs whose conditions differ in the number of
// workers and in nothing else.
#ifndef ASSAY_REGRESSION_SCALING_CONDITION_H_
#define ASSAY_REGRESSION_SCALING_CONDITION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regression/measure/workload.h"

namespace assay::scaling {

using measure::SyncMode;

enum class WorkerKind : std::uint8_t {
  threads,    // of one process, on one device
  processes,  // each with a device of its own
};
std::string_view to_string(WorkerKind kind) noexcept;
std::optional<WorkerKind> parse_worker_kind(std::string_view name) noexcept;

struct Condition {
  WorkerKind kind = WorkerKind::threads;
  std::uint32_t workers = 1;
  SyncMode sync_mode = SyncMode::event;
  bool shared_queue = false;     // one for all workers, or one each
  std::uint32_t sync_every = 1;  // submissions between waits; 0: only at the end
  std::uint32_t in_flight = 0;   // most submissions of a worker under way; 0: any
  std::uint32_t batch = 1;       // operations recorded in one command buffer
  // No device: each worker calls the kernel itself. What the machine has to give, in
  // the same rounds, and no more than that is to be had with a device.
  bool bare = false;
  friend bool operator==(const Condition&, const Condition&) = default;
};

// The same written in one way: a wait that never comes is sync mode none, a depth that
// the waits never let fill up is no depth, a process has a queue of its own, and
// without a device there is none of it.
Condition normalized(Condition condition) noexcept;

// What the efficiency of `condition` is measured against: itself with one worker.
Condition baseline_of(Condition condition) noexcept;

// As many workers without a device.
Condition bare_of(const Condition& condition) noexcept;

// "threads.event.own.every-1.depth-0.batch-1.workers-4", "threads.bare.workers-4":
// stable, for files and scripts.
std::string id(const Condition& condition);
// "event sync every 4, a queue each, at most 8 in flight, batch 2": but for the number.
std::string describe(const Condition& condition);

// Everything to combine. No list may be empty.
struct Sweep {
  std::vector<WorkerKind> kinds = {WorkerKind::threads};
  std::vector<std::uint32_t> workers = {1, 2};
  std::vector<SyncMode> sync_modes = {SyncMode::device, SyncMode::event,
                                      SyncMode::none};
  std::vector<bool> shared_queues = {false, true};
  std::vector<std::uint32_t> sync_every = {1};
  std::vector<std::uint32_t> in_flight = {0};
  std::vector<std::uint32_t> batch = {1};
  bool bare = false;  // each kind of worker without a device, too
};

// Every combination once, normalized, those that differ in the number of workers side
// by side and rising; each starts with the one-worker run, asked for or not.
std::vector<Condition> conditions(const Sweep& sweep);

}  // namespace assay::scaling

#endif  // ASSAY_REGRESSION_SCALING_CONDITION_H_
