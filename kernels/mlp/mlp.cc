// SPDX-License-Identifier: MIT
#include "kernels/mlp/mlp.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/random_fill.h"
#include "kernels/common/shape_text.h"
#include "kernels/mlp/implementations.h"

namespace assay::mlp {
namespace {

constexpr std::string_view kForm = "BxIxHxO";
constexpr std::uint64_t kBatchOfSize = 32;  // of `--sizes n`

std::string to_string(const Params& p) {
  return std::to_string(p.batch) + "x" + std::to_string(p.in) + "x" +
         std::to_string(p.hidden) + "x" + std::to_string(p.out);
}

Operand constant(std::string_view name, std::int64_t elements) {
  Operand operand = f32_operand(name, elements, Access::read);
  operand.constant = true;
  return operand;
}

// Integers up to 3: hidden values up to 9 in + 3, sums that stay exact below 2^24.
bool exact_on_integers(const Params& p) {
  constexpr double a = kIntegerAmplitude;
  const double hidden = a * a * static_cast<double>(p.in) + a;
  return a * hidden * static_cast<double>(p.hidden) + a < 0x1p24;
}

class MlpProblem final : public DenseProblem {
 public:
  explicit MlpProblem(const Params& p)
      : DenseProblem("mlp", to_string(p),
                     {f32_operand("x", p.batch * p.in, Access::read),
                      constant("w1", p.in * p.hidden), constant("b1", p.hidden),
                      constant("w2", p.hidden * p.out), constant("b2", p.out),
                      f32_operand("y", p.batch * p.out, Access::write)},
                     kY),
        params(p) {}

  // Of the products: biases and relu are an addition each to hundreds.
  double flops() const noexcept override {
    return 2.0 * static_cast<double>(params.batch) *
           static_cast<double>(params.hidden) *
           (static_cast<double>(params.in) + static_cast<double>(params.out));
  }

  const Params params;

 protected:
  // Terms of the first sums cancel; of what is left, half is cut off by relu.
  float value(std::size_t index, DataFamily family, std::uint64_t seed,
              std::size_t i) const override {
    if (family != DataFamily::cancelling || (index != kX && index != kW1)) {
      return DenseProblem::value(index, family, seed, i);
    }
    const auto at = static_cast<std::int64_t>(i);
    return index == kX
               ? cancelling_term(seed, 0, at / params.in, at % params.in)
               : cancelling_term(seed, 1, at % params.hidden, at / params.hidden);
  }

  void oracle(std::span<const float* const> x, DataFamily family,
              Expected& expected) const override {
    if (params.out == 0) return;
    const bool exact = family == DataFamily::integers && exact_on_integers(params);
    const auto out = static_cast<std::size_t>(params.out);
    const auto width = static_cast<std::size_t>(params.hidden);
    std::vector<double> hidden(width);
    std::vector<double> error(width);
    for (std::int64_t row = 0; row < params.batch; ++row) {
      hidden_row(x, row, hidden, error);
      const std::size_t at = static_cast<std::size_t>(row) * out;
      output_row(x, hidden, error, &expected.value[at], &expected.bound[at]);
      if (exact) std::fill_n(&expected.bound[at], out, 0.0);
    }
  }

 private:
  void hidden_row(std::span<const float* const> x, std::int64_t row,
                  std::vector<double>& hidden, std::vector<double>& error) const {
    const auto width = static_cast<std::size_t>(params.hidden);
    for (std::size_t j = 0; j < width; ++j) {
      hidden[j] = x[kB1][j];
      error[j] = std::fabs(hidden[j]);
    }
    for (std::int64_t l = 0; l < params.in; ++l) {
      const double left = x[kX][row * params.in + l];
      const float* const weights = x[kW1] + l * params.hidden;
      for (std::size_t j = 0; j < width; ++j) {
        hidden[j] += left * weights[j];
        error[j] += std::fabs(left * weights[j]);
      }
    }
    for (std::size_t j = 0; j < width; ++j) {
      hidden[j] = std::max(hidden[j], 0.0);
      error[j] *= sum_error(params.in + 1);
    }
  }

  void output_row(std::span<const float* const> x, const std::vector<double>& hidden,
                  const std::vector<double>& error, double* value,
                  double* bound) const {
    const double s = sum_error(params.hidden + 1);
    const auto in = static_cast<double>(params.in);
    const auto width = static_cast<double>(params.hidden);
    for (std::size_t j = 0; j < static_cast<std::size_t>(params.out); ++j) {
      double sum = x[kB2][j];
      double magnitude = std::fabs(sum);
      double carried = 0;
      double weights = 1;
      for (std::size_t l = 0; l < hidden.size(); ++l) {
        const double w = x[kW2][l * static_cast<std::size_t>(params.out) + j];
        sum += hidden[l] * w;
        magnitude += (hidden[l] + error[l]) * std::fabs(w);
        carried += error[l] * w * error[l] * w;
        weights += std::fabs(w);
      }
      value[j] = sum;
      bound[j] = std::sqrt(carried) + s * magnitude +
                 ((in + 2) * weights + width + 2) * 0x1p-149;
    }
  }
};

class MlpOp final : public Op {
 public:
  std::string_view name() const noexcept override { return "mlp"; }
  std::string_view formula() const noexcept override {
    return "Y = relu(X * W1 + b1) * W2 + b2";
  }
  std::string_view shape_form() const noexcept override { return kForm; }
  std::string shape_of_size(std::uint64_t size) const override {
    const std::string n = std::to_string(size);
    return std::to_string(kBatchOfSize) + "x" + n + "x" + std::to_string(2 * size) +
           "x" + n;
  }
  std::unique_ptr<Problem> make_problem(std::string_view shape,
                                        DType type) const override {
    require_f32("mlp", type);
    return std::make_unique<MlpProblem>(parse_params(shape));
  }
  std::span<const Implementation> implementations() const noexcept override {
    return mlp::implementations();
  }
  // One sample, which is all reading of weights, and a batch of them.
  std::span<const std::string_view> ladder_shapes() const noexcept override {
    static constexpr std::string_view kShapes[] = {"1x512x1024x512", "32x512x1024x512"};
    return kShapes;
  }
};

constinit const MlpOp kInstance;

}  // namespace

constinit const Op& kOp = kInstance;

Params parse_params(std::string_view shape) {
  ShapeText text("mlp", kForm, shape);
  const auto extents = text.extents({"B", "I", "H", "O"});
  text.finish();
  const Params p{extents[0], extents[1], extents[2], extents[3]};
  text.require_bytes("X", p.batch, p.in);
  text.require_bytes("W1", p.in, p.hidden);
  text.require_bytes("the hidden layer", p.batch, p.hidden);
  text.require_bytes("W2", p.hidden, p.out);
  text.require_bytes("Y", p.batch, p.out);
  return p;
}

const Params& params_of(const Problem& problem) {
  if (problem.op() != "mlp") {
    throw Error(StatusCode::invalid_argument, "not an mlp problem");
  }
  return static_cast<const MlpProblem&>(problem).params;
}

}  // namespace assay::mlp
