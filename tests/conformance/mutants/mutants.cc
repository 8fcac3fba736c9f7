// SPDX-License-Identifier: MIT
// Each defect was met in a real runtime, or is one slip away in ours. A wait that would
// hang is cut short (kShort): still wrong, but told at once.
#include "tests/conformance/mutants/mutants.h"

#include <algorithm>
#include <chrono>

#include "tests/conformance/mutants/caches.h"
#include "tests/conformance/mutants/encoders.h"
#include "tests/conformance/mutants/graphs_and_pools.h"

namespace assay::conformance {
namespace {

constexpr Timeout kShort = std::chrono::milliseconds(50);

Timeout shortened(Timeout timeout) { return std::min(timeout, kShort); }

// --- submit ------------------------------------------------------------------------

Point forget_last_wait(World&, Submit& call) {
  if (!call.waits.empty()) call.waits.pop_back();
  return call.forward();
}

Point signal_before_the_work(World&, Submit& call) {
  std::vector<Point> signals = std::move(call.signals);
  call.signals.clear();
  if (!signals.empty()) call.submit_aside(nullptr, signals);
  return call.forward();
}

Point consume_a_value_when_rejected(World&, Submit& call) {
  try {
    return call.forward();
  } catch (const Error&) {
    call.queue.submit(nullptr);
    throw;
  }
}

Point signal_when_rejected(World&, Submit& call) {
  try {
    return call.forward();
  } catch (const Error&) {
    if (!call.signals.empty()) {
      call.submit_aside(nullptr, std::span(call.signals).first(1));
    }
    throw;
  }
}

// Work that waits for nothing runs beside its queue; the queue waits for it.
Point overtake(World&, Submit& call) {
  if (!call.waits.empty() || !call.commands) return call.forward();
  call.waits.push_back(call.submit_aside(call.commands));
  call.commands.reset();
  return call.forward();
}

Point run_once_only(World& world, Submit& call) {
  if (call.commands) {
    const std::lock_guard lock(world.mutex);
    if (!world.submitted.insert(call.commands).second) call.commands.reset();
  }
  return call.forward();
}

Point keep_for_ever(World& world, Submit& call) {
  const std::lock_guard lock(world.mutex);
  world.kept.push_back(call.commands);
  return call.forward();
}

Point note_hidden_failure(World& world, Submit& call) {
  std::shared_ptr<HiddenFailure> hidden;
  {
    const std::lock_guard lock(world.mutex);
    const auto found = world.recorded.find(call.commands.get());
    if (found != world.recorded.end()) hidden = found->second;
  }
  Point point = call.forward();
  const std::lock_guard lock(world.mutex);
  if (hidden) world.failures[{point.timeline.get(), point.value}] = std::move(hidden);
  return point;
}

// --- wait, query, signal -----------------------------------------------------------

Status always_complete(World&, Timeline&, std::uint64_t, Timeout) { return {}; }

std::optional<Status> always_complete_query(World&, const Timeline&, std::uint64_t) {
  return Status();
}

// A queue's own points wait for the queue created before it.
Status wait_for_the_queue_before(World& world, Timeline& line, std::uint64_t value,
                                 Timeout timeout) {
  std::shared_ptr<Queue> before;
  for (std::shared_ptr<Queue>& queue : world.live_queues()) {
    if (queue->last().timeline.get() == &line && before) {
      return before->synchronize(shortened(timeout));
    }
    before = std::move(queue);
  }
  return line.wait(value, timeout);
}

Status wait_for_the_device(World& world, Timeline& line, std::uint64_t value,
                           Timeout timeout) {
  const std::shared_ptr<Device> device = world.device.lock();
  return device ? device->synchronize(shortened(timeout)) : line.wait(value, timeout);
}

Status time_up_is_ok(World&, Timeline& line, std::uint64_t value, Timeout timeout) {
  Status status = line.wait(value, timeout);
  return status.code() == StatusCode::deadline_exceeded ? Status() : status;
}

Status allowed_inside_work(World&, Timeline& line, std::uint64_t value,
                           Timeout timeout) {
  Status status = line.wait(value, timeout);
  return status.code() == StatusCode::failed_precondition ? Status() : status;
}

Status without_cause(World&, Timeline& line, std::uint64_t value, Timeout timeout) {
  Status status = line.wait(value, timeout);
  if (status.ok()) return status;
  return {status.code(), std::string(status.message())};
}

Status with_hidden_failure(World& world, const Timeline& line, std::uint64_t value,
                           Status status) {
  const std::lock_guard lock(world.mutex);
  const auto found = world.failures.find({&line, value});
  if (!status.ok() || found == world.failures.end()) return status;
  const std::lock_guard hidden(found->second->mutex);
  return found->second->status;
}

Status tell_hidden_failure(World& world, Timeline& line, std::uint64_t value,
                           Timeout timeout) {
  return with_hidden_failure(world, line, value, line.wait(value, timeout));
}

std::optional<Status> query_hidden_failure(World& world, const Timeline& line,
                                           std::uint64_t value) {
  std::optional<Status> status = line.query(value);
  if (status) status = with_hidden_failure(world, line, value, *status);
  return status;
}

void accept_any_signal(World&, Timeline& line, std::uint64_t value) {
  try {
    line.signal(value);
  } catch (const Error&) {  // taken for a signal
  }
}

// --- device synchronize ------------------------------------------------------------

Status miss_a_queue(World& world, Device&, Timeout timeout) {
  std::vector<std::shared_ptr<Queue>> queues = world.live_queues();
  if (!queues.empty()) queues.pop_back();
  Status first;
  for (const auto& queue : queues) {
    const Status status = queue->synchronize(timeout);
    if (first.ok()) first = status;
  }
  return first;
}

Status miss_dropped_queues(World& world, Device&, Timeout timeout) {
  Status first;
  for (const auto& queue : world.live_queues()) {
    const Status status = queue->synchronize(timeout);
    if (first.ok()) first = status;
  }
  return first;
}

// Until nothing is left to do, whenever it was submitted.
Status wait_until_idle(World& world, Device& device, Timeout timeout) {
  const auto idle = [&] {
    return std::ranges::all_of(world.live_queues(), [](const auto& queue) {
      return queue->last().query().has_value();
    });
  };
  const auto end = std::chrono::steady_clock::now() + kShort;
  Status status = device.synchronize(timeout);
  while (status.ok() && !idle()) {
    if (std::chrono::steady_clock::now() > end) {
      return {StatusCode::deadline_exceeded, "the device is never idle"};
    }
    status = device.synchronize(timeout);
  }
  return status;
}

// --- work --------------------------------------------------------------------------

bool is_last(const GroupContext& context) {
  return context.group.x + 1 == context.groups.x &&
         context.group.y + 1 == context.groups.y &&
         context.group.z + 1 == context.groups.z;
}

void leave_out_the_last_group(const GroupContext& context, HostKernel kernel) {
  if (!is_last(context) || context.group == Dim3{0, 0, 0}) kernel(context);
}

void run_the_last_group_twice(const GroupContext& context, HostKernel kernel) {
  kernel(context);
  if (is_last(context)) kernel(context);
}

void count_units_from_one(const GroupContext& context, HostKernel kernel) {
  GroupContext shifted = context;
  ++shifted.compute_unit;
  kernel(shifted);
}

void ready_when_enqueued(Timestamps& stages) { stages.ready_ns = stages.enqueued_ns; }

std::shared_ptr<Buffer> mappable_device_memory(Device& inner, const BufferDesc& desc) {
  BufferDesc mappable = desc;
  if (desc.kind == MemoryKind::device) mappable.kind = MemoryKind::unified;
  return inner.create_buffer(mappable);
}

constexpr Mutant kControls[] = {
    {.name = "forwarding", .defect = "none: a layer and nothing else"},
    {.name = "side_queue",
     .defect = "none: submissions pass through the mutants' hook",
     .submit = [](World&, Submit& call) { return call.forward(); }},
    {.name = "reversing",
     .defect = "none: unordered commands run in reverse",
     .encoder = reversing_encoder},
    {.name = "forwarding_cache", .defect = "none", .cache = forwarding_cache},
};

constexpr Mutant kMutants[] = {
    {.name = "dropped_wait",
     .defect = "a submission does not wait for the last of its waits",
     .submit = forget_last_wait},
    {.name = "early_signal",
     .defect = "signals are given before the work is done",
     .submit = signal_before_the_work},
    {.name = "value_consumed_when_rejected",
     .defect = "a refused submit moves its queue's timeline on",
     .submit = consume_a_value_when_rejected},
    {.name = "signal_when_rejected",
     .defect = "a refused submit gives its first signal",
     .submit = signal_when_rejected},
    {.name = "overtaking",
     .defect = "work without waits overtakes its queue",
     .submit = overtake},
    {.name = "commands_run_once",
     .defect = "a command buffer does nothing when submitted again",
     .submit = run_once_only},
    {.name = "work_never_released",
     .defect = "completed work keeps its buffers and kernels",
     .submit = keep_for_ever},
    {.name = "event_always_complete",
     .defect = "every wait returns ok at once",
     .wait = always_complete,
     .query = always_complete_query},
    {.name = "query_always_complete",
     .defect = "every query says that the point is reached",
     .query = always_complete_query},
    {.name = "sync_on_the_wrong_queue",
     .defect = "a wait for a queue waits for its neighbour",
     .wait = wait_for_the_queue_before},
    {.name = "event_sync_is_device_sync",
     .defect = "a wait for a point waits for the whole device",
     .wait = wait_for_the_device},
    {.name = "time_up_is_ok",
     .defect = "a wait that ran out of time returns ok",
     .wait = time_up_is_ok},
    {.name = "wait_inside_work",
     .defect = "a wait inside the device's own work is not refused",
     .wait = allowed_inside_work},
    {.name = "cause_lost",
     .defect = "a failure arrives without its cause",
     .wait = without_cause},
    {.name = "status_not_propagated",
     .defect = "dependents of failed work run",
     .submit = note_hidden_failure,
     .wait = tell_hidden_failure,
     .query = query_hidden_failure,
     .encoder = hiding_encoder},
    {.name = "any_signal_accepted",
     .defect = "a signal that must be refused is taken",
     .signal = accept_any_signal},
    {.name = "device_sync_misses_a_queue",
     .defect = "device synchronize leaves out the newest queue",
     .synchronize = miss_a_queue},
    {.name = "device_sync_misses_dropped",
     .defect = "device synchronize leaves out queues without a handle",
     .synchronize = miss_dropped_queues},
    {.name = "device_sync_until_idle",
     .defect = "device synchronize is extended by later work",
     .synchronize = wait_until_idle},
    {.name = "ready_when_enqueued",
     .defect = "the ready timestamp is taken at submit",
     .timestamps = ready_when_enqueued},
    {.name = "truncated_grid",
     .defect = "the last group of a grid does not run",
     .group = leave_out_the_last_group},
    {.name = "group_run_twice",
     .defect = "the last group of a grid runs twice",
     .group = run_the_last_group_twice},
    {.name = "unit_out_of_range",
     .defect = "compute units are counted from one",
     .group = count_units_from_one},
    {.name = "skipped_barrier",
     .defect = "a barrier between concurrent commands does nothing",
     .encoder = barrierless_encoder},
    {.name = "swallowed_error",
     .defect = "host calls that fail count as done",
     .encoder = swallowing_encoder},
    {.name = "short_copy",
     .defect = "a copy leaves out its last four bytes",
     .encoder = short_copy_encoder},
    {.name = "stale_constants",
     .defect = "all dispatches of a command buffer get the first one's constants",
     .encoder = stale_constants_encoder},
    {.name = "buffer_freed_in_flight",
     .defect = "work does not keep the buffers it uses",
     .encoder = loose_encoder,
     .buffer = loose_buffer},
    {.name = "graph_edge_lost",
     .defect = "the edges of a graph order nothing",
     .graph = edgeless_builder},
    {.name = "live_block_reused",
     .defect = "a pool's block is free as soon as it is released",
     .pool = forgetful_pool},
    {.name = "device_memory_mapped",
     .defect = "device memory can be mapped",
     .buffer = mappable_device_memory},
    {.name = "cache_keys_mixed_up",
     .defect = "a kernel cache takes keys with other options for one",
     .cache = optionless_cache},
    {.name = "corrupt_entry_accepted",
     .defect = "a kernel cache believes whatever is on disk",
     .cache = credulous_cache},
};

}  // namespace

std::span<const Mutant> controls() { return kControls; }
std::span<const Mutant> mutants() { return kMutants; }

}  // namespace assay::conformance
