// SPDX-License-Identifier: MIT
#include "backends/runtime/host_device.h"

#include <new>
#include <utility>

#include "backends/runtime/encoder.h"
#include "backends/runtime/graph_builder.h"
#include "backends/runtime/memory_pool.h"
#include "backends/runtime/short_memory.h"

namespace assay::runtime {
namespace {

class TimelineHandle final : public Timeline {
 public:
  TimelineHandle(std::shared_ptr<DeviceCore> device, std::shared_ptr<TimelineCore> core,
                 std::shared_ptr<QueueCore> queue = nullptr)
      : device_(std::move(device)), core_(std::move(core)), queue_(std::move(queue)) {}

  std::uint64_t value() const noexcept override { return core_->value(); }
  std::optional<Status> query(std::uint64_t value) const override {
    return core_->query(value);
  }
  void signal(std::uint64_t value) override {
    {
      // Claimed and raised in one step: another host thread's fail() comes before both
      // or after both.
      const std::lock_guard lock(device_->producer_mutex());
      claim(value);
      core_->raise(value);
    }
    core_->notify();
  }
  void fail(const Status& status) override {
    if (status.ok()) {
      throw Error(StatusCode::invalid_argument, "a timeline cannot fail with ok");
    }
    {
      const std::lock_guard lock(device_->producer_mutex());
      claim(core_->value() + 1);
      core_->set_failed(status, UINT64_MAX);
    }
    core_->notify();
  }
  Status wait(std::uint64_t value, Timeout timeout) override {
    return device_->wait(queue_.get(), *core_, value, Deadline(timeout));
  }

  const std::shared_ptr<TimelineCore>& core() const noexcept { return core_; }
  const DeviceCore* device() const noexcept { return device_.get(); }

 private:
  // Makes the host the producer and promises `value`. Under the producer mutex.
  void claim(std::uint64_t value) {
    if (core_->failed()) {
      throw Error(StatusCode::failed_precondition, "the timeline has failed");
    }
    if (core_->producer != nullptr && core_->producer != device_.get()) {
      throw Error(
          StatusCode::failed_precondition,
          "a queue is the producer of this timeline: the host cannot signal it");
    }
    if (value <= core_->value() || value <= core_->promised) {
      throw Error(StatusCode::invalid_argument,
                  "a signal must raise its timeline: " + std::to_string(value) +
                      " is not above " + std::to_string(core_->value()));
    }
    core_->producer = device_.get();  // the device's address stands for the host
    core_->promised = value;
  }

  std::shared_ptr<DeviceCore> device_;
  std::shared_ptr<TimelineCore> core_;
  std::shared_ptr<QueueCore> queue_;
};

class QueueHandle final : public Queue {
 public:
  QueueHandle(std::shared_ptr<DeviceCore> device, const QueueDesc& desc)
      : device_(std::move(device)),
        core_(device_->create_queue(desc.label)),
        timeline_(std::make_shared<TimelineHandle>(device_, core_->timeline(), core_)) {
  }

  using Queue::submit;
  Point submit(std::shared_ptr<CommandBuffer> commands, std::span<const Point> waits,
               std::span<const Point> signals) override {
    return or_out_of_memory("submit: no memory for the submission", [&] {
      return Point{timeline_, enqueue(std::move(commands), waits, signals)};
    });
  }

  Point last() const override { return {timeline_, core_->last_submitted()}; }

  std::optional<Timestamps> timestamps(const Point& point) const override {
    if (point.timeline != timeline_ || !timeline_->query(point.value)) {
      return std::nullopt;
    }
    return core_->timestamps(point.value);
  }

 private:
  std::uint64_t enqueue(std::shared_ptr<CommandBuffer> commands,
                        std::span<const Point> waits, std::span<const Point> signals) {
    std::shared_ptr<const RecordedCommands> recorded;
    if (commands) {
      recorded = std::dynamic_pointer_cast<const RecordedCommands>(std::move(commands));
      if (!recorded || recorded->device_id() != device_->id()) {
        throw Error(StatusCode::invalid_argument,
                    "submit: the command buffer belongs to another device");
      }
    }
    std::unique_ptr<Submission> submission = core_->new_submission();
    resolve(waits, "wait", submission->waits);
    resolve(signals, "signal", submission->signals);
    submission->commands = std::move(recorded);
    std::uint64_t value = 0;
    if (waits.empty() && signals.empty()) {
      value = core_->enqueue(std::move(submission));
    } else {
      const std::lock_guard lock(device_->producer_mutex());
      value = core_->enqueue(std::move(submission));
    }
    device_->count_submission();
    core_->schedule_if_due();
    return value;
  }

