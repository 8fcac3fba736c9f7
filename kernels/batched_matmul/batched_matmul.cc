// SPDX-License-Identifier: MIT
#include "kernels/batched_matmul/batched_matmul.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "backends/interface/status.h"
#include "kernels/batched_matmul/implementations.h"
#include "kernels/common/checked_math.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/random_fill.h"
#include "kernels/common/shape_text.h"

namespace assay::batched_matmul {
namespace {

constexpr std::string_view kForm = "TxMxNxK[:stride_a=S][:stride_b=S][:stride_c=S]";
// Of `--sizes n`: enough that what a submission costs does not count.
constexpr std::uint64_t kCountOfSize = 1000;
// Multiply-adds below which a group of its own costs more than it saves: as matmul.
constexpr double kLeastGroupProducts = 128 * 1024;

std::int64_t tightest(std::int64_t rows, std::int64_t cols) {
  return std::max<std::int64_t>(rows * cols, 1);
}

std::string to_string(const Params& p) {
  std::string text = std::to_string(p.count);
  for (const std::int64_t extent : {p.m, p.n, p.k})
    text += "x" + std::to_string(extent);
  if (p.stride_a != tightest(p.m, p.k)) {
    text += ":stride_a=" + std::to_string(p.stride_a);
  }
  if (p.stride_b != tightest(p.k, p.n)) {
    text += ":stride_b=" + std::to_string(p.stride_b);
  }
  if (p.stride_c != tightest(p.m, p.n)) {
    text += ":stride_c=" + std::to_string(p.stride_c);
  }
  return text;
}

// Without the gap after the last matrix.
std::int64_t elements(std::int64_t count, std::int64_t rows, std::int64_t cols,
                      std::int64_t stride) {
  return count == 0 || rows == 0 || cols == 0 ? 0 : (count - 1) * stride + rows * cols;
}

class BatchedMatmulProblem final : public DenseProblem {
 public:
  explicit BatchedMatmulProblem(const Params& p)
      : DenseProblem(
            "batched_matmul", to_string(p),
            {f32_operand("a", elements(p.count, p.m, p.k, p.stride_a), Access::read),
             f32_operand("b", elements(p.count, p.k, p.n, p.stride_b), Access::read),
             f32_operand("c", elements(p.count, p.m, p.n, p.stride_c), Access::write)},
            kC),
        params(p) {}

  double flops() const noexcept override {
    return 2.0 * static_cast<double>(params.count) * static_cast<double>(params.m) *
           static_cast<double>(params.n) * static_cast<double>(params.k);
  }
  // Without the gaps.
  double compulsory_bytes() const noexcept override {
    const auto m = static_cast<double>(params.m);
    const auto n = static_cast<double>(params.n);
    const auto k = static_cast<double>(params.k);
    return 4.0 * static_cast<double>(params.count) * (m * k + k * n + m * n);
  }

  const Params params;

 protected:
  float value(std::size_t index, DataFamily family, std::uint64_t seed,
              std::size_t i) const override {
    if (family != DataFamily::cancelling || index == kC) {
      return DenseProblem::value(index, family, seed, i);
    }
    const auto at = static_cast<std::int64_t>(i);
    const std::int64_t stride = index == kA ? params.stride_a : params.stride_b;
    const std::int64_t cols =
        std::max<std::int64_t>(index == kA ? params.k : params.n, 1);
    const std::int64_t row = at % stride / cols;
    const std::int64_t col = at % stride % cols;
    // A row of A and a column of B, of all matrices, is a line of its own.
    const std::int64_t first = at / stride * std::max(params.m, params.n);
    return index == kA ? cancelling_term(seed, index, first + row, col)
                       : cancelling_term(seed, index, first + col, row);
  }

