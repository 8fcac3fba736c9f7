// SPDX-License-Identifier: MIT
#include "kernels/transpose/transpose.h"

#include <algorithm>
#include <memory>
#include <string>

#include "backends/interface/status.h"
#include "kernels/common/checked_math.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/shape_text.h"
#include "kernels/transpose/implementations.h"

namespace assay::transpose {
namespace {

constexpr std::string_view kForm = "MxN[:lda=L][:ldb=L]";

std::int64_t tightest(std::int64_t cols) { return std::max<std::int64_t>(cols, 1); }

std::string to_string(const Params& p) {
  std::string text = std::to_string(p.m) + "x" + std::to_string(p.n);
  if (p.lda != tightest(p.n)) text += ":lda=" + std::to_string(p.lda);
  if (p.ldb != tightest(p.m)) text += ":ldb=" + std::to_string(p.ldb);
  return text;
}

// Without the last row's gap.
std::int64_t elements(std::int64_t rows, std::int64_t cols, std::int64_t ld) {
  return rows == 0 || cols == 0 ? 0 : (rows - 1) * ld + cols;
}

class TransposeProblem final : public DenseProblem {
 public:
  explicit TransposeProblem(const Params& p)
      : DenseProblem("transpose", to_string(p),
                     {f32_operand("a", elements(p.m, p.n, p.lda), Access::read),
                      f32_operand("b", elements(p.n, p.m, p.ldb), Access::write)},
                     kB),
        params(p) {}

  double flops() const noexcept override { return 0; }
  // Without the gaps.
  double compulsory_bytes() const noexcept override {
    return 8.0 * static_cast<double>(params.m) * static_cast<double>(params.n);
  }

  const Params params;

 protected:
  void oracle(std::span<const float* const> operands, DataFamily /*family*/,
              Expected& expected) const override {
    expected.written.assign(expected.written.size(), false);
    for (std::int64_t i = 0; i < params.m; ++i) {
      for (std::int64_t j = 0; j < params.n; ++j) {
        const auto to = static_cast<std::size_t>(j * params.ldb + i);
        expected.value[to] = operands[kA][i * params.lda + j];
        expected.written[to] = true;
      }
    }
  }
};

class TransposeOp final : public Op {
 public:
  std::string_view name() const noexcept override { return "transpose"; }
  std::string_view formula() const noexcept override { return "B = A^T"; }
  std::string_view shape_form() const noexcept override { return kForm; }
  std::string shape_of_size(std::uint64_t size) const override {
    return square_of_size(size);
  }
  std::unique_ptr<Problem> make_problem(std::string_view shape,
                                        DType type) const override {
    require_f32("transpose", type);
    return std::make_unique<TransposeProblem>(parse_params(shape));
  }
  std::span<const Implementation> implementations() const noexcept override {
    return transpose::implementations();
  }
  // In the second cache, and beyond all.
  std::span<const std::string_view> ladder_shapes() const noexcept override {
    static constexpr std::string_view kShapes[] = {"256x256", "4096x4096"};
    return kShapes;
  }
};

constinit const TransposeOp kInstance;

}  // namespace

constinit const Op& kOp = kInstance;

Params parse_params(std::string_view shape) {
  ShapeText text("transpose", kForm, shape);
  const auto extents = text.extents({"M", "N"});
  Params p{extents[0], extents[1], 0, 0};
  p.lda = text.integer("lda", tightest(p.n)).value_or(tightest(p.n));
  p.ldb = text.integer("ldb", tightest(p.m)).value_or(tightest(p.m));
  text.finish();
  text.require_bytes("A", p.m, p.lda);
  text.require_bytes("B", p.n, p.ldb);
  return p;
}

const Params& params_of(const Problem& problem) {
  if (problem.op() != "transpose") {
    throw Error(StatusCode::invalid_argument, "not a transpose problem");
  }
  return static_cast<const TransposeProblem&>(problem).params;
}

Split split_of(const Params& p, std::uint32_t units) noexcept {
  constexpr std::int64_t kLeastElements = 16384;
  if (p.m == 0) return {};
  return split_for_units(p.n, divide_up(kLeastElements, p.m), 16, units);
}

}  // namespace assay::transpose
