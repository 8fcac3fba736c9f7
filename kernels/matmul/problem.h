// SPDX-License-Identifier: MIT
// A matmul, matmul_bf16 or matmul_f16 of fixed parameters as the layers above see it.
#ifndef ASSAY_KERNELS_MATMUL_PROBLEM_H_
#define ASSAY_KERNELS_MATMUL_PROBLEM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "kernels/matmul/matmul.h"

namespace assay::matmul {

// Positions of the operands, in bindings and in spans.
inline constexpr std::size_t kA = 0;
inline constexpr std::size_t kB = 1;
inline constexpr std::size_t kC = 2;

class MatmulProblem final : public Problem {
 public:
  // Throws as parse_params() when `params` is not what it could return.
  // `storage` is the type of A and B.
  explicit MatmulProblem(const Params& params, DType storage = DType::f32);

  const Params& params() const noexcept { return params_; }
  DType storage() const noexcept { return operands_[kA].type; }

  std::string_view op() const noexcept override;
  const std::string& shape() const noexcept override { return shape_; }
  DType dtype() const noexcept override { return DType::f32; }
  std::span<const Operand> operands() const noexcept override { return operands_; }
  std::size_t output() const noexcept override { return kC; }
  double flops() const noexcept override;
  double compulsory_bytes() const noexcept override;
  void fill(std::size_t index, DataFamily family, std::uint64_t seed,
            std::span<std::byte> out) const override;
  Expected expected(std::span<const std::span<const std::byte>> operands,
                    DataFamily family) const override;
  bool fill_lone(std::size_t index, std::uint64_t seed,
                 std::span<std::byte> out) const override;
  CheckResult check_lone(std::uint64_t seed, std::span<const float> got,
                         std::span<const float> before) const override;

 private:
  Params params_;
  std::string shape_;
  std::array<Operand, 3> operands_;
};

// Whether A and B are read: what beta alone decides reads neither.
inline bool multiplies(const Params& p) noexcept {
  return p.m > 0 && p.n > 0 && p.k > 0 && p.alpha != 0.0F;
}

// True when integer data gives results that every correct f32 implementation computes
// without rounding, so that they are compared at 0 ULP.
bool exact_on_integers(const Params& params) noexcept;

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_PROBLEM_H_
