// SPDX-License-Identifier: MIT
#include "backends/layers/perturb.h"

#include <atomic>
#include <mutex>
#include <string>
#include <utility>

#include "backends/layers/layer.h"
#include "backends/runtime/clock.h"

namespace assay::layers {
namespace {

// A second is far beyond any call; more is a slip of the unit.
constexpr std::uint64_t kMaxDelayUs = 1'000'000;

struct State {
  explicit State(const Perturbation& perturbation) : what(perturbation) {}
  const Perturbation what;
  // Work that a call runs inside itself may make the same call again.
  std::recursive_mutex mutex;
  std::atomic<std::uint64_t> count{0};
};

// Uniform in [0, bound]. splitmix64 on a counter of the thread.
std::uint64_t random_up_to(std::uint64_t bound, std::uint64_t seed) {
  thread_local std::uint64_t draws = 0;
  std::uint64_t x =
      seed + 0x9e3779b97f4a7c15U * (++draws + (std::uint64_t{thread_number()} << 32U));
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  x ^= x >> 31U;
  return bound == 0 ? 0 : x % (bound + 1);
}

// On the stack around a call.
class Disturbed {
 public:
  Disturbed(State& state, Call call) {
    if (call != state.what.call) return;
    if (state.what.mutex) lock_ = std::unique_lock(state.mutex);
    state.count.fetch_add(1, std::memory_order_relaxed);
    const std::uint64_t length =
        state.what.delay_ns + random_up_to(state.what.jitter_ns, state.what.seed);
    if (length == 0) return;
    const std::uint64_t end = runtime::clock_ns() + length;
    while (runtime::clock_ns() < end) {
    }
  }

 private:
  std::unique_lock<std::recursive_mutex> lock_;
};

class PerturbTimeline final : public LayerTimeline {
 public:
  PerturbTimeline(std::shared_ptr<Timeline> inner, std::shared_ptr<State> state)
      : LayerTimeline(std::move(inner)), state_(std::move(state)) {}

  std::optional<Status> query(std::uint64_t value) const override {
    const Disturbed call(*state_, Call::query);
    return inner()->query(value);
  }
  void signal(std::uint64_t value) override {
    const Disturbed call(*state_, Call::signal);
    inner()->signal(value);
  }
  void fail(const Status& status) override {
    const Disturbed call(*state_, Call::fail);
    inner()->fail(status);
  }
  Status wait(std::uint64_t value, Timeout timeout) override {
    const Disturbed call(*state_, Call::wait);
    return inner()->wait(value, timeout);
  }

 private:
  std::shared_ptr<State> state_;
};

class PerturbQueue final : public LayerQueue {
 public:
  PerturbQueue(const std::shared_ptr<Queue>& inner, const std::shared_ptr<State>& state)
      : LayerQueue(inner,
                   std::make_shared<PerturbTimeline>(inner->last().timeline, state)),
        state_(state) {}

  using Queue::submit;
  Point submit(std::shared_ptr<CommandBuffer> commands, std::span<const Point> waits,
               std::span<const Point> signals) override {
    const Disturbed call(*state_, Call::submit);
    return LayerQueue::submit(std::move(commands), waits, signals);
  }

 private:
  std::shared_ptr<State> state_;
};

class PerturbEncoder final : public LayerEncoder {
 public:
  PerturbEncoder(std::unique_ptr<CommandEncoder> inner, std::shared_ptr<State> state)
      : LayerEncoder(std::move(inner)), state_(std::move(state)) {}

  void dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                std::span<const BufferSlice> bindings,
                std::span<const std::byte> constants) override {
    const Disturbed call(*state_, Call::dispatch);
    inner().dispatch(kernel, groups, bindings, constants);
  }
  void copy(const BufferSlice& source, const BufferSlice& destination) override {
    const Disturbed call(*state_, Call::copy);
    inner().copy(source, destination);
  }
  void fill(const BufferSlice& destination, std::uint32_t pattern) override {
    const Disturbed call(*state_, Call::fill);
    inner().fill(destination, pattern);
  }
  void barrier() override {
    const Disturbed call(*state_, Call::barrier);
    inner().barrier();
  }
  void host_call(HostCall what) override {
    const Disturbed call(*state_, Call::host_call);
    inner().host_call(std::move(what));
  }
  void library_call(LibraryCall what) override {
    const Disturbed call(*state_, Call::library_call);
    inner().library_call(std::move(what));
  }
  std::shared_ptr<CommandBuffer> finish() override {
    const Disturbed call(*state_, Call::finish);
    return inner().finish();
  }

