// SPDX-License-Identifier: MIT
#include "backends/inline/inline_device.h"

#include <mutex>
#include <utility>
#include <vector>

#include "backends/runtime/host_device.h"
#include "backends/runtime/host_limits.h"
#include "backends/runtime/host_memory.h"
#include "backends/runtime/queue_core.h"
#include "backends/runtime/work_scope.h"

namespace assay::inline_device {
namespace {

using runtime::QueueCore;
using runtime::RecordedCommands;
using runtime::Segment;
using runtime::TimelineCore;

class InlineEngine final : public runtime::Engine, private runtime::SegmentRunner {
 public:
  explicit InlineEngine(runtime::DeviceCore& device) : device_(device) {
    caps_.uri = "inline://";
    caps_.name = "inline serial reference";
    caps_.description = "work runs on the thread that submits or signals";
    caps_.compute_units = 1;
    caps_.host_kernels = true;
    caps_.simulated_device_memory = true;
    caps_.timestamps = true;
    caps_.last_level_cache_bytes = runtime::host_last_level_cache_bytes();
    caps_.limits = runtime::host_limits();
  }

  const Caps& caps() const noexcept override { return caps_; }

  void reserve(std::size_t queues) override {
    const std::lock_guard lock(mutex_);
    if (queues > ready_.capacity()) ready_.reserve(2 * queues);
  }

  // A pump, not a recursion: work that makes more work ready (a signal, a submit from a
  // host call) finds the pump running and leaves it to the loop. One thread pumps at a
  // time, whoever came first; others hand over and return.
  void schedule(std::shared_ptr<QueueCore> queue) override {
    {
      const std::lock_guard lock(mutex_);
      ready_.push_back(std::move(queue));
      if (pumping_) return;
      pumping_ = true;
    }
    const runtime::WorkScope scope(&device_);
    for (;;) {
      std::shared_ptr<QueueCore> next;
      {
        const std::lock_guard lock(mutex_);
        if (ready_.empty()) {
          pumping_ = false;
          return;
        }
        next = std::move(ready_.front());
        ready_.erase(ready_.begin());
      }
      next->drain(*this);
    }
  }

  // There is nothing to help with: what can run has run, or runs on another thread.
  void help(QueueCore*, const TimelineCore&, std::uint64_t) override {}
  void spin(QueueCore*, const TimelineCore&, std::uint64_t) override {}
  void stop() override {}

 private:
  Status run(const RecordedCommands& commands, const Segment& segment) override {
    if (!scratch_) scratch_ = runtime::allocate_host(caps_.limits.max_local_bytes);
    if (!scratch_) return {StatusCode::out_of_memory, "no memory for group-local data"};
    for (std::uint64_t tile = 0; tile < segment.tiles; ++tile) {
      Status status = commands.run_tile(segment, tile, {scratch_.get(), 0});
      if (!status.ok()) return status;
    }
    return {};
  }
  bool should_yield() override { return false; }

  runtime::DeviceCore& device_;
  Caps caps_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<QueueCore>> ready_;
  bool pumping_ = false;
  runtime::HostMemory scratch_;  // of the pumping thread
};

}  // namespace

std::shared_ptr<Device> open(const runtime::Uri& uri) {
  runtime::require_only(uri, {});
  return runtime::make_host_device(
      [](runtime::DeviceCore& core) { return std::make_unique<InlineEngine>(core); });
}

}  // namespace assay::inline_device
