// SPDX-License-Identifier: MIT
// Makes calls of the driver fail on purpose: what lavapipe never does, and a GPU only
// on a bad day.
#ifndef TESTS_VULKAN_FAULTS_H_
#define TESTS_VULKAN_FAULTS_H_

#include <atomic>
#include <mutex>
#include <type_traits>

#include "backends/vulkan/gpu.h"

namespace assay::vulkan {

// The next fault: counts faulty calls of any kind down, and the one that brings it to 0
// fails without reaching the driver. A lost device stays lost: every later call fails
// as well. Before arm() and after disarm() none does.
inline std::atomic<int> calls_to_fault = 0;
inline std::atomic<bool> armed = false;
inline VkResult fault = VK_ERROR_OUT_OF_DEVICE_MEMORY;

inline void arm(int nth_call, VkResult with) {
  fault = with;
  calls_to_fault = nth_call;
  armed = true;
}
inline void disarm() { armed = false; }

// A lost device works no more: what it was doing ends before anybody is told, so that
// the test may free what a real one would no longer touch.
inline PFN_vkDeviceWaitIdle wait_device = nullptr;
inline PFN_vkQueueWaitIdle wait_queue = nullptr;
inline std::mutex submitting;  // held over a submission, and while coming to rest
inline void come_to_rest(VkDevice device) {
  const std::lock_guard lock(submitting);
  wait_device(device);
}
inline void come_to_rest(VkQueue queue) { wait_queue(queue); }
template <typename Handle>
void come_to_rest(Handle /*other*/) {}

inline bool fault_due() {
  if (!armed) return false;
  const int left = calls_to_fault.fetch_sub(1);
  return left == 1 || (left < 1 && fault == VK_ERROR_DEVICE_LOST);
}

template <auto Member>
struct Faulty;
template <typename Handle, typename... Arguments,
          VkResult (*VolkDeviceTable::*Member)(Handle, Arguments...)>
struct Faulty<Member> {
  static inline VkResult (*real_)(Handle, Arguments...) = nullptr;
  static VkResult call(Handle handle, Arguments... arguments) {
    std::unique_lock lock(submitting, std::defer_lock);
    if constexpr (std::is_same_v<Handle, VkQueue>) lock.lock();
    if (!fault_due()) return real_(handle, arguments...);
    if (fault == VK_ERROR_DEVICE_LOST) come_to_rest(handle);
    return fault;
  }
  static void install(VolkDeviceTable& table) {
    real_ = table.*Member;
    table.*Member = call;
  }
};

template <auto... Members>
void install_faults(VolkDeviceTable& table) {
  wait_device = table.vkDeviceWaitIdle;
  wait_queue = table.vkQueueWaitIdle;
  (Faulty<Members>::install(table), ...);
}

}  // namespace assay::vulkan

#endif  // TESTS_VULKAN_FAULTS_H_
