// SPDX-License-Identifier: MIT
// What the problems of the vector and row ops share: operands of f32, filled element by
// element, and an oracle that looks at all of them as pointers.
#ifndef ASSAY_KERNELS_COMMON_DENSE_PROBLEM_H_
#define ASSAY_KERNELS_COMMON_DENSE_PROBLEM_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/common/op.h"

namespace assay {

// Implements Problem but for flops() and the oracle. Immutable; thread-safe.
class DenseProblem : public Problem {
 public:
  std::string_view op() const noexcept final { return op_; }
  const std::string& shape() const noexcept final { return shape_; }
  DType dtype() const noexcept final { return DType::f32; }
  std::span<const Operand> operands() const noexcept final { return operands_; }
  std::size_t output() const noexcept final { return output_; }
  // Every operand once, one that is read and written twice.
  double compulsory_bytes() const noexcept override;
  void fill(std::size_t index, DataFamily family, std::uint64_t seed,
            std::span<std::byte> out) const final;
  Expected expected(std::span<const std::span<const std::byte>> operands,
                    DataFamily family) const final;

 protected:
  // `op` outlives the problem.
  DenseProblem(std::string_view op, std::string shape, std::vector<Operand> operands,
               std::size_t output);

  // Element `i` of operand `index`. As random_value() unless an op arranges its data.
  virtual float value(std::size_t index, DataFamily family, std::uint64_t seed,
                      std::size_t i) const;
  // Fills in `expected`, whose vectors have the output's size and say: 0, exact,
  // written. `operands` are the contents in order; null where an operand is empty.
  virtual void oracle(std::span<const float* const> operands, DataFamily family,
                      Expected& expected) const = 0;

 private:
  std::string_view op_;
  std::string shape_;
  std::vector<Operand> operands_;
  std::size_t output_;
};

// What Op::make_problem() of an op that computes in f32 alone does first: throws
// Error(not_supported) for any other type.
void require_f32(std::string_view op, DType type);

// Op::shape_of_size() where it is a square: "64x64" of 64.
std::string square_of_size(std::uint64_t size);

// An operand of `elements` f32.
Operand f32_operand(std::string_view name, std::int64_t elements, Access access);

// How the operands are accessed, in order: KernelDesc::bindings.
std::vector<Access> accesses_of(const Problem& problem);

// f32 rounding. Errors of sums grow like 4 * sqrt(terms) + 8 of it: docs/numerics.md.
inline constexpr double kUnitRoundoff = 0x1p-24;
double sum_error(std::int64_t terms) noexcept;

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_DENSE_PROBLEM_H_
