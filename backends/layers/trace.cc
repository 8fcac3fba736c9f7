// SPDX-License-Identifier: MIT
#include "backends/layers/trace.h"

#include <algorithm>
#include <utility>

#include "backends/layers/layer.h"
#include "backends/layers/trace_state.h"
#include "backends/runtime/clock.h"

namespace assay::layers {
namespace {

using runtime::clock_ns;

// Records the call it is on the stack of.
class Scope {
 public:
  Scope(const TraceState& state, Call call, std::uint32_t queue = 0)
      : recorder_(*state.recorder), outer_(innermost_) {
    call_.call = call;
    call_.queue = queue;
    call_.thread = thread_number();
    call_.outermost = outer_ == nullptr || &outer_->recorder_ != &recorder_;
    innermost_ = this;
    call_.begin_ns = clock_ns();
  }
  ~Scope() {
    call_.end_ns = clock_ns();
    innermost_ = outer_;
    const std::uint64_t whole = call_.end_ns - call_.begin_ns;
    call_.self_ns = whole - std::min(whole, inside_ns_);
    if (!call_.outermost) outer_->inside_ns_ += whole;
    if (call_.call == Call::query) {
      recorder_.add_query(call_.self_ns);
    } else {
      recorder_.add(call_);
    }
  }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  void set_value(std::uint64_t value) noexcept { call_.value = value; }
  std::uint32_t thread() const noexcept { return call_.thread; }

 private:
  Recorder& recorder_;
  Scope* outer_;
  TracedCall call_;
  std::uint64_t inside_ns_ = 0;
  static thread_local Scope* innermost_;
};

thread_local Scope* Scope::innermost_ = nullptr;

struct GroupHook {
  std::shared_ptr<Recorder> recorder;
  std::uint32_t name;
  HostKernel kernel;
  std::shared_ptr<const void> data;
};

void run_traced_group(const GroupContext& context) noexcept {
  const auto* hook = static_cast<const GroupHook*>(context.user);
  GroupContext own = context;
  own.user = hook->data.get();
  const std::uint64_t begin = clock_ns();
  hook->kernel(own);
  hook->recorder->add_groups(context.compute_unit, hook->name, begin, clock_ns());
}

// On the stack around the function of a host or library call, which may throw.
class WorkRecord {
 public:
  WorkRecord(Recorder& recorder, WorkKind kind, std::uint32_t name)
      : recorder_(recorder), work_{kind, name, thread_number(), clock_ns(), 0, 0} {}
  ~WorkRecord() {
    work_.end_ns = clock_ns();
    recorder_.add(work_);
  }
  WorkRecord(const WorkRecord&) = delete;
  WorkRecord& operator=(const WorkRecord&) = delete;

 private:
  Recorder& recorder_;
  TracedWork work_;
};

class TraceTimeline final : public LayerTimeline {
 public:
  TraceTimeline(std::shared_ptr<Timeline> inner, std::shared_ptr<TraceState> state,
                std::uint32_t queue)
      : LayerTimeline(std::move(inner)), state_(std::move(state)), queue_(queue) {}

  std::optional<Status> query(std::uint64_t value) const override {
    const Scope scope(*state_, Call::query);
    return inner()->query(value);
  }
  void signal(std::uint64_t value) override {
    Scope scope(*state_, Call::signal);
    scope.set_value(value);
    inner()->signal(value);
  }
  void fail(const Status& status) override {
    const Scope scope(*state_, Call::fail);
    inner()->fail(status);
  }
  Status wait(std::uint64_t value, Timeout timeout) override {
    Scope scope(*state_, Call::wait, queue_);
    scope.set_value(value);
    return inner()->wait(value, timeout);
  }

 private:
  std::shared_ptr<TraceState> state_;
  const std::uint32_t queue_;  // whose own timeline it is; 0: nobody's
};

class TraceQueue final : public LayerQueue {
 public:
  TraceQueue(const std::shared_ptr<Queue>& inner,
             const std::shared_ptr<TraceState>& state,
             std::shared_ptr<QueueTrack> track)
      : LayerQueue(inner, std::make_shared<TraceTimeline>(inner->last().timeline, state,
                                                          track->id())),
        state_(state),
        track_(std::move(track)) {}
  ~TraceQueue() override { track_->drain(*state_->recorder); }

  using Queue::submit;
  Point submit(std::shared_ptr<CommandBuffer> commands, std::span<const Point> waits,
               std::span<const Point> signals) override {
    Scope scope(*state_, Call::submit, track_->id());
    TracedSubmission submission;
    if (commands) submission.label = commands->label();
    Point point = LayerQueue::submit(std::move(commands), waits, signals);
    scope.set_value(point.value);
    submission.queue = track_->id();
    submission.value = point.value;
    submission.thread = scope.thread();
    track_->add(std::move(submission), *state_->recorder);
    return point;
  }

