// SPDX-License-Identifier: MIT
#include "kernels/reduce/reduce.h"

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/random_fill.h"
#include "kernels/common/shape_text.h"
#include "kernels/reduce/implementations.h"

namespace assay::reduce {
namespace {

constexpr std::string_view kForm = "N[:sum|:dot|:max]";

std::string to_string(const Params& p) {
  constexpr const char* kSuffixes[] = {"", ":dot", ":max"};
  return std::to_string(p.n) + kSuffixes[static_cast<std::size_t>(p.kind)];
}

std::vector<Operand> operands_of(const Params& p) {
  std::vector<Operand> operands = {f32_operand("x", p.n, Access::read)};
  if (p.kind == Kind::dot) operands.push_back(f32_operand("z", p.n, Access::read));
  operands.push_back(f32_operand("y", 1, Access::write));
  return operands;
}

// Every partial sum is an integer below 2^24.
bool exact_on_integers(const Params& p) noexcept {
  const std::int64_t largest =
      p.kind == Kind::dot ? kIntegerAmplitude * kIntegerAmplitude : kIntegerAmplitude;
  return p.n < (std::int64_t{1} << 24) / largest;
}

class ReduceProblem final : public DenseProblem {
 public:
  explicit ReduceProblem(const Params& p)
      : DenseProblem("reduce", to_string(p), operands_of(p), y_of(p.kind)), params(p) {}

  double flops() const noexcept override {
    return (params.kind == Kind::dot ? 2.0 : 1.0) * static_cast<double>(params.n);
  }

  const Params params;

 protected:
  float value(std::size_t index, DataFamily family, std::uint64_t seed,
              std::size_t i) const override {
    if (family != DataFamily::cancelling || params.kind == Kind::max) {
      return random_value(family, random_bits(seed, index, i));
    }
    // Terms 2p and 2p + 1 share their magnitudes and differ in sign, so that they
    // cancel but for the last 10 of 24 bits, which are each element's own.
    const float shared = random_value(family, random_bits(seed, index, i / 2));
    const float noise =
        random_value(DataFamily::uniform, random_bits(seed, index + 8, i));
    const float element = shared * (1.0F + std::ldexp(noise, -14));
    return index == kX && i % 2 == 1 ? -element : element;
  }

  void oracle(std::span<const float* const> operands, DataFamily family,
              Expected& expected) const override {
    const float* const x = operands[kX];
    const auto n = static_cast<std::size_t>(params.n);
    if (params.kind == Kind::max) {
      double largest = -std::numeric_limits<double>::infinity();
      for (std::size_t i = 0; i < n; ++i) {
        // A NaN stays: every comparison with it is false.
        if (!(x[i] <= largest) && !std::isnan(largest)) largest = x[i];
      }
      expected.value[0] = largest;
      return;
    }
    double sum = 0;
    double magnitude = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double other = params.kind == Kind::dot ? operands[kZ][i] : 1.0;
      const double term = x[i] * other;
      sum += term;
      magnitude += std::fabs(term);
    }
    expected.value[0] = sum;
    if (family == DataFamily::integers && exact_on_integers(params)) return;
    expected.bound[0] = sum_error(params.n) * magnitude +
                        (static_cast<double>(params.n) + 1) * 0x1p-149;
  }
};

class ReduceOp final : public Op {
 public:
  std::string_view name() const noexcept override { return "reduce"; }
  std::string_view formula() const noexcept override {
    return "y = sum x[i], or sum x[i] * z[i], or max x[i]";
  }
  std::string_view shape_form() const noexcept override { return kForm; }
  std::string shape_of_size(std::uint64_t size) const override {
    return std::to_string(size);
  }
  std::unique_ptr<Problem> make_problem(std::string_view shape,
                                        DType type) const override {
    require_f32("reduce", type);
    return std::make_unique<ReduceProblem>(parse_params(shape));
  }
  std::span<const Implementation> implementations() const noexcept override {
    return reduce::implementations();
  }
  // In the second cache, and beyond all.
  std::span<const std::string_view> ladder_shapes() const noexcept override {
    static constexpr std::string_view kShapes[] = {"65536:dot", "16777216:dot"};
    return kShapes;
  }
};

constinit const ReduceOp kInstance;

}  // namespace

constinit const Op& kOp = kInstance;

Params parse_params(std::string_view shape) {
  ShapeText text("reduce", kForm, shape);
  Params p;
  p.n = text.extents({"N"})[0];
  p.kind = static_cast<Kind>(text.word({"sum", "dot", "max"}).value_or(0));
  text.finish();
  return p;
}

const Params& params_of(const Problem& problem) {
  if (problem.op() != "reduce") {
    throw Error(StatusCode::invalid_argument, "not a reduce problem");
  }
  return static_cast<const ReduceProblem&>(problem).params;
}

}  // namespace assay::reduce
