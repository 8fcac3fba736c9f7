// SPDX-License-Identifier: MIT
#include "backends/runtime/device_core.h"

#include <thread>
#include <utility>

#include "backends/runtime/work_scope.h"

namespace assay::runtime {
namespace {

std::uint64_t next_device_id() {
  static std::atomic<std::uint64_t> next = 1;
  return next.fetch_add(1);
}

}  // namespace

thread_local const WorkScope* WorkScope::innermost_ = nullptr;

DeviceCore::DeviceCore() : id_(next_device_id()) {}

std::shared_ptr<DeviceCore> DeviceCore::create(const EngineFactory& factory) {
  const auto close = [](DeviceCore* device) {
    if (WorkScope::inside(device)) {
      std::thread([device] { delete device; }).detach();
    } else {
      delete device;
    }
  };
  std::shared_ptr<DeviceCore> device(new DeviceCore(), close);
  device->engine_ = factory(*device);
  return device;
}

DeviceCore::~DeviceCore() {
  if (!engine_) return;
  // No handle is left, so nobody can submit or signal: what is runnable finishes, and
  // what is still parked then can never run. Failing one queue may let another go on.
  for (;;) {
    wait_quiet();
    bool parked = false;
    for (const auto& [queue, last] : snapshot()) {
      if (last.timeline->settled(last.value)) continue;
      parked = true;
      queue->abort_parked();
    }
    if (!parked) break;
  }
  engine_->stop();
}

std::shared_ptr<QueueCore> DeviceCore::create_queue(std::string label) {
  auto queue = std::make_shared<QueueCore>(*this, std::move(label));
  const std::lock_guard lock(queues_mutex_);
  if (queues_.size() >= prune_at_) {
    std::erase_if(queues_, [](const auto& weak) { return weak.expired(); });
    prune_at_ = queues_.size() * 2 + 16;
  }
  queues_.push_back(queue);
  engine_->reserve(queues_.size());
  return queue;
}

std::vector<std::pair<std::shared_ptr<QueueCore>, CorePoint>> DeviceCore::snapshot()
    const {
  std::vector<std::pair<std::shared_ptr<QueueCore>, CorePoint>> points;
  const std::lock_guard lock(queues_mutex_);
  for (const auto& weak : queues_) {
    if (auto queue = weak.lock()) {
      CorePoint last{queue->timeline(), queue->last_submitted()};
      points.emplace_back(std::move(queue), std::move(last));
    }
  }
  return points;
}

Status DeviceCore::wait(QueueCore* queue, TimelineCore& timeline, std::uint64_t value,
                        const Deadline& deadline) {
  if (WorkScope::inside(this)) {
    return {StatusCode::failed_precondition,
            "a host wait from inside the device's own work would block the thread that "
            "has to make it true"};
  }
  if (!timeline.settled(value) && !deadline.passed()) {
    if (deadline.forever()) {
      engine_->help(queue, timeline, value);
    } else {
      engine_->spin(queue, timeline, value);
    }
  }
  if (const auto outcome = timeline.query(value)) return *outcome;
  return timeline.wait(value, deadline);
}

void DeviceCore::queue_became_busy() noexcept { busy_.fetch_add(1); }

void DeviceCore::queue_became_quiet() noexcept {
  if (busy_.fetch_sub(1) != 1) return;
  const std::lock_guard lock(quiet_mutex_);
  quiet_.notify_all();
}

void DeviceCore::wait_quiet() {
  std::unique_lock lock(quiet_mutex_);
  quiet_.wait(lock, [&] { return busy_.load() == 0; });
}

Counters DeviceCore::counters() const noexcept {
  Counters counters;
  counters.kernels_compiled = kernels_.load(std::memory_order_relaxed);
  counters.buffers_allocated = buffers_.load(std::memory_order_relaxed);
  counters.bytes_allocated = bytes_.load(std::memory_order_relaxed);
  counters.command_buffers_encoded = encoded_.load(std::memory_order_relaxed);
  counters.submissions = submissions_.load(std::memory_order_relaxed);
  counters.groups_executed = groups_.load(std::memory_order_relaxed);
  return counters;
}

}  // namespace assay::runtime
