// SPDX-License-Identifier: MIT
#include "kernels/gaussian/gaussian.h"

#include <cmath>
#include <cstdlib>
#include <memory>
#include <string>

#include "backends/interface/status.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/random_fill.h"
#include "kernels/common/shape_text.h"
#include "kernels/gaussian/implementations.h"

namespace assay::gaussian {
namespace {

constexpr std::string_view kForm = "HxW[:planes=P][:radius=R][:sigma=S]";

float default_sigma(std::int64_t radius) noexcept {
  return 0.3F * static_cast<float>(radius - 1) + 0.8F;
}

std::string to_string(const Params& p) {
  std::string text = std::to_string(p.height) + "x" + std::to_string(p.width);
  if (p.planes != Params().planes) text += ":planes=" + std::to_string(p.planes);
  if (p.radius != Params().radius) text += ":radius=" + std::to_string(p.radius);
  if (p.sigma != default_sigma(p.radius)) text += ":sigma=" + shape_number(p.sigma);
  return text;
}

class GaussianProblem final : public DenseProblem {
 public:
  explicit GaussianProblem(const Params& p)
      : DenseProblem("gaussian", to_string(p),
                     {f32_operand("x", p.rows() * p.width, Access::read),
                      f32_operand("y", p.rows() * p.width, Access::write)},
                     kY),
        params(p) {}

  double flops() const noexcept override {
    return 2.0 * (4.0 * static_cast<double>(params.radius) + 1.0) *
           static_cast<double>(params.rows()) * static_cast<double>(params.width);
  }

  const Params params;

 protected:
  float value(std::size_t index, DataFamily family, std::uint64_t seed,
              std::size_t i) const override {
    const float own = random_value(family, random_bits(seed, index, i));
    if (family != DataFamily::cancelling || index != kX) return own;
    // A chess board: what a filter that smooths leaves of it is far below its fields.
    const auto at = static_cast<std::int64_t>(i);
    const bool odd = (at / params.width + at % params.width) % 2 != 0;
    return (odd ? -1.0F : 1.0F) * (1.0F + std::ldexp(own, -14));
  }

  void oracle(std::span<const float* const> operands, DataFamily family,
              Expected& expected) const override {
    const Params& p = params;
    const Weights weights = weights_of(p);
    const std::int64_t side = 2 * p.radius + 1;
    const auto weight = [&](std::int64_t t) -> double {
      return weights[static_cast<std::size_t>(std::abs(t))];
    };
    for (std::size_t i = 0; i < expected.value.size(); ++i) {
      const std::int64_t col = static_cast<std::int64_t>(i) % p.width;
      const std::int64_t row = static_cast<std::int64_t>(i) / p.width;
      const std::int64_t plane = row / p.height * p.height;
      double magnitude = 0;
      for (std::int64_t s = -p.radius; s <= p.radius; ++s) {
        const std::int64_t from = plane + clamped(row - plane + s, p.height);
        for (std::int64_t t = -p.radius; t <= p.radius; ++t) {
          const double term = weight(s) * weight(t) *
                              operands[kX][from * p.width + clamped(col + t, p.width)];
          expected.value[i] += term;
          magnitude += std::fabs(term);
        }
      }
      if (family == DataFamily::integers) continue;
      expected.bound[i] = sum_error(side * side) * magnitude +
                          static_cast<double>(side * side + 2) * 0x1p-149;
    }
  }
};

class GaussianOp final : public Op {
 public:
  std::string_view name() const noexcept override { return "gaussian"; }
  std::string_view formula() const noexcept override {
    return "y[i,j] = sum w[s] w[t] x[i+s,j+t], s and t from -radius to radius, clamped";
  }
  std::string_view shape_form() const noexcept override { return kForm; }
  std::string shape_of_size(std::uint64_t size) const override {
    return square_of_size(size);
  }
  std::unique_ptr<Problem> make_problem(std::string_view shape,
                                        DType type) const override {
    require_f32("gaussian", type);
    return std::make_unique<GaussianProblem>(parse_params(shape));
  }
  std::span<const Implementation> implementations() const noexcept override {
    return gaussian::implementations();
  }
  // In the second and the third cache, and beyond all.
  std::span<const std::string_view> ladder_shapes() const noexcept override {
    static constexpr std::string_view kShapes[] = {"256x256", "1024x1024", "3072x3072"};
    return kShapes;
  }
};

constinit const GaussianOp kInstance;

}  // namespace

constinit const Op& kOp = kInstance;

Params parse_params(std::string_view shape) {
  ShapeText text("gaussian", kForm, shape);
  const auto extents = text.extents({"H", "W"});
  Params p;
  p.height = extents[0];
  p.width = extents[1];
  p.planes = text.integer("planes", 0).value_or(p.planes);
  p.radius = text.integer("radius", 1).value_or(p.radius);
  if (p.radius > kMostRadius) {
    text.refuse("radius is not 1 to " + std::to_string(kMostRadius));
  }
  p.sigma = text.scalar("sigma").value_or(default_sigma(p.radius));
  text.finish();
  if (!(p.sigma > 0)) text.refuse("sigma is not above 0");
  // Two extents below 2^31 do not overflow.
  text.require_bytes("x", p.rows(), p.width);
  return p;
}

const Params& params_of(const Problem& problem) {
  if (problem.op() != "gaussian") {
    throw Error(StatusCode::invalid_argument, "not a gaussian problem");
  }
  return static_cast<const GaussianProblem&>(problem).params;
}

Weights weights_of(const Params& p) noexcept {
  constexpr double kSteps = 2048;  // 2^11
  const double sigma = p.sigma;
  double sum = 1;
  const auto curve = [&](std::int64_t t) {
    return std::exp(-static_cast<double>(t * t) / (2 * sigma * sigma));
  };
  for (std::int64_t t = 1; t <= p.radius; ++t) sum += 2 * curve(t);
  Weights weights = {};
  double left = kSteps;
  for (std::int64_t t = 1; t <= p.radius; ++t) {
    const double steps = std::round(curve(t) / sum * kSteps);
    weights[static_cast<std::size_t>(t)] = static_cast<float>(steps / kSteps);
    left -= 2 * steps;
  }
  weights[0] = static_cast<float>(left / kSteps);
  return weights;
}

}  // namespace assay::gaussian