 private:
  std::shared_ptr<TraceState> state_;
  std::shared_ptr<QueueTrack> track_;
};

class TraceEncoder final : public LayerEncoder {
 public:
  TraceEncoder(std::unique_ptr<CommandEncoder> inner, std::shared_ptr<TraceState> state)
      : LayerEncoder(std::move(inner)), state_(std::move(state)) {}

  void dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                std::span<const BufferSlice> bindings,
                std::span<const std::byte> constants) override {
    const Scope scope(*state_, Call::dispatch);
    inner().dispatch(kernel, groups, bindings, constants);
  }
  void copy(const BufferSlice& source, const BufferSlice& destination) override {
    const Scope scope(*state_, Call::copy);
    inner().copy(source, destination);
  }
  void fill(const BufferSlice& destination, std::uint32_t pattern) override {
    const Scope scope(*state_, Call::fill);
    inner().fill(destination, pattern);
  }
  void barrier() override {
    const Scope scope(*state_, Call::barrier);
    inner().barrier();
  }
  void host_call(HostCall call) override {
    const Scope scope(*state_, Call::host_call);
    if (call.run) {
      call.run = [run = std::move(call.run), recorder = state_->recorder,
                  name = name_of(call.label, "host call")] {
        const WorkRecord record(*recorder, WorkKind::host_call, name);
        return run();
      };
    }
    inner().host_call(std::move(call));
  }
  void library_call(LibraryCall call) override {
    const Scope scope(*state_, Call::library_call);
    if (call.run) {
      call.run = [run = std::move(call.run), recorder = state_->recorder,
                  name = name_of(call.label, "library call")](
                     std::span<const BoundRange> operands) {
        const WorkRecord record(*recorder, WorkKind::library_call, name);
        return run(operands);
      };
    }
    inner().library_call(std::move(call));
  }
  std::shared_ptr<CommandBuffer> finish() override {
    const Scope scope(*state_, Call::finish);
    return inner().finish();
  }

 private:
  std::uint32_t name_of(const std::string& label, const char* otherwise) const {
    return state_->recorder->name(label.empty() ? otherwise : label);
  }

  std::shared_ptr<TraceState> state_;
};

class TraceDevice final : public LayerDevice {
 public:
  explicit TraceDevice(std::shared_ptr<Device> inner)
      : LayerDevice(std::move(inner), "trace"),
        state_(std::make_shared<TraceState>(*LayerDevice::inner())) {}

  std::shared_ptr<Buffer> create_buffer(const BufferDesc& desc) override {
    const Scope scope(*state_, Call::create_buffer);
    return inner()->create_buffer(desc);
  }
  std::shared_ptr<Kernel> create_kernel(const KernelDesc& desc) override {
    const Scope scope(*state_, Call::create_kernel);
    if (desc.host == nullptr) return inner()->create_kernel(desc);
    KernelDesc traced = desc;
    traced.host = run_traced_group;
    traced.host_data = std::make_shared<GroupHook>(
        GroupHook{state_->recorder, state_->recorder->name(desc.name), desc.host,
                  desc.host_data});
    return inner()->create_kernel(traced);
  }
  std::unique_ptr<CommandEncoder> create_encoder(const EncoderDesc& desc) override {
    const Scope scope(*state_, Call::create_encoder);
    return std::make_unique<TraceEncoder>(inner()->create_encoder(desc), state_);
  }
  std::shared_ptr<Queue> create_queue(const QueueDesc& desc) override {
    const Scope scope(*state_, Call::create_queue);
    const std::shared_ptr<Queue> queue = inner()->create_queue(desc);
    return std::make_shared<TraceQueue>(queue, state_,
                                        state_->track(queue, desc.label));
  }
  std::shared_ptr<Timeline> create_timeline(std::uint64_t initial_value) override {
    const Scope scope(*state_, Call::create_timeline);
    return std::make_shared<TraceTimeline>(inner()->create_timeline(initial_value),
                                           state_, 0);
  }
  Status synchronize(Timeout timeout) override {
    const Scope scope(*state_, Call::synchronize);
    return inner()->synchronize(timeout);
  }

  Trace snapshot() { return state_->snapshot(); }

 private:
  std::shared_ptr<TraceState> state_;
};

}  // namespace

std::shared_ptr<Device> wrap_in_trace(std::shared_ptr<Device> inner,
                                      const runtime::Uri& layer) {
  runtime::require_only(layer, {});
  return std::make_shared<TraceDevice>(std::move(inner));
}

Trace trace_of(Device& device) {
  auto* layer = find_layer<TraceDevice>(device);
  if (layer == nullptr) {
    throw Error(
        StatusCode::failed_precondition,
        device.caps().uri + " records nothing: open trace+" + device.caps().uri);
  }
  return layer->snapshot();
}

}  // namespace assay::layers
