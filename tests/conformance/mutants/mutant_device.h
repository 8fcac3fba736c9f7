// SPDX-License-Identifier: MIT
// A device with a defect: a layer that hands every call on, but for what a mutant's
// hooks do instead. The conformance suite must notice each of them.
//
// Hooks get the inner device's objects. They are plain functions: what a defect has to
// remember is in World, one for each open device.
#ifndef TESTS_CONFORMANCE_MUTANTS_MUTANT_DEVICE_H_
#define TESTS_CONFORMANCE_MUTANTS_MUTANT_DEVICE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/layers/layer.h"
#include "backends/runtime/kernel_cache.h"

namespace assay::conformance {

// What failed without failing: see the mutant status_not_propagated.
struct HiddenFailure {
  std::mutex mutex;
  Status status;
};

struct World {
  std::mutex mutex;
  // Inner queues in order of creation; whether the user's handle still lives.
  std::vector<std::pair<std::weak_ptr<Queue>, std::weak_ptr<Queue>>> queues;
  std::weak_ptr<Device> device;
  std::vector<std::shared_ptr<void>> kept;
  std::set<std::weak_ptr<CommandBuffer>, std::owner_less<>> submitted;
  std::uint64_t side_submissions = 0;  // not the user's: the counters leave them out
  std::map<const CommandBuffer*, std::shared_ptr<HiddenFailure>> recorded;
  std::map<std::pair<const Timeline*, std::uint64_t>, std::shared_ptr<HiddenFailure>>
      failures;

  // The inner queues that still live.
  std::vector<std::shared_ptr<Queue>> live_queues();
};

struct Submit {
  World& world;
  Queue& queue;  // the inner one
  Queue& side;   // an inner queue that only the mutant uses
  std::shared_ptr<CommandBuffer> commands;
  std::vector<Point> waits;
  std::vector<Point> signals;

  // What a device without the defect does.
  Point forward() { return queue.submit(commands, waits, signals); }
  // A submission of the mutant itself.
  Point submit_aside(const std::shared_ptr<CommandBuffer>& work,
                     std::span<const Point> to_signal = {}) {
    Point point = side.submit(work, {}, to_signal);
    const std::lock_guard lock(world.mutex);
    ++world.side_submissions;
    return point;
  }
};

// One defect. A hook that is null forwards.
struct Mutant {
  std::string_view name;
  std::string_view defect;
  Point (*submit)(World&, Submit&) = nullptr;
  Status (*wait)(World&, Timeline&, std::uint64_t, Timeout) = nullptr;
  std::optional<Status> (*query)(World&, const Timeline&, std::uint64_t) = nullptr;
  void (*signal)(World&, Timeline&, std::uint64_t) = nullptr;
  Status (*synchronize)(World&, Device&, Timeout) = nullptr;
  void (*timestamps)(Timestamps&) = nullptr;
  // Runs one group; `kernel` is what it should run.
  void (*group)(const GroupContext& context, HostKernel kernel) = nullptr;
  std::unique_ptr<CommandEncoder> (*encoder)(const std::shared_ptr<World>&,
                                             Device& inner,
                                             const EncoderDesc&) = nullptr;
  std::shared_ptr<Buffer> (*buffer)(Device& inner, const BufferDesc&) = nullptr;
  std::unique_ptr<GraphBuilder> (*graph)(Device& inner, const GraphDesc&) = nullptr;
  std::shared_ptr<MemoryPool> (*pool)(Device& inner, const PoolDesc&) = nullptr;
  // No device at all but a kernel cache: for that one's tests.
  std::shared_ptr<KernelCache> (*cache)(const runtime::KernelCacheDesc&) = nullptr;
};

// A device with that defect over `inner`. `mutant` outlives it.
std::shared_ptr<Device> make_mutant(const Mutant& mutant,
                                    std::shared_ptr<Device> inner);

}  // namespace assay::conformance

#endif  // TESTS_CONFORMANCE_MUTANTS_MUTANT_DEVICE_H_
