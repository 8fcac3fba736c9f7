// SPDX-License-Identifier: MIT
#include "backends/vulkan/device.h"

#include <string>
#include <utility>

#include "backends/runtime/graph_builder.h"
#include "backends/runtime/memory_pool.h"
#include "backends/vulkan/gpu_core.h"

namespace assay::vulkan {
namespace {

class TimelineHandle final : public Timeline {
 public:
  TimelineHandle(std::shared_ptr<GpuCore> core, std::shared_ptr<GpuTimeline> timeline,
                 std::shared_ptr<GpuQueue> queue = nullptr)
      : core_(std::move(core)),
        timeline_(std::move(timeline)),
        queue_(std::move(queue)) {}

  std::uint64_t value() const noexcept override { return timeline_->reached_value(); }
  std::optional<Status> query(std::uint64_t value) const override {
    return timeline_->outcome(value);
  }
  void signal(std::uint64_t value) override {
    {
      // Claimed and raised in one step: another host thread's fail() comes before both
      // or after both.
      const std::lock_guard lock(core_->producer_mutex());
      claim(value);
      timeline_->raise(value);
    }
    timeline_->notify();
  }
  void fail(const Status& status) override {
    if (status.ok()) {
      throw Error(StatusCode::invalid_argument, "a timeline cannot fail with ok");
    }
    {
      const std::lock_guard lock(core_->producer_mutex());
      claim(timeline_->value() + 1);
      timeline_->set_failed(status, UINT64_MAX);
    }
    timeline_->notify();
  }
  Status wait(std::uint64_t value, Timeout timeout) override {
    return core_->wait(*timeline_, queue_.get(), value, runtime::Deadline(timeout));
  }

  const std::shared_ptr<GpuTimeline>& timeline() const noexcept { return timeline_; }
  const GpuCore* core() const noexcept { return core_.get(); }

 private:
  // Makes the host the producer and promises `value`. Under the producer mutex.
  void claim(std::uint64_t value) {
    if (timeline_->failed()) {
      throw Error(StatusCode::failed_precondition, "the timeline has failed");
    }
    if (timeline_->producer != nullptr && timeline_->producer != core_.get()) {
      throw Error(
          StatusCode::failed_precondition,
          "a queue is the producer of this timeline; the host cannot signal it");
    }
    if (value <= timeline_->value() || value <= timeline_->promised) {
      throw Error(StatusCode::invalid_argument,
                  "a signal must raise its timeline: " + std::to_string(value) +
                      " is not above " + std::to_string(timeline_->value()));
    }
    timeline_->producer = core_.get();  // the device's address stands for the host
    timeline_->promised = value;
  }

  const std::shared_ptr<GpuCore> core_;
  const std::shared_ptr<GpuTimeline> timeline_;
  const std::shared_ptr<GpuQueue> queue_;
};

class QueueHandle final : public Queue {
 public:
  explicit QueueHandle(std::shared_ptr<GpuCore> core)
      : core_(std::move(core)),
        queue_(core_->create_queue()),
        timeline_(std::make_shared<TimelineHandle>(core_, queue_->timeline(), queue_)) {
  }

  using Queue::submit;
  Point submit(std::shared_ptr<CommandBuffer> commands, std::span<const Point> waits,
               std::span<const Point> signals) override {
    GpuSubmission submission;
    if (commands) {
      submission.commands =
          std::dynamic_pointer_cast<const GpuCommands>(std::move(commands));
      if (!submission.commands || submission.commands->gpu() != core_->gpu().get()) {
        throw Error(StatusCode::invalid_argument,
                    "submit: the command buffer belongs to another device");
      }
    }
    resolve(waits, "wait", submission.waits);
    resolve(signals, "signal", submission.signals);
    std::uint64_t value = 0;
    if (waits.empty() && signals.empty()) {
      value = queue_->enqueue(std::move(submission));
    } else {
      const std::lock_guard lock(core_->producer_mutex());
      value = queue_->enqueue(std::move(submission));
    }
    core_->count_submission();
    queue_->advance();
    return {timeline_, value};
  }

  Point last() const override { return {timeline_, queue_->last_submitted()}; }

  std::optional<Timestamps> timestamps(const Point& point) const override {
    if (!core_->caps().timestamps || point.timeline != timeline_ ||
        !timeline_->query(point.value)) {
      return std::nullopt;
    }
    queue_->reap();
    return queue_->timestamps(point.value);
  }