 private:
  std::shared_ptr<State> state_;
};

class PerturbDevice final : public LayerDevice {
 public:
  PerturbDevice(std::shared_ptr<Device> inner, const std::string& spelling,
                const Perturbation& perturbation)
      : LayerDevice(std::move(inner), spelling),
        state_(std::make_shared<State>(perturbation)) {}

  std::shared_ptr<Buffer> create_buffer(const BufferDesc& desc) override {
    const Disturbed call(*state_, Call::create_buffer);
    return inner()->create_buffer(desc);
  }
  std::shared_ptr<Kernel> create_kernel(const KernelDesc& desc) override {
    const Disturbed call(*state_, Call::create_kernel);
    return inner()->create_kernel(desc);
  }
  std::unique_ptr<CommandEncoder> create_encoder(const EncoderDesc& desc) override {
    const Disturbed call(*state_, Call::create_encoder);
    return std::make_unique<PerturbEncoder>(inner()->create_encoder(desc), state_);
  }
  std::shared_ptr<Queue> create_queue(const QueueDesc& desc) override {
    const Disturbed call(*state_, Call::create_queue);
    return std::make_shared<PerturbQueue>(inner()->create_queue(desc), state_);
  }
  std::shared_ptr<Timeline> create_timeline(std::uint64_t initial_value) override {
    const Disturbed call(*state_, Call::create_timeline);
    return std::make_shared<PerturbTimeline>(inner()->create_timeline(initial_value),
                                             state_);
  }
  Status synchronize(Timeout timeout) override {
    const Disturbed call(*state_, Call::synchronize);
    return inner()->synchronize(timeout);
  }

  std::uint64_t count() const noexcept { return state_->count.load(); }

 private:
  std::shared_ptr<State> state_;
};

Perturbation parse(const runtime::Uri& layer) {
  runtime::require_only(layer, {"call", "delay_us", "jitter_us", "mutex", "seed"});
  const auto named = layer.parameters.find("call");
  const auto call =
      named == layer.parameters.end() ? std::nullopt : parse_call(named->second);
  if (!call) {
    std::string known;
    for (std::size_t i = 0; i < kCalls; ++i) {
      known.append(i == 0 ? "" : ", ").append(to_string(static_cast<Call>(i)));
    }
    throw Error(StatusCode::invalid_argument, "layer '" + runtime::spelling(layer) +
                                                  "': call= must be one of " + known);
  }
  Perturbation result;
  result.call = *call;
  result.delay_ns =
      1000 * runtime::integer_parameter(layer, "delay_us", 0, 0, kMaxDelayUs);
  result.jitter_ns =
      1000 * runtime::integer_parameter(layer, "jitter_us", 0, 0, kMaxDelayUs);
  result.mutex = runtime::integer_parameter(layer, "mutex", 0, 0, 1) != 0;
  result.seed = runtime::integer_parameter(layer, "seed", 1, 0, UINT64_MAX);
  if (result.mutex && (*call == Call::wait || *call == Call::synchronize)) {
    throw Error(StatusCode::invalid_argument,
                "layer '" + runtime::spelling(layer) + "': a lock held during a " +
                    std::string(to_string(*call)) +
                    " can deadlock; perturb submit or signal");
  }
  return result;
}

}  // namespace

std::shared_ptr<Device> wrap_in_perturb(std::shared_ptr<Device> inner,
                                        const runtime::Uri& layer) {
  const Perturbation perturbation = parse(layer);
  return std::make_shared<PerturbDevice>(std::move(inner), runtime::spelling(layer),
                                         perturbation);
}

std::uint64_t disturbances(Device& device) {
  auto* layer = find_layer<PerturbDevice>(device);
  if (layer == nullptr) {
    throw Error(StatusCode::failed_precondition,
                device.caps().uri + " has no perturb layer");
  }
  return layer->count();
}

}  // namespace assay::layers
