// SPDX-License-Identifier: MIT
#include "kernels/conv2d/conv2d.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/random_fill.h"
#include "kernels/common/shape_text.h"
#include "kernels/conv2d/implementations.h"

namespace assay::conv2d {
namespace {

constexpr std::string_view kForm = "NxHxWxCxKxRxS[:stride=T][:pad=D][:bias][:relu]";

std::string to_string(const Params& p) {
  std::string text = std::to_string(p.batch);
  for (const std::int64_t extent :
       {p.height, p.width, p.channels, p.filters, p.rows, p.cols}) {
    text += "x" + std::to_string(extent);
  }
  if (p.stride != 1) text += ":stride=" + std::to_string(p.stride);
  if (p.pad != 0) text += ":pad=" + std::to_string(p.pad);
  if (p.bias) text += ":bias";
  if (p.relu) text += ":relu";
  return text;
}

std::vector<Operand> operands_of(const Params& p) {
  std::vector<Operand> operands = {
      f32_operand("x", p.batch * p.height * p.width * p.channels, Access::read),
      f32_operand("w", p.depth() * p.filters, Access::read)};
  if (p.bias) operands.push_back(f32_operand("b", p.filters, Access::read));
  for (std::size_t i = kW; i < operands.size(); ++i) operands[i].constant = true;
  operands.push_back(f32_operand("y", p.pixels() * p.filters, Access::write));
  return operands;
}

// Of the `taps` of a filter at output `at`, those inside an image of `extent`.
struct Inside {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};
Inside inside(std::int64_t at, const Params& p, std::int64_t taps,
              std::int64_t extent) {
  const std::int64_t first = at * p.stride - p.pad;
  const std::int64_t begin = std::clamp<std::int64_t>(-first, 0, taps);
  return {begin, std::clamp<std::int64_t>(extent - first, begin, taps)};
}

class Conv2dProblem final : public DenseProblem {
 public:
  explicit Conv2dProblem(const Params& p)
      : DenseProblem("conv2d", to_string(p), operands_of(p), output_of(p)), params(p) {}

  // Products with the padding are not counted: whoever skips them would be found above
  // the peak.
  double flops() const noexcept override {
    double rows = 0;
    for (std::int64_t p = 0; p < params.out_height(); ++p) {
      const Inside taps = inside(p, params, params.rows, params.height);
      rows += static_cast<double>(taps.end - taps.begin);
    }
    double cols = 0;
    for (std::int64_t q = 0; q < params.out_width(); ++q) {
      const Inside taps = inside(q, params, params.cols, params.width);
      cols += static_cast<double>(taps.end - taps.begin);
    }
    return 2.0 * rows * cols * static_cast<double>(params.batch) *
           static_cast<double>(params.channels) * static_cast<double>(params.filters);
  }

  const Params params;

 protected:
  // Terms of neighbouring channels cancel.
  float value(std::size_t index, DataFamily family, std::uint64_t seed,
              std::size_t i) const override {
    if (family != DataFamily::cancelling || index > kW) {
      return DenseProblem::value(index, family, seed, i);
    }
    const auto at = static_cast<std::int64_t>(i);
    if (index == kX) {
      return cancelling_term(seed, 0, at / params.channels, at % params.channels);
    }
    const std::int64_t tap = at / params.filters / params.channels;
    return cancelling_term(seed, 1, tap * params.filters + at % params.filters,
                           at / params.filters % params.channels);
  }

  void oracle(std::span<const float* const> x, DataFamily family,
              Expected& expected) const override {
    const Params& p = params;
    if (p.filters == 0) return;
    constexpr double a = kIntegerAmplitude;
    const bool exact = family == DataFamily::integers &&
                       a * a * static_cast<double>(p.depth()) + a < 0x1p24;
    const auto filters = static_cast<std::size_t>(p.filters);
    std::vector<double> sums(filters);
    std::vector<double> magnitudes(filters);
    std::size_t at = 0;
    for (std::int64_t n = 0; n < p.batch; ++n) {
      for (std::int64_t row = 0; row < p.out_height(); ++row) {
        for (std::int64_t col = 0; col < p.out_width(); ++col) {
          const std::int64_t terms = pixel(x, n, row, col, sums, magnitudes);
          const double absolute = static_cast<double>(terms + 2) * 0x1p-149;
          for (std::size_t k = 0; k < filters; ++k, ++at) {
            expected.value[at] = p.relu ? std::max(sums[k], 0.0) : sums[k];
            if (exact) continue;
            expected.bound[at] = sum_error(terms) * magnitudes[k] + absolute;
          }
        }
      }
    }
  }

