// SPDX-License-Identifier: MIT
#include "backends/vulkan/gpu_core.h"

#include <algorithm>
#include <utility>

#include "backends/runtime/work_scope.h"

namespace assay::vulkan {
namespace {

// Host calls of different queues overlap up to this many; a thread starts when it is
// first needed. They wait for the device most of the time, so the number need not
// follow the host's processors.
constexpr std::size_t kHostThreads = 4;

}  // namespace

GpuCore::GpuCore(std::shared_ptr<Gpu> gpu) : gpu_(std::move(gpu)) {}

std::shared_ptr<GpuCore> GpuCore::create(std::shared_ptr<Gpu> gpu) {
  const auto close = [](GpuCore* core) {
    if (runtime::WorkScope::inside(core)) {
      std::thread([core] { delete core; }).detach();
    } else {
      delete core;
    }
  };
  return {new GpuCore(std::move(gpu)), close};
}

GpuCore::~GpuCore() {
  // No handle is left, so nobody can submit or signal: what can run finishes, and what
  // still waits then can never run. Failing one queue may let another go on.
  for (;;) {
    wait_quiet();
    bool parked = false;
    for (const auto& queue : queues_) {
      if (queue->timeline()->settled(queue->last_submitted())) continue;
      parked = true;
      queue->abort_parked();
    }
    if (!parked) break;
  }
  for (const auto& queue : queues_) queue->finish();
  {
    const std::lock_guard lock(host_mutex_);
    stopping_ = true;
  }
  host_work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::shared_ptr<GpuQueue> GpuCore::create_queue() {
  auto queue = std::make_shared<GpuQueue>(*this);
  std::vector<std::shared_ptr<GpuQueue>> dropped;
  {
    const std::lock_guard lock(queues_mutex_);
    queues_.push_back(queue);
    if (queues_.size() < prune_at_) return queue;
    for (const auto& old : queues_) {
      if (old.use_count() == 1) dropped.push_back(old);
    }
  }
  // Not under the lock: what they let go of may be anything of the user's.
  for (const auto& old : dropped) old->reap();
  dropped.clear();
  const std::lock_guard lock(queues_mutex_);
  // Nobody holds them, and what was submitted to them is over.
  std::erase_if(queues_, [](const std::shared_ptr<GpuQueue>& old) {
    return old.use_count() == 1 && old->idle();
  });
  prune_at_ = queues_.size() * 2 + 16;
  return queue;
}

std::vector<std::pair<std::shared_ptr<GpuQueue>, std::uint64_t>> GpuCore::snapshot()
    const {
  std::vector<std::pair<std::shared_ptr<GpuQueue>, std::uint64_t>> points;
  const std::lock_guard lock(queues_mutex_);
  for (const auto& queue : queues_) {
    points.emplace_back(queue, queue->last_submitted());
  }
  return points;
}

Status GpuCore::wait(GpuTimeline& timeline, GpuQueue* queue, std::uint64_t value,
                     const runtime::Deadline& deadline) {
  if (runtime::WorkScope::inside(this)) {
    return {StatusCode::failed_precondition,
            "a host wait from inside the device's own work would block the thread that "
            "has to make it true"};
  }
  Status status = timeline.wait_until(value, deadline);
  if (queue != nullptr) queue->reap();
  if (gpu_->lost()) spread_loss();
  return status;
}

void GpuCore::spread_loss() {
  if (loss_spread_.exchange(true)) return;
  for (const auto& [queue, last] : snapshot()) wake(queue);
}

void GpuCore::wake(std::shared_ptr<GpuQueue> queue) {
  {
    const std::lock_guard lock(woken_mutex_);
    woken_.push_back(std::move(queue));
    if (advancing_) return;
    advancing_ = true;
  }
  for (;;) {
    std::shared_ptr<GpuQueue> next;
    {
      const std::lock_guard lock(woken_mutex_);
      if (woken_.empty()) {
        advancing_ = false;
        return;
      }
      next = std::move(woken_.front());
      woken_.pop_front();
    }
    try {
      next->advance();
    } catch (...) {
      // Whoever wakes a queue after this advances it again; nobody would as long as
      // this thread seems to be at it. What is left goes to the next who wakes one.
      const std::lock_guard lock(woken_mutex_);
      advancing_ = false;
      woken_.push_front(std::move(next));
      throw;
    }
  }
}

void GpuCore::post(std::shared_ptr<GpuQueue> queue) {
  const std::lock_guard lock(host_mutex_);
  ++busy_;
  host_ready_.push_back(std::move(queue));
  if (idle_threads_ < host_ready_.size() && threads_.size() < kHostThreads) {
    threads_.emplace_back([this] { host_loop(); });
  } else {
    host_work_.notify_one();
  }
}

void GpuCore::host_loop() {
  const runtime::WorkScope scope(this);
  std::unique_lock lock(host_mutex_);
  for (;;) {
    ++idle_threads_;
    host_work_.wait(lock, [&] { return stopping_ || !host_ready_.empty(); });
    --idle_threads_;
    if (host_ready_.empty()) return;
    {
      const std::shared_ptr<GpuQueue> queue = std::move(host_ready_.front());
      host_ready_.pop_front();
      lock.unlock();
      queue->run_head();
    }
    lock.lock();
    if (--busy_ == 0) quiet_.notify_all();
  }
}

void GpuCore::wait_quiet() {
  std::unique_lock lock(host_mutex_);
  quiet_.wait(lock, [&] { return busy_ == 0; });
}

Counters GpuCore::counters() const noexcept {
  Counters counters;
  counters.kernels_compiled = kernels_.load(std::memory_order_relaxed);
  counters.buffers_allocated = buffers_.load(std::memory_order_relaxed);
  counters.bytes_allocated = bytes_.load(std::memory_order_relaxed);
  counters.command_buffers_encoded = encoded_->load(std::memory_order_relaxed);
  counters.submissions = submissions_.load(std::memory_order_relaxed);
  counters.groups_executed = groups_.load(std::memory_order_relaxed);
  return counters;
}

}  // namespace assay::vulkan
