// SPDX-License-Identifier: MIT
// Whether a device still gets anywhere.
//
// A device that is lost should be told by every call that waits for it. NVIDIA's driver
// 580.159 on an H200 told nobody after a fault of the processor (commands.h has the
// story): the wait went on and the counter stood still, for good. So a wait is taken in
// slices, and after each in which nothing of the whole device was reached the driver is
// asked in another way (Gpu::ask_queues); after a limit without any progress the device
// is taken for lost, and the wait says so.
#ifndef ASSAY_BACKENDS_VULKAN_PROGRESS_H_
#define ASSAY_BACKENDS_VULKAN_PROGRESS_H_

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <vector>

namespace assay::vulkan {

class Semaphore;

// The semaphores of a device. Thread-safe.
class Progress {
 public:
  // Before the first use. 0: never given up.
  void set_limit(std::uint64_t limit_ns) noexcept { limit_ns_ = limit_ns; }
  std::uint64_t limit_ns() const noexcept { return limit_ns_; }
  // How long a wait may go on before somebody looks: a second, for what a look costs
  // is then nothing, or a quarter of a shorter limit.
  std::uint64_t slice_ns() const noexcept {
    constexpr std::uint64_t kSecond = 1'000'000'000;
    return limit_ns_ == 0 ? kSecond
                          : std::clamp<std::uint64_t>(limit_ns_ / 4, 1, kSecond);
  }

  void add(Semaphore* semaphore) {
    const std::lock_guard lock(mutex_);
    semaphores_.push_back(semaphore);
  }
  void remove(Semaphore* semaphore) noexcept {
    const std::lock_guard lock(mutex_);
    std::erase(semaphores_, semaphore);
  }
  // Changes whenever anything is reached (or a semaphore comes or goes): the sum of
  // what the driver says now.
  std::uint64_t total() noexcept;

 private:
  std::uint64_t limit_ns_ = 0;
  std::mutex mutex_;
  std::vector<Semaphore*> semaphores_;
};

}  // namespace assay::vulkan

#endif  // ASSAY_BACKENDS_VULKAN_PROGRESS_H_
