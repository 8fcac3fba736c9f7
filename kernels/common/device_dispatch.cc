// SPDX-License-Identifier: MIT
#include "kernels/common/device_dispatch.h"

#include <utility>

#include "kernels/common/checked_math.h"
#include "kernels/common/dense_problem.h"

namespace assay {

std::optional<std::string> needs_device_kernels(const Problem& problem,
                                                const Caps& caps,
                                                std::span<const std::uint32_t> code) {
  if (problem.dtype() != DType::f32) return "computes f32 only";
  if (!caps.device_kernels) return "device code needs a device that runs it";
  if (code.empty()) return "built without a shader compiler";
  return std::nullopt;
}

Dim3 folded_grid(std::uint64_t count, const Caps& caps) {
  if (count == 0) return {0, 1, 1};
  const auto groups = static_cast<std::int64_t>(count);
  // As square as it has to be: full rows of the limit would leave most of the last one
  // without work.
  const std::int64_t y = divide_up(groups, caps.limits.max_groups_per_dimension);
  const std::int64_t x = divide_up(groups, y);
  return {static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), 1};
}

DeviceDispatch::DeviceDispatch(Device& device, const Problem& problem, What what)
    : what_(std::move(what)) {
  KernelDesc desc;
  desc.name = what_.name;
  desc.bindings = accesses_of(problem);
  desc.constants_bytes = what_.constants.size();
  desc.local_bytes = what_.local_bytes;
  desc.device_code.assign(what_.code.begin(), what_.code.end());
  desc.specialization = what_.specialization;
  kernel_ = device.create_kernel(desc);
}

void DeviceDispatch::record(CommandEncoder& encoder,
                            std::span<const BufferSlice> operands) const {
  encoder.dispatch(kernel_, what_.groups, operands, what_.constants);
}

}  // namespace assay
