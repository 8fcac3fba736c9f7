// SPDX-License-Identifier: MIT
#include "kernels/axpy/axpy.h"

#include <cmath>
#include <memory>
#include <string>

#include "backends/interface/status.h"
#include "kernels/axpy/implementations.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/random_fill.h"
#include "kernels/common/shape_text.h"

namespace assay::axpy {
namespace {

constexpr std::string_view kForm = "N[:alpha=X]";

std::string to_string(const Params& p) {
  std::string text = std::to_string(p.n);
  if (p.alpha != Params().alpha) text += ":alpha=" + shape_number(p.alpha);
  return text;
}

// Products and sums of multiples of 1/4 up to 16 * 3 + 3 need 8 bits.
bool exact_on_integers(const Params& p) noexcept {
  return std::floor(4.0F * p.alpha) == 4.0F * p.alpha && std::fabs(p.alpha) <= 16.0F;
}

class AxpyProblem final : public DenseProblem {
 public:
  explicit AxpyProblem(const Params& p)
      : DenseProblem("axpy", to_string(p),
                     {f32_operand("x", p.n, Access::read),
                      f32_operand("y", p.n, Access::read_write)},
                     kY),
        params(p) {}

  // Without alpha nothing is computed.
  double flops() const noexcept override {
    return params.alpha == 0.0F ? 0.0 : 2.0 * static_cast<double>(params.n);
  }

  const Params params;

 protected:
  float value(std::size_t index, DataFamily family, std::uint64_t seed,
              std::size_t i) const override {
    if (family != DataFamily::cancelling || index == kX) {
      return random_value(family, random_bits(seed, index, i));
    }
    // y close to -alpha x: all but the last 10 of 24 bits cancel.
    const float x = random_value(family, random_bits(seed, kX, i));
    const float noise = random_value(DataFamily::uniform, random_bits(seed, index, i));
    return -params.alpha * x * (1.0F + std::ldexp(noise, -14));
  }

  void oracle(std::span<const float* const> operands, DataFamily family,
              Expected& expected) const override {
    const bool exact = family == DataFamily::integers && exact_on_integers(params);
    for (std::size_t i = 0; i < expected.value.size(); ++i) {
      const double y = operands[kY][i];
      // The product of two f32 is exact in double.
      const double product = params.alpha == 0.0F
                                 ? 0.0
                                 : static_cast<double>(params.alpha) *
                                       static_cast<double>(operands[kX][i]);
      expected.value[i] = product + y;
      if (exact) continue;
      expected.bound[i] =
          2 * kUnitRoundoff * (std::fabs(product) + std::fabs(y)) + 0x1p-149;
    }
  }
};

class AxpyOp final : public Op {
 public:
  std::string_view name() const noexcept override { return "axpy"; }
  std::string_view formula() const noexcept override { return "y = alpha * x + y"; }
  std::string_view shape_form() const noexcept override { return kForm; }
  std::string shape_of_size(std::uint64_t size) const override {
    return std::to_string(size);
  }
  std::unique_ptr<Problem> make_problem(std::string_view shape,
                                        DType type) const override {
    require_f32("axpy", type);
    return std::make_unique<AxpyProblem>(parse_params(shape));
  }
  std::span<const Implementation> implementations() const noexcept override {
    return axpy::implementations();
  }
  // In the first and the second cache, and beyond all.
  std::span<const std::string_view> ladder_shapes() const noexcept override {
    static constexpr std::string_view kShapes[] = {"4096", "65536", "16777216"};
    return kShapes;
  }
};

constinit const AxpyOp kInstance;

}  // namespace

constinit const Op& kOp = kInstance;

Params parse_params(std::string_view shape) {
  ShapeText text("axpy", kForm, shape);
  Params p;
  p.n = text.extents({"N"})[0];
  // -0 and 0 mean the same alpha; only one of them is canonical.
  p.alpha = text.scalar("alpha").value_or(p.alpha) + 0.0F;
  text.finish();
  return p;
}

const Params& params_of(const Problem& problem) {
  if (problem.op() != "axpy") {
    throw Error(StatusCode::invalid_argument, "not an axpy problem");
  }
  return static_cast<const AxpyProblem&>(problem).params;
}

}  // namespace assay::axpy
