// SPDX-License-Identifier: MIT
#include "backends/layers/call.h"

#include <atomic>

namespace assay::layers {

std::string_view to_string(Call call) noexcept {
  constexpr std::string_view kNames[kCalls] = {"create_buffer",
                                               "create_kernel",
                                               "create_encoder",
                                               "create_queue",
                                               "create_timeline",
                                               "dispatch",
                                               "copy",
                                               "fill",
                                               "barrier",
                                               "host_call",
                                               "library_call",
                                               "finish",
                                               "submit",
                                               "wait",
                                               "query",
                                               "signal",
                                               "fail",
                                               "synchronize"};
  return kNames[static_cast<std::size_t>(call)];
}

std::optional<Call> parse_call(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kCalls; ++i) {
    const auto call = static_cast<Call>(i);
    if (to_string(call) == name) return call;
  }
  return std::nullopt;
}

std::uint32_t thread_number() noexcept {
  static std::atomic<std::uint32_t> next = 1;
  thread_local const std::uint32_t mine = next.fetch_add(1, std::memory_order_relaxed);
  return mine;
}

}  // namespace assay::layers
