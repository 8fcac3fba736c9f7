// SPDX-License-Identifier: MIT
// Implementations that are dispatches of device code, the twin of host_dispatch.h.
#ifndef ASSAY_KERNELS_COMMON_DEVICE_DISPATCH_H_
#define ASSAY_KERNELS_COMMON_DEVICE_DISPATCH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "backends/interface/device.h"
#include "kernels/common/op.h"

namespace assay {

// Threads a group of all device code but matmul's: what every device takes, and a
// multiple of every subgroup.
inline constexpr std::uint32_t kDeviceThreads = 256;

// What device code says: an Implementation::unsupported but for `code`, which is empty
// in a build without a shader compiler.
std::optional<std::string> needs_device_kernels(const Problem& problem,
                                                const Caps& caps,
                                                std::span<const std::uint32_t> code);

// `count` groups as a grid that a device takes: x, and y where x alone is not enough. A
// few more than `count` then, which the code has to notice. 0 groups: a grid with a 0.
Dim3 folded_grid(std::uint64_t count, const Caps& caps);

// True when every operand may be accessed 16 bytes at a time: operands start where the
// device lets them.
inline bool binds_vectors(const Caps& caps) noexcept {
  return caps.limits.binding_alignment % 16 == 0;
}

// Constants as the bytes that a dispatch takes.
template <typename Constants>
std::vector<std::byte> constant_bytes(const Constants& constants) {
  static_assert(std::is_trivially_copyable_v<Constants>);
  const auto bytes = std::as_bytes(std::span(&constants, 1));
  return {bytes.begin(), bytes.end()};
}

// One dispatch over all operands of a problem. Immutable and thread-safe once made.
class DeviceDispatch final : public Prepared {
 public:
  struct What {
    std::string name;  // "axpy.wide"
    std::span<const std::uint32_t> code;
    std::vector<std::uint32_t> specialization;
    std::vector<std::byte> constants;
    Dim3 groups;  // with a 0, of an empty problem: does nothing
    std::string configuration;
    std::size_t local_bytes = 0;
  };

  // Compiles. Throws what Device::create_kernel() does.
  DeviceDispatch(Device& device, const Problem& problem, What what);

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override;
  std::string configuration() const override { return what_.configuration; }

 private:
  What what_;
  std::shared_ptr<Kernel> kernel_;
};

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_DEVICE_DISPATCH_H_