  void oracle(std::span<const float* const> operands, DataFamily family,
              Expected& expected) const override {
    const Params& p = params;
    expected.written.assign(expected.written.size(), false);
    // Sums of products of integers up to 3 stay exact below 2^24.
    const bool exact =
        family == DataFamily::integers &&
        static_cast<double>(p.k) * kIntegerAmplitude * kIntegerAmplitude < 0x1p24;
    for (std::int64_t t = 0; t < p.count; ++t) {
      for (std::int64_t i = 0; i < p.m; ++i) {
        for (std::int64_t j = 0; j < p.n; ++j) {
          double sum = 0;
          double magnitude = 0;
          for (std::int64_t l = 0; l < p.k; ++l) {
            const double left = operands[kA][t * p.stride_a + i * p.k + l];
            const double right = operands[kB][t * p.stride_b + l * p.n + j];
            sum += left * right;
            magnitude += std::fabs(left * right);
          }
          const auto to = static_cast<std::size_t>(t * p.stride_c + i * p.n + j);
          expected.value[to] = sum;
          expected.written[to] = true;
          if (exact) continue;
          expected.bound[to] =
              sum_error(p.k) * magnitude + (static_cast<double>(p.k) + 2.0) * 0x1p-149;
        }
      }
    }
  }
};

class BatchedMatmulOp final : public Op {
 public:
  std::string_view name() const noexcept override { return "batched_matmul"; }
  std::string_view formula() const noexcept override { return "C[t] = A[t] * B[t]"; }
  std::string_view shape_form() const noexcept override { return kForm; }
  std::string shape_of_size(std::uint64_t size) const override {
    const std::string n = "x" + std::to_string(size);
    return std::to_string(kCountOfSize) + n + n + n;
  }
  std::unique_ptr<Problem> make_problem(std::string_view shape,
                                        DType type) const override {
    require_f32("batched_matmul", type);
    return std::make_unique<BatchedMatmulProblem>(parse_params(shape));
  }
  std::span<const Implementation> implementations() const noexcept override {
    return batched_matmul::implementations();
  }
  // As short as a vector, up to where a loop of library calls is as good.
  std::span<const std::string_view> ladder_shapes() const noexcept override {
    static constexpr std::string_view kShapes[] = {"1000x4x4x4", "1000x8x8x8",
                                                   "1000x16x16x16", "1000x32x32x32"};
    return kShapes;
  }
};

constinit const BatchedMatmulOp kInstance;

}  // namespace

constinit const Op& kOp = kInstance;

Params parse_params(std::string_view shape) {
  ShapeText text("batched_matmul", kForm, shape);
  const auto extents = text.extents({"T", "M", "N", "K"});
  Params p{extents[0], extents[1], extents[2], extents[3]};
  const auto stride = [&](std::string_view key, std::int64_t rows, std::int64_t cols) {
    const std::int64_t least = tightest(rows, cols);
    return text.integer(key, least).value_or(least);
  };
  p.stride_a = stride("stride_a", p.m, p.k);
  p.stride_b = stride("stride_b", p.k, p.n);
  p.stride_c = stride("stride_c", p.m, p.n);
  text.finish();
  text.require_bytes("A", p.count, p.stride_a);
  text.require_bytes("B", p.count, p.stride_b);
  text.require_bytes("C", p.count, p.stride_c);
  return p;
}

const Params& params_of(const Problem& problem) {
  if (problem.op() != "batched_matmul") {
    throw Error(StatusCode::invalid_argument, "not a batched_matmul problem");
  }
  return static_cast<const BatchedMatmulProblem&>(problem).params;
}

Split split_of(const Params& p, std::uint32_t units) noexcept {
  if (p.m == 0 || p.n == 0) return {};
  const double products = static_cast<double>(p.m) * static_cast<double>(p.n) *
                          static_cast<double>(std::max<std::int64_t>(p.k, 1));
  const auto least =
      static_cast<std::int64_t>(std::ceil(kLeastGroupProducts / products));
  return split_for_units(p.count, least, 1, units);
}

}  // namespace assay::batched_matmul
