// SPDX-License-Identifier: MIT
#include "backends/vulkan/timeline.h"

#include <algorithm>
#include <string>
#include <utility>

namespace assay::vulkan {
namespace {

Status stopped_status(std::uint64_t limit_ns) {
  return {StatusCode::device_lost,
          "nothing on the device was reached for " +
              std::to_string((limit_ns + 500'000'000) / 1'000'000'000) +
              " s, though its driver reports no fault: taken for lost. Open it again, "
              "with a larger stall_s where single dispatches take that long"};
}

std::uint64_t left_ns(const runtime::Deadline& deadline) {
  if (deadline.forever()) return UINT64_MAX;
  const auto left = deadline.at() - std::chrono::steady_clock::now();
  return left.count() > 0 ? static_cast<std::uint64_t>(left.count()) : 0;
}

}  // namespace

std::uint64_t Progress::total() noexcept {
  const std::lock_guard lock(mutex_);
  std::uint64_t sum = 0;
  for (Semaphore* semaphore : semaphores_) sum += semaphore->counter();
  return sum;
}

Semaphore::Semaphore(std::shared_ptr<Gpu> gpu) : gpu_(std::move(gpu)) {
  auto type =
      make<VkSemaphoreTypeCreateInfo>(VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO);
  type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
  auto info =
      make<VkSemaphoreCreateInfo>(VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, &type);
  require(gpu_->vk().vkCreateSemaphore(gpu_->handle(), &info, nullptr, &handle_),
          "vkCreateSemaphore");
  gpu_->progress().add(this);
}

Semaphore::~Semaphore() {
  gpu_->progress().remove(this);
  gpu_->vk().vkDestroySemaphore(gpu_->handle(), handle_, nullptr);
}

std::uint64_t Semaphore::counter() noexcept {
  std::uint64_t now = 0;
  const VkResult result =
      gpu_->vk().vkGetSemaphoreCounterValue(gpu_->handle(), handle_, &now);
  if (!gpu_->status_of(result, "vkGetSemaphoreCounterValue").ok()) {
    return known_.load(std::memory_order_acquire);
  }
  std::uint64_t known = known_.load(std::memory_order_relaxed);
  while (known < now &&
         !known_.compare_exchange_weak(known, now, std::memory_order_acq_rel)) {
  }
  return std::max(known, now);
}

bool Semaphore::reached(std::uint64_t value) noexcept {
  return known_.load(std::memory_order_acquire) >= value || counter() >= value;
}

Status Semaphore::wait(std::uint64_t value, const runtime::Deadline& deadline) {
  if (reached(value)) return {};
  const std::uint64_t spin_until = runtime::clock_ns() + gpu_->spin_ns();
  while (runtime::clock_ns() < spin_until && !deadline.passed()) {
    if (reached(value)) return {};
    runtime::cpu_relax();
  }
  Progress& progress = gpu_->progress();
  const std::uint64_t slice = progress.slice_ns();
  // Slices, not the clock: a process that was stopped for a minute has seen one.
  std::uint64_t still_ns = 0;
  for (std::uint64_t before = progress.total();;) {
    if (gpu_->lost()) return lost_status();
    const std::uint64_t left = left_ns(deadline);
    if (const auto outcome = block(value, std::min(left, slice))) return *outcome;
    if (left <= slice) return to_status(VK_TIMEOUT, "vkWaitSemaphores");
    const std::uint64_t now = progress.total();
    still_ns = now == before ? still_ns + slice : 0;
    before = now;
    if (still_ns == 0) continue;
    Status asked = gpu_->ask_queues();
    if (!asked.ok()) return asked;
    if (progress.limit_ns() == 0 || still_ns < progress.limit_ns()) continue;
    gpu_->give_up();
    return stopped_status(progress.limit_ns());
  }
}

std::optional<Status> Semaphore::block(std::uint64_t value, std::uint64_t timeout_ns) {
  auto info = make<VkSemaphoreWaitInfo>(VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO);
  info.semaphoreCount = 1;
  info.pSemaphores = &handle_;
  info.pValues = &value;
  const VkResult result =
      gpu_->vk().vkWaitSemaphores(gpu_->handle(), &info, timeout_ns);
  if (result == VK_TIMEOUT) return std::nullopt;
  Status status = gpu_->status_of(result, "vkWaitSemaphores");
  if (status.ok()) counter();
  return status;
}

Status Semaphore::signal(std::uint64_t value) {
  auto info = make<VkSemaphoreSignalInfo>(VK_STRUCTURE_TYPE_SEMAPHORE_SIGNAL_INFO);
  info.semaphore = handle_;
  info.value = value;
  return gpu_->status_of(gpu_->vk().vkSignalSemaphore(gpu_->handle(), &info),
                         "vkSignalSemaphore");
}

GpuTimeline::GpuTimeline(std::shared_ptr<Gpu> gpu, std::uint64_t initial,
                         std::shared_ptr<Semaphore> own)
    : TimelineCore(initial),
      gpu_(std::move(gpu)),
      own_(std::move(own)),
      last_pruned_(initial) {}

void GpuTimeline::mark(std::uint64_t value, const GpuPoint& point) {
  if (own_) return;
  const std::lock_guard lock(mutex_);
  prune();
  producer_semaphore_ = point.semaphore;
  marks_.push_back({value, point.value});
}

void GpuTimeline::prune() {
  while (!marks_.empty() && producer_semaphore_->reached(marks_.front().on_semaphore)) {
    last_pruned_ = marks_.front().value;
    marks_.pop_front();
  }
}

GpuPoint GpuTimeline::locate(std::uint64_t value) {
  if (own_) {
    if (own_->reached(value)) return {};
    return {own_, value};
  }
  const std::lock_guard lock(mutex_);
  prune();
  for (const Mark& mark : marks_) {
    if (mark.value >= value && value > last_pruned_) {
      return {producer_semaphore_, mark.on_semaphore};
    }
  }
  return {};
}

std::uint64_t GpuTimeline::reached_value() {
  if (own_) return own_->counter();
  const std::lock_guard lock(mutex_);
  prune();
  // Without marks everything certain is reached: the host signals so.
  return marks_.empty() ? value() : last_pruned_;
}

std::optional<Status> GpuTimeline::outcome(std::uint64_t value) {
  std::optional<Status> certain = query(value);
  if (!certain || !certain->ok()) return certain;
  const GpuPoint point = locate(value);
  if (!point.semaphore || point.semaphore->reached(point.value)) return certain;
  if (gpu_->lost()) return lost_status();
  return std::nullopt;
}

Status GpuTimeline::wait_until(std::uint64_t value, const runtime::Deadline& deadline) {
  Status certain = wait(value, deadline);
  if (!certain.ok()) return certain;
  const GpuPoint point = locate(value);
  return point.semaphore ? point.semaphore->wait(point.value, deadline) : Status();
}

}  // namespace assay::vulkan
