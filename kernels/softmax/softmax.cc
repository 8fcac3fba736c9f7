// SPDX-License-Identifier: MIT
#include "kernels/softmax/softmax.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "backends/interface/status.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/random_fill.h"
#include "kernels/common/shape_text.h"
#include "kernels/softmax/implementations.h"

namespace assay::softmax {
namespace {

constexpr std::string_view kForm = "RxC";

std::string to_string(const Params& p) {
  return std::to_string(p.rows) + "x" + std::to_string(p.cols);
}

// One row of the oracle: the formula in double.
void expect_row(const float* x, std::int64_t cols, double* value, double* bound) {
  double largest = x[0];
  for (std::int64_t i = 0; i < cols; ++i) {
    // A NaN stays: every comparison with it is false.
    if (!(x[i] <= largest)) largest = x[i];
  }
  double sum = 0;
  double weighted = 0;
  for (std::int64_t i = 0; i < cols; ++i) {
    const double distance = largest - x[i];
    value[i] = std::exp(-distance);
    sum += value[i];
    if (value[i] > 0) weighted += value[i] * distance;
  }
  const double common = weighted / sum + sum_error(cols) / kUnitRoundoff + 26;
  for (std::int64_t i = 0; i < cols; ++i) {
    value[i] /= sum;
    bound[i] = 0x1p-126;
    if (value[i] > 0) {
      bound[i] += (largest - x[i] + common) * kUnitRoundoff * value[i];
    }
  }
}

class SoftmaxProblem final : public DenseProblem {
 public:
  explicit SoftmaxProblem(const Params& p)
      : DenseProblem("softmax", to_string(p),
                     {f32_operand("x", p.rows * p.cols, Access::read),
                      f32_operand("y", p.rows * p.cols, Access::write)},
                     kY),
        params(p) {}

  double flops() const noexcept override {
    return 4.0 * static_cast<double>(params.rows) * static_cast<double>(params.cols);
  }

  const Params params;

 protected:
  float value(std::size_t index, DataFamily family, std::uint64_t seed,
              std::size_t i) const override {
    const float own = random_value(family, random_bits(seed, index, i));
    // exp(100) is beyond f32: only the difference with the row's largest is in range.
    return family == DataFamily::cancelling ? 100.0F + own : own;
  }

  void oracle(std::span<const float* const> operands, DataFamily /*family*/,
              Expected& expected) const override {
    if (params.cols == 0) return;
    for (std::int64_t row = 0; row < params.rows; ++row) {
      const auto at = static_cast<std::size_t>(row * params.cols);
      expect_row(operands[kX] + at, params.cols, &expected.value[at],
                 &expected.bound[at]);
    }
  }
};

class SoftmaxOp final : public Op {
 public:
  std::string_view name() const noexcept override { return "softmax"; }
  std::string_view formula() const noexcept override {
    return "y[r,i] = exp(x[r,i] - max x[r]) / sum exp(x[r] - max x[r])";
  }
  std::string_view shape_form() const noexcept override { return kForm; }
  std::string shape_of_size(std::uint64_t size) const override {
    return square_of_size(size);
  }
  std::unique_ptr<Problem> make_problem(std::string_view shape,
                                        DType type) const override {
    require_f32("softmax", type);
    return std::make_unique<SoftmaxProblem>(parse_params(shape));
  }
  std::span<const Implementation> implementations() const noexcept override {
    return softmax::implementations();
  }
  // Rows in registers, rows in cache, and results beyond it.
  std::span<const std::string_view> ladder_shapes() const noexcept override {
    static constexpr std::string_view kShapes[] = {"1024x64", "1024x1024", "3072x3072"};
    return kShapes;
  }
};

constinit const SoftmaxOp kInstance;

}  // namespace

constinit const Op& kOp = kInstance;

Params parse_params(std::string_view shape) {
  ShapeText text("softmax", kForm, shape);
  const auto extents = text.extents({"R", "C"});
  text.finish();
  text.require_bytes("x", extents[0], extents[1]);
  return {extents[0], extents[1]};
}

const Params& params_of(const Problem& problem) {
  if (problem.op() != "softmax") {
    throw Error(StatusCode::invalid_argument, "not a softmax problem");
  }
  return static_cast<const SoftmaxProblem&>(problem).params;
}

}  // namespace assay::softmax