  void resolve(std::span<const Point> points, const char* what,
               std::vector<CorePoint>& out) const {
    out.clear();
    for (const Point& point : points) {
      if (!point.timeline) {
        throw Error(StatusCode::invalid_argument,
                    std::string("submit: null point to ") + what);
      }
      const auto* handle = dynamic_cast<const TimelineHandle*>(point.timeline.get());
      if (handle == nullptr || handle->device() != device_.get()) {
        throw Error(
            StatusCode::invalid_argument,
            std::string("submit: the point to ") + what + " belongs to another device");
      }
      out.push_back({handle->core(), point.value});
    }
  }

  std::shared_ptr<DeviceCore> device_;
  std::shared_ptr<QueueCore> core_;
  std::shared_ptr<TimelineHandle> timeline_;
};

class HostDevice final : public Device {
 public:
  explicit HostDevice(std::shared_ptr<DeviceCore> core) : core_(std::move(core)) {}

  const Caps& caps() const noexcept override { return core_->caps(); }

  std::shared_ptr<Buffer> create_buffer(const BufferDesc& desc) override {
    if (desc.bytes > caps().limits.max_buffer_bytes) {
      throw Error(StatusCode::invalid_argument,
                  "a buffer of " + std::to_string(desc.bytes) +
                      " bytes is above this device's limit of " +
                      std::to_string(caps().limits.max_buffer_bytes));
    }
    return or_out_of_memory("no memory for a buffer",
                            [&] { return make_buffer(*core_, desc); });
  }
  std::shared_ptr<MemoryPool> create_memory_pool(const PoolDesc& desc) override {
    return or_out_of_memory("no memory for the pool's books", [&] {
      const auto make = [core = core_](const BufferDesc& buffer) {
        return make_buffer(*core, buffer);
      };
      return make_memory_pool(make, desc, caps().limits.max_buffer_bytes);
    });
  }
  std::shared_ptr<Kernel> create_kernel(const KernelDesc& desc) override {
    return or_out_of_memory("no memory for a kernel", [&] {
      auto kernel = std::make_shared<HostKernelObject>(desc, core_->id(), caps());
      core_->count_kernel();
      return kernel;
    });
  }
  std::unique_ptr<CommandEncoder> create_encoder(const EncoderDesc& desc) override {
    return or_out_of_memory("no memory for an encoder",
                            [&] { return std::make_unique<Encoder>(core_, desc); });
  }
  std::unique_ptr<GraphBuilder> create_graph_builder(const GraphDesc& desc) override {
    return or_out_of_memory("no memory for a graph", [&] {
      // Member by member: of a braced temporary, GCC 12 leaks the first member when the
      // second one throws.
      GraphSeam seam;
      // Captures that cannot throw, for the same reason.
      const auto encoder = std::make_shared<EncoderDesc>();
      encoder->label = desc.label;
      seam.encoder = [core = core_, encoder] {
        return std::make_unique<Encoder>(core, *encoder);
      };
      seam.finish = [](CommandEncoder& recorded,
                       std::shared_ptr<const GraphPlan> plan) {
        return static_cast<Encoder&>(recorded).finish_graph(std::move(plan));
      };
      return make_graph_builder(std::move(seam), desc);
    });
  }
  std::shared_ptr<Queue> create_queue(const QueueDesc& desc) override {
    return or_out_of_memory("no memory for a queue",
                            [&] { return std::make_shared<QueueHandle>(core_, desc); });
  }
  std::shared_ptr<Timeline> create_timeline(std::uint64_t initial_value) override {
    return or_out_of_memory("no memory for a timeline", [&] {
      auto timeline = std::make_shared<TimelineCore>(initial_value);
      timeline->promised = initial_value;
      return std::make_shared<TimelineHandle>(core_, std::move(timeline));
    });
  }

  Status synchronize(Timeout timeout) override {
    try {
      return wait_for_all(Deadline(timeout));
    } catch (const std::bad_alloc&) {
      return {StatusCode::out_of_memory, "no memory to list the device's queues"};
    }
  }

  std::uint64_t now_ns() const noexcept override { return clock_ns(); }
  Counters counters() const noexcept override { return core_->counters(); }

 private:
  Status wait_for_all(const Deadline& deadline) {
    Status first;
    for (const auto& [queue, last] : core_->snapshot()) {
      Status status = core_->wait(queue.get(), *last.timeline, last.value, deadline);
      // Timed out, or refused: nothing is known of the work.
      if (!last.timeline->settled(last.value)) return status;
      if (first.ok()) first = status;
    }
    return first;
  }

  static std::shared_ptr<Buffer> make_buffer(DeviceCore& core, const BufferDesc& desc) {
    auto buffer = std::make_shared<HostBuffer>(desc, core.id());
    core.count_buffer(desc.bytes);
    return buffer;
  }

  std::shared_ptr<DeviceCore> core_;
};

}  // namespace

std::shared_ptr<Device> make_host_device(const DeviceCore::EngineFactory& factory) {
  return std::make_shared<HostDevice>(DeviceCore::create(factory));
}

}  // namespace assay::runtime
