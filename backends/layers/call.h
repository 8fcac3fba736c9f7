// SPDX-License-Identifier: MIT
// The calls of the device interface by name: what layers record, disturb and count.
#ifndef ASSAY_BACKENDS_LAYERS_CALL_H_
#define ASSAY_BACKENDS_LAYERS_CALL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace assay::layers {

// Mapping is left out: Buffer::map() belongs to the inner device's buffer (layer.h).
enum class Call : std::uint8_t {
  create_buffer,
  create_kernel,
  create_encoder,
  create_queue,
  create_timeline,
  dispatch,
  copy,
  fill,
  barrier,
  host_call,
  library_call,
  finish,
  submit,
  wait,
  query,
  signal,
  fail,
  synchronize,
};
inline constexpr std::size_t kCalls = 18;

// "create_buffer", ... Static storage.
std::string_view to_string(Call call) noexcept;
std::optional<Call> parse_call(std::string_view name) noexcept;

// A small number for the calling thread, the same for the life of the thread and never
// that of another one: threads in order of their first call.
std::uint32_t thread_number() noexcept;

}  // namespace assay::layers

#endif  // ASSAY_BACKENDS_LAYERS_CALL_H_
