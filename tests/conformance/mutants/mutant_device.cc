// SPDX-License-Identifier: MIT
#include "tests/conformance/mutants/mutant_device.h"

namespace assay::conformance {
namespace {

using layers::LayerDevice;
using layers::LayerQueue;
using layers::LayerTimeline;

class MutantTimeline final : public LayerTimeline {
 public:
  MutantTimeline(const Mutant& mutant, std::shared_ptr<World> world,
                 std::shared_ptr<Timeline> inner)
      : LayerTimeline(std::move(inner)), mutant_(mutant), world_(std::move(world)) {}

  std::optional<Status> query(std::uint64_t value) const override {
    if (mutant_.query == nullptr) return inner()->query(value);
    return mutant_.query(*world_, *inner(), value);
  }
  void signal(std::uint64_t value) override {
    if (mutant_.signal == nullptr) return inner()->signal(value);
    mutant_.signal(*world_, *inner(), value);
  }
  Status wait(std::uint64_t value, Timeout timeout) override {
    if (mutant_.wait == nullptr) return inner()->wait(value, timeout);
    return mutant_.wait(*world_, *inner(), value, timeout);
  }

 private:
  const Mutant& mutant_;
  std::shared_ptr<World> world_;
};

class MutantQueue final : public LayerQueue {
 public:
  MutantQueue(const Mutant& mutant, std::shared_ptr<World> world,
              const std::shared_ptr<Queue>& inner, std::shared_ptr<Queue> side)
      : LayerQueue(inner, std::make_shared<MutantTimeline>(mutant, world,
                                                           inner->last().timeline)),
        mutant_(mutant),
        world_(std::move(world)),
        side_(std::move(side)) {}

  using Queue::submit;
  Point submit(std::shared_ptr<CommandBuffer> commands, std::span<const Point> waits,
               std::span<const Point> signals) override {
    if (mutant_.submit == nullptr) {
      return LayerQueue::submit(std::move(commands), waits, signals);
    }
    Submit call{*world_,
                *inner(),
                *side_,
                std::move(commands),
                layers::unwrapped(waits),
                layers::unwrapped(signals)};
    return {timeline(), mutant_.submit(*world_, call).value};
  }
  std::optional<Timestamps> timestamps(const Point& point) const override {
    std::optional<Timestamps> stages = LayerQueue::timestamps(point);
    if (stages && mutant_.timestamps != nullptr) mutant_.timestamps(*stages);
    return stages;
  }

 private:
  const Mutant& mutant_;
  std::shared_ptr<World> world_;
  std::shared_ptr<Queue> side_;  // null without a submit hook
};

// What a mutated kernel's group is given besides its own data.
struct GroupHook {
  const Mutant* mutant;
  HostKernel kernel;
  std::shared_ptr<const void> data;
};

void run_mutated_group(const GroupContext& context) noexcept {
  const auto* hook = static_cast<const GroupHook*>(context.user);
  GroupContext own = context;
  own.user = hook->data.get();
  hook->mutant->group(own, hook->kernel);
}

class MutantDevice final : public LayerDevice {
 public:
  MutantDevice(const Mutant& mutant, std::shared_ptr<Device> inner)
      : LayerDevice(std::move(inner), mutant.name), mutant_(mutant) {
    world_->device = this->inner();
  }

  // A mutant passes for the device it is over.
  const Caps& caps() const noexcept override { return inner()->caps(); }

  std::shared_ptr<Buffer> create_buffer(const BufferDesc& desc) override {
    if (mutant_.buffer == nullptr) return inner()->create_buffer(desc);
    return mutant_.buffer(*inner(), desc);
  }
  std::shared_ptr<Kernel> create_kernel(const KernelDesc& desc) override {
    if (mutant_.group == nullptr || desc.host == nullptr) {
      return inner()->create_kernel(desc);
    }
    KernelDesc mutated = desc;
    mutated.host = run_mutated_group;
    mutated.host_data =
        std::make_shared<GroupHook>(GroupHook{&mutant_, desc.host, desc.host_data});
    return inner()->create_kernel(mutated);
  }
  std::unique_ptr<CommandEncoder> create_encoder(const EncoderDesc& desc) override {
    if (mutant_.encoder == nullptr) return LayerDevice::create_encoder(desc);
    return mutant_.encoder(world_, *inner(), desc);
  }
  std::unique_ptr<GraphBuilder> create_graph_builder(const GraphDesc& desc) override {
    if (mutant_.graph == nullptr) return inner()->create_graph_builder(desc);
    return mutant_.graph(*inner(), desc);
  }
  std::shared_ptr<MemoryPool> create_memory_pool(const PoolDesc& desc) override {
    if (mutant_.pool == nullptr) return inner()->create_memory_pool(desc);
    return mutant_.pool(*inner(), desc);
  }
  std::shared_ptr<Queue> create_queue(const QueueDesc& desc) override {
    std::shared_ptr<Queue> side;
    if (mutant_.submit != nullptr) side = inner()->create_queue({"side"});
    std::shared_ptr<Queue> own = inner()->create_queue(desc);
    auto queue = std::make_shared<MutantQueue>(mutant_, world_, own, std::move(side));
    const std::lock_guard lock(world_->mutex);
    world_->queues.emplace_back(std::move(own), queue);
    return queue;
  }
  std::shared_ptr<Timeline> create_timeline(std::uint64_t initial_value) override {
    return std::make_shared<MutantTimeline>(mutant_, world_,
                                            inner()->create_timeline(initial_value));
  }
  Status synchronize(Timeout timeout) override {
    if (mutant_.synchronize == nullptr) return inner()->synchronize(timeout);
    return mutant_.synchronize(*world_, *inner(), timeout);
  }
  Counters counters() const noexcept override {
    const std::lock_guard lock(world_->mutex);
    Counters counters = inner()->counters();
    counters.submissions -= world_->side_submissions;
    return counters;
  }

 private:
  const Mutant& mutant_;
  std::shared_ptr<World> world_ = std::make_shared<World>();
};

}  // namespace

std::vector<std::shared_ptr<Queue>> World::live_queues() {
  const std::lock_guard lock(mutex);
  std::vector<std::shared_ptr<Queue>> live;
  for (const auto& [inner, handle] : queues) {
    if (auto queue = inner.lock()) live.push_back(std::move(queue));
  }
  return live;
}

std::shared_ptr<Device> make_mutant(const Mutant& mutant,
                                    std::shared_ptr<Device> inner) {
  return std::make_shared<MutantDevice>(mutant, std::move(inner));
}

}  // namespace assay::conformance