 private:
  void resolve(std::span<const Point> points, const char* what,
               std::vector<runtime::CorePoint>& out) const {
    for (const Point& point : points) {
      if (!point.timeline) {
        throw Error(StatusCode::invalid_argument,
                    std::string("submit: null point to ") + what);
      }
      const auto* handle = dynamic_cast<const TimelineHandle*>(point.timeline.get());
      if (handle == nullptr || handle->core() != core_.get()) {
        throw Error(
            StatusCode::invalid_argument,
            std::string("submit: the point to ") + what + " belongs to another device");
      }
      out.push_back({handle->timeline(), point.value});
    }
  }

  const std::shared_ptr<GpuCore> core_;
  const std::shared_ptr<GpuQueue> queue_;
  const std::shared_ptr<TimelineHandle> timeline_;
};

class GpuDevice final : public Device {
 public:
  explicit GpuDevice(std::shared_ptr<GpuCore> core) : core_(std::move(core)) {}

  const Caps& caps() const noexcept override { return core_->caps(); }

  std::shared_ptr<Buffer> create_buffer(const BufferDesc& desc) override {
    if (desc.bytes > caps().limits.max_buffer_bytes) {
      throw Error(StatusCode::invalid_argument,
                  "a buffer of " + std::to_string(desc.bytes) +
                      " bytes is above this device's limit of " +
                      std::to_string(caps().limits.max_buffer_bytes));
    }
    return make_buffer(*core_, desc);
  }
  std::shared_ptr<MemoryPool> create_memory_pool(const PoolDesc& desc) override {
    const auto make = [core = core_](const BufferDesc& buffer) {
      return make_buffer(*core, buffer);
    };
    return runtime::make_memory_pool(make, desc, caps().limits.max_buffer_bytes);
  }
  std::shared_ptr<Kernel> create_kernel(const KernelDesc& desc) override {
    auto kernel = std::make_shared<GpuKernel>(core_->gpu(), desc);
    core_->count_kernel();
    return kernel;
  }
  std::unique_ptr<CommandEncoder> create_encoder(const EncoderDesc& desc) override {
    return std::make_unique<GpuEncoder>(core_->gpu(), desc, core_->encoded());
  }
  // Nodes of a wave overlap on the device; edges are barriers between waves.
  std::unique_ptr<GraphBuilder> create_graph_builder(const GraphDesc& desc) override {
    runtime::GraphSeam seam;
    seam.waves = true;
    seam.encoder = [core = core_, label = desc.label] {
      return std::make_unique<GpuEncoder>(
          core->gpu(), EncoderDesc{Ordering::concurrent, label}, core->encoded());
    };
    seam.finish = [](CommandEncoder& encoder,
                     const std::shared_ptr<const runtime::GraphPlan>& /*plan*/) {
      return encoder.finish();
    };
    return runtime::make_graph_builder(std::move(seam), desc);
  }
  std::shared_ptr<Queue> create_queue(const QueueDesc&) override {
    return std::make_shared<QueueHandle>(core_);
  }
  std::shared_ptr<Timeline> create_timeline(std::uint64_t initial_value) override {
    auto timeline = std::make_shared<GpuTimeline>(core_->gpu(), initial_value, nullptr);
    timeline->promised = initial_value;
    return std::make_shared<TimelineHandle>(core_, std::move(timeline));
  }

  Status synchronize(Timeout timeout) override {
    const runtime::Deadline deadline(timeout);
    Status first;
    for (const auto& [queue, last] : core_->snapshot()) {
      GpuTimeline& timeline = *queue->timeline();
      Status status = core_->wait(timeline, queue.get(), last, deadline);
      // Timed out, or refused: nothing is known of the work.
      if (!timeline.outcome(last)) return status;
      if (first.ok()) first = status;
    }
    return first;
  }

  std::uint64_t now_ns() const noexcept override { return runtime::clock_ns(); }
  Counters counters() const noexcept override { return core_->counters(); }

 private:
  static std::shared_ptr<Buffer> make_buffer(GpuCore& core, const BufferDesc& desc) {
    auto buffer = std::make_shared<GpuBuffer>(core.gpu(), desc);
    core.count_buffer(desc.bytes);
    return buffer;
  }

  const std::shared_ptr<GpuCore> core_;
};

}  // namespace

std::shared_ptr<Device> make_device(std::shared_ptr<Gpu> gpu) {
  return std::make_shared<GpuDevice>(GpuCore::create(std::move(gpu)));
}

}  // namespace assay::vulkan
