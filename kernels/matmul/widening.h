// SPDX-License-Identifier: MIT
// 16-bit operands on their way into f32 arithmetic, one set of loops for each ISA.
#ifndef ASSAY_KERNELS_MATMUL_WIDENING_H_
#define ASSAY_KERNELS_MATMUL_WIDENING_H_

#include <cstdint>
#include <memory>
#include <string>

#include "backends/interface/device.h"
#include "kernels/common/isa.h"
#include "kernels/common/op.h"

namespace assay::matmul {

// `rows` rows of `cols` 16-bit elements; strides count elements.
struct NarrowBlock {
  const std::uint16_t* from = nullptr;
  std::int64_t from_stride = 0;
  float* to = nullptr;
  std::int64_t to_stride = 0;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
};

struct Widening {
  // Element for element, exactly, subnormals, infinities and NaNs included.
  void (*bf16)(const NarrowBlock& block) noexcept = nullptr;
  void (*f16)(const NarrowBlock& block) noexcept = nullptr;
  // Rows 2i and 2i + 1 into row i, 32 bits of each column: the first row's element in
  // the lower half, the second one's, or 0 where there is none, in the upper.
  void (*pair_rows)(const NarrowBlock& block) noexcept = nullptr;

  auto of(DType type) const noexcept { return type == DType::bf16 ? bf16 : f16; }
};

// Requires `isa` to be one of available_isas().
const Widening& widening(Isa isa) noexcept;

// A kernel that widens a stored matrix into a tight one. Bindings: the matrix, the
// workspace; constants WideningShape; any number of groups along x. Throws as
// Device::create_kernel does.
struct WideningShape {
  DType type = DType::bf16;
  Isa isa = Isa::scalar;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t stride = 0;
};
std::shared_ptr<Kernel> create_widening(Device& device, std::string name);

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_WIDENING_H_
