// SPDX-License-Identifier: MIT
// The contract: shapes, operands, and the oracle that every timed output is held
// against.
#include "gemv.h"

#include <cmath>
#include <memory>
#include <string>

#include "kernels/common/dense_problem.h"
#include "kernels/common/shape_text.h"

namespace gemv {
namespace {

constexpr std::string_view kForm = "MxN";

class GemvProblem final : public assay::DenseProblem {
 public:
  explicit GemvProblem(const Params& p)
      : DenseProblem("gemv", std::to_string(p.m) + "x" + std::to_string(p.n),
                     {assay::f32_operand("a", p.m * p.n, assay::Access::read),
                      assay::f32_operand("x", p.n, assay::Access::read),
                      assay::f32_operand("y", p.m, assay::Access::write)},
                     kY),
        params(p) {}

  double flops() const noexcept override {
    return 2.0 * static_cast<double>(params.m) * static_cast<double>(params.n);
  }

  const Params params;

 protected:
  // In double, where the product of two f32 is exact; slow and plain.
  void oracle(std::span<const float* const> operands, assay::DataFamily family,
              assay::Expected& expected) const override {
    const auto n = static_cast<std::size_t>(params.n);
    for (std::size_t row = 0; row < expected.value.size(); ++row) {
      double sum = 0;
      double magnitude = 0;
      for (std::size_t j = 0; j < n; ++j) {
        const double term = static_cast<double>(operands[kA][row * n + j]) *
                            static_cast<double>(operands[kX][j]);
        sum += term;
        magnitude += std::fabs(term);
      }
      expected.value[row] = sum;
      // Integers must come out exactly: the bound stays 0.
      if (family == assay::DataFamily::integers) continue;
      expected.bound[row] = assay::sum_error(params.n) * magnitude;
    }
  }
};

class GemvOp final : public assay::Op {
 public:
  std::string_view name() const noexcept override { return "gemv"; }
  std::string_view formula() const noexcept override { return "y = A x"; }
  std::string_view shape_form() const noexcept override { return kForm; }
  std::string shape_of_size(std::uint64_t size) const override {
    return std::to_string(size) + "x" + std::to_string(size);
  }
  std::unique_ptr<assay::Problem> make_problem(
      std::string_view shape, assay::DType /*f32, all there is*/) const override {
    assay::ShapeText text("gemv", kForm, shape);
    const auto extents = text.extents({"M", "N"});
    text.require_bytes("a", extents[0], extents[1]);
    text.finish();
    if (extents[0] == 0 || extents[1] == 0) text.refuse("nothing to compute");
    return std::make_unique<GemvProblem>(Params{extents[0], extents[1]});
  }
  std::span<const assay::Implementation> implementations() const noexcept override {
    return gemv::implementations();
  }
};

}  // namespace

const assay::Op& op() {
  static const GemvOp kInstance;
  return kInstance;
}

const Params& params_of(const assay::Problem& problem) {
  return static_cast<const GemvProblem&>(problem).params;
}

}  // namespace gemv
