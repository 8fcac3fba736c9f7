// SPDX-License-Identifier: MIT
#include "kernels/layernorm/layernorm.h"

#include <cmath>
#include <memory>
#include <string>

#include "backends/interface/status.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/random_fill.h"
#include "kernels/common/shape_text.h"
#include "kernels/layernorm/implementations.h"

namespace assay::layernorm {
namespace {

constexpr std::string_view kForm = "RxC[:eps=X]";

std::string to_string(const Params& p) {
  std::string text = std::to_string(p.rows) + "x" + std::to_string(p.cols);
  if (p.epsilon != Params().epsilon) text += ":eps=" + shape_number(p.epsilon);
  return text;
}

// One row of the oracle: the formula in double, and the bound of layernorm.h.
void expect_row(const Params& p, std::span<const float* const> operands, std::size_t at,
                Expected& expected) {
  const float* const x = operands[kX] + at;
  const auto n = static_cast<double>(p.cols);
  double mean = 0;
  double magnitude = 0;
  for (std::int64_t i = 0; i < p.cols; ++i) {
    mean += x[i] / n;
    magnitude += std::fabs(x[i]) / n;
  }
  double variance = 0;
  for (std::int64_t i = 0; i < p.cols; ++i) {
    variance += (x[i] - mean) * (x[i] - mean) / n;
  }
  const double epsilon = p.epsilon;
  const double t = 1 / std::sqrt(variance + epsilon);
  const double mean_error =
      (sum_error(p.cols) + 2 * kUnitRoundoff) * magnitude + 0x1p-149;
  const double variance_error =
      sum_error(p.cols) + 6 * kUnitRoundoff +
      (mean_error * mean_error + 0x1p-148) / (variance + epsilon);
  for (std::int64_t i = 0; i < p.cols; ++i) {
    const double gamma = operands[kGamma][i];
    const double beta = operands[kBeta][i];
    const double scaled = gamma * (x[i] - mean) * t;
    expected.value[at + static_cast<std::size_t>(i)] = scaled + beta;
    expected.bound[at + static_cast<std::size_t>(i)] =
        (std::fabs(gamma) * t * mean_error +
         std::fabs(scaled) * (variance_error / 2 + 10 * kUnitRoundoff) +
         2 * kUnitRoundoff * std::fabs(beta)) *
            (1 + variance_error) +
        0x1p-126;
  }
}

class LayernormProblem final : public DenseProblem {
 public:
  explicit LayernormProblem(const Params& p)
      : DenseProblem("layernorm", to_string(p),
                     {f32_operand("x", p.rows * p.cols, Access::read),
                      f32_operand("gamma", p.cols, Access::read),
                      f32_operand("beta", p.cols, Access::read),
                      f32_operand("y", p.rows * p.cols, Access::write)},
                     kY),
        params(p) {}

  double flops() const noexcept override {
    return 7.0 * static_cast<double>(params.rows) * static_cast<double>(params.cols);
  }

  const Params params;

 protected:
  float value(std::size_t index, DataFamily family, std::uint64_t seed,
              std::size_t i) const override {
    const float own = random_value(family, random_bits(seed, index, i));
    // A mean far above what is left when it is taken away.
    return family == DataFamily::cancelling && index == kX ? 1000.0F + own : own;
  }

  void oracle(std::span<const float* const> operands, DataFamily /*family*/,
              Expected& expected) const override {
    if (params.cols == 0) return;
    for (std::int64_t row = 0; row < params.rows; ++row) {
      expect_row(params, operands, static_cast<std::size_t>(row * params.cols),
                 expected);
    }
  }
};

class LayernormOp final : public Op {
 public:
  std::string_view name() const noexcept override { return "layernorm"; }
  std::string_view formula() const noexcept override {
    return "y[r,i] = (x[r,i] - mean x[r]) / sqrt(var x[r] + eps) * gamma[i] + beta[i]";
  }
  std::string_view shape_form() const noexcept override { return kForm; }
  std::string shape_of_size(std::uint64_t size) const override {
    return square_of_size(size);
  }
  std::unique_ptr<Problem> make_problem(std::string_view shape,
                                        DType type) const override {
    require_f32("layernorm", type);
    return std::make_unique<LayernormProblem>(parse_params(shape));
  }
  std::span<const Implementation> implementations() const noexcept override {
    return layernorm::implementations();
  }
  // Rows in registers, rows in cache, and results beyond it.
  std::span<const std::string_view> ladder_shapes() const noexcept override {
    static constexpr std::string_view kShapes[] = {"1024x64", "1024x1024", "3072x3072"};
    return kShapes;
  }
};

constinit const LayernormOp kInstance;

}  // namespace

constinit const Op& kOp = kInstance;

Params parse_params(std::string_view shape) {
  ShapeText text("layernorm", kForm, shape);
  const auto extents = text.extents({"R", "C"});
  Params p{extents[0], extents[1]};
  p.epsilon = text.scalar("eps").value_or(p.epsilon);
  text.finish();
  if (!(p.epsilon > 0)) text.refuse("eps is not above 0");
  text.require_bytes("x", p.rows, p.cols);
  return p;
}

const Params& params_of(const Problem& problem) {
  if (problem.op() != "layernorm") {
    throw Error(StatusCode::invalid_argument, "not a layernorm problem");
  }
  return static_cast<const LayernormProblem&>(problem).params;
}

}  // namespace assay::layernorm