 private:
  // Returns the number of terms.
  std::int64_t pixel(std::span<const float* const> x, std::int64_t n, std::int64_t row,
                     std::int64_t col, std::vector<double>& sums,
                     std::vector<double>& magnitudes) const {
    const Params& p = params;
    for (std::size_t k = 0; k < sums.size(); ++k) {
      sums[k] = p.bias ? x[kBias][k] : 0.0;
      magnitudes[k] = std::fabs(sums[k]);
    }
    const Inside down = inside(row, p, p.rows, p.height);
    const Inside across = inside(col, p, p.cols, p.width);
    for (std::int64_t r = down.begin; r < down.end; ++r) {
      for (std::int64_t s = across.begin; s < across.end; ++s) {
        const std::int64_t h = row * p.stride + r - p.pad;
        const std::int64_t w = col * p.stride + s - p.pad;
        for (std::int64_t c = 0; c < p.channels; ++c) {
          const double left =
              x[kX][((n * p.height + h) * p.width + w) * p.channels + c];
          const float* const weights =
              x[kW] + ((r * p.cols + s) * p.channels + c) * p.filters;
          for (std::size_t k = 0; k < sums.size(); ++k) {
            sums[k] += left * weights[k];
            magnitudes[k] += std::fabs(left * weights[k]);
          }
        }
      }
    }
    return (down.end - down.begin) * (across.end - across.begin) * p.channels +
           (p.bias ? 1 : 0);
  }
};

class Conv2dOp final : public Op {
 public:
  std::string_view name() const noexcept override { return "conv2d"; }
  std::string_view formula() const noexcept override {
    return "Y = X convolved with W (+ b) (cut off below 0), NHWC";
  }
  std::string_view shape_form() const noexcept override { return kForm; }
  // The 3x3 layer of ResNet-50 that has images of this size: 56, 28, 14 and 7 have 64,
  // 128, 256 and 512 channels.
  std::string shape_of_size(std::uint64_t size) const override {
    constexpr std::uint64_t kRow = 3584;  // size * channels, the same in all of them
    const std::string n = std::to_string(size);
    const std::string channels = std::to_string(
        std::max<std::uint64_t>(kRow / std::max<std::uint64_t>(size, 1), 1));
    return "1x" + n + "x" + n + "x" + channels + "x" + channels + "x3x3:pad=1";
  }
  std::unique_ptr<Problem> make_problem(std::string_view shape,
                                        DType type) const override {
    require_f32("conv2d", type);
    return std::make_unique<Conv2dProblem>(parse_params(shape));
  }
  std::span<const Implementation> implementations() const noexcept override {
    return conv2d::implementations();
  }
  // Two layers of ResNet-50: nothing to gather, and nine taps.
  std::span<const std::string_view> ladder_shapes() const noexcept override {
    static constexpr std::string_view kShapes[] = {"1x14x14x1024x256x1x1",
                                                   "1x56x56x64x64x3x3:pad=1"};
    return kShapes;
  }
};

constinit const Conv2dOp kInstance;

// Byte counts of products of three and more extents, a factor at a time.
void require_bytes(const ShapeText& text, std::string_view name,
                   std::initializer_list<std::int64_t> extents) {
  std::int64_t product = 1;
  for (const std::int64_t extent : extents) {
    text.require_bytes(name, product, extent);
    product *= extent;
  }
}

}  // namespace

constinit const Op& kOp = kInstance;

Params parse_params(std::string_view shape) {
  ShapeText text("conv2d", kForm, shape);
  const auto extents = text.extents({"N", "H", "W", "C", "K", "R", "S"});
  Params p{extents[0], extents[1], extents[2], extents[3],
           extents[4], extents[5], extents[6]};
  p.stride = text.integer("stride", 1).value_or(1);
  p.pad = text.integer("pad", 0).value_or(0);
  p.bias = text.word({"bias"}).has_value();
  p.relu = text.word({"relu"}).has_value();
  text.finish();
  if (std::min({p.height, p.width, p.rows, p.cols}) < 1) {
    text.refuse("H, W, R and S are at least 1");
  }
  if (p.pad >= std::min(p.rows, p.cols)) {
    text.refuse("a filter would lie in the padding alone: pad is below R and S");
  }
  if (p.rows > p.height + 2 * p.pad || p.cols > p.width + 2 * p.pad) {
    text.refuse("the filter is larger than the padded image");
  }
  require_bytes(text, "X", {p.batch, p.height, p.width, p.channels});
  require_bytes(text, "W", {p.rows, p.cols, p.channels, p.filters});
  require_bytes(text, "Y", {p.batch, p.out_height(), p.out_width(), p.filters});
  // Indices into the product's left-hand matrix, which nobody has to store whole.
  require_bytes(text, "the patches",
                {p.batch, p.out_height(), p.out_width(), p.rows, p.cols, p.channels});
  return p;
}

const Params& params_of(const Problem& problem) {
  if (problem.op() != "conv2d") {
    throw Error(StatusCode::invalid_argument, "not a conv2d problem");
  }
  return static_cast<const Conv2dProblem&>(problem).params;
}

}  // namespace assay::conv2d
