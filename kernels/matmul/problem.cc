// SPDX-License-Identifier: MIT
#include "kernels/matmul/problem.h"

#include <bit>
#include <cmath>
#include <memory>

#include "backends/interface/status.h"
#include "kernels/common/random_fill.h"
#include "kernels/matmul/implementations.h"

namespace assay::matmul {
namespace {

Operand operand(const char* name, std::int64_t elements, Access access) {
  return {name, static_cast<std::size_t>(elements), DType::f32, access};
}

}  // namespace

MatmulProblem::MatmulProblem(const Params& params)
    : params_(parse_params(to_string(params))),
      shape_(to_string(params_)),
      operands_{operand("a", a_elements(params_), Access::read),
                operand("b", b_elements(params_), Access::read),
                operand("c", c_elements(params_),
                        params_.beta == 0.0F ? Access::write : Access::read_write)} {}

const Params& params_of(const Problem& problem) {
  if (problem.op() != "matmul") {
    throw Error(StatusCode::invalid_argument, "not a matmul problem");
  }
  return static_cast<const MatmulProblem&>(problem).params();
}

// With alpha = 0 nothing is multiplied: counting 2mnk would put the rate above peak.
double MatmulProblem::flops() const noexcept {
  if (params_.alpha == 0.0F) return 0;
  return 2.0 * static_cast<double>(params_.m) * static_cast<double>(params_.n) *
         static_cast<double>(params_.k);
}

double MatmulProblem::compulsory_bytes() const noexcept {
  const auto m = static_cast<double>(params_.m);
  const auto n = static_cast<double>(params_.n);
  const auto k = static_cast<double>(params_.k);
  const double inputs = params_.alpha == 0.0F ? 0 : m * k + k * n;
  return 4.0 * (inputs + m * n * (params_.beta == 0.0F ? 1 : 2));
}

void MatmulProblem::fill(std::size_t index, DataFamily family, std::uint64_t seed,
                         std::span<std::byte> out) const {
  if (index >= operands_.size() || out.size() != operands_[index].bytes()) {
    throw Error(StatusCode::invalid_argument, "matmul fill: wrong operand or size");
  }
  // Element-wise bytes: `out` may be unaligned and its memory has no type yet.
  const auto store = [&](std::size_t i, float value) {
    const auto bytes = std::bit_cast<std::array<std::byte, sizeof(float)>>(value);
    std::copy(bytes.begin(), bytes.end(),
              out.begin() + static_cast<std::ptrdiff_t>(i * sizeof(float)));
  };
  const std::size_t elements = operands_[index].elements;
  if (family != DataFamily::cancelling || index == kC) {
    for (std::size_t i = 0; i < elements; ++i) {
      store(i, random_value(family, random_bits(seed, index, i)));
    }
    return;
  }
  // Gaps get values like any other element: position (row, col) of the stored array.
  const auto ld = static_cast<std::size_t>(index == kA ? params_.lda : params_.ldb);
  // In A the sum runs along stored columns, in B along stored rows; a transpose swaps.
  const bool sum_along_cols =
      (index == kA) != (index == kA ? params_.transpose_a : params_.transpose_b);
  for (std::size_t i = 0; i < elements; ++i) {
    const auto row = static_cast<std::int64_t>(i / ld);
    const auto col = static_cast<std::int64_t>(i % ld);
    store(i, sum_along_cols ? cancelling_term(seed, index, row, col)
                            : cancelling_term(seed, index, col, row));
  }
}

// All sums, scaled by 4 so that alpha and beta count in quarters, stay below 2^24:
//   k * 3 * 3 * |4 alpha| + 3 * |4 beta| < 2^24
// holds for |alpha|, |beta| <= 16 up to k = 29 127, well above the 8192 of the gates.
bool exact_on_integers(const Params& p) noexcept {
  const auto quarters = [](float x) {
    return std::floor(4.0F * x) == 4.0F * x && std::fabs(x) <= 16.0F;
  };
  if (!quarters(p.alpha) || !quarters(p.beta)) return false;
  constexpr double largest = kIntegerAmplitude;
  const double sum =
      static_cast<double>(p.k) * largest * largest * 4 * std::fabs(p.alpha) +
      largest * 4 * std::fabs(p.beta);
  return sum < 0x1p24;
}

Expected MatmulProblem::expected(std::span<const std::span<const std::byte>> operands,
                                 DataFamily family) const {
  if (operands.size() != operands_.size()) {
    throw Error(StatusCode::invalid_argument, "matmul expects operands a, b, c");
  }
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (operands[i].size() != operands_[i].bytes()) {
      throw Error(StatusCode::invalid_argument,
                  "matmul: wrong size of operand " + operands_[i].name);
    }
  }
  const auto floats = [&](std::size_t i) {
    return reinterpret_cast<const float*>(operands[i].data());
  };
  // The oracle reads C's old contents and writes none.
  const OracleResult oracle =
      reference(params_, {floats(kA), floats(kB), const_cast<float*>(floats(kC))});

  // Below the smallest normal numbers an error is absolute, not relative: at most half
  // of 2^-149 an operation. Without this term a correct denormal result would fail.
  const auto k = static_cast<double>(params_.k);
  const double relative = (4.0 * std::sqrt(k) + 8.0) * 0x1p-24;
  const double absolute = (k + 2.0) * 0x1p-149;
  const bool exact = family == DataFamily::integers && exact_on_integers(params_);

  Expected expected;
  const std::size_t count = operands_[kC].elements;
  expected.value.assign(count, 0.0);
  expected.bound.assign(count, 0.0);
  expected.written.assign(count, false);
  if (count == 0) return expected;
  for (std::int64_t i = 0; i < params_.m; ++i) {
    for (std::int64_t j = 0; j < params_.n; ++j) {
      const auto from = static_cast<std::size_t>(i * params_.n + j);
      const auto to = static_cast<std::size_t>(i * params_.ldc + j);
      expected.value[to] = oracle.value[from];
      if (!exact) expected.bound[to] = relative * oracle.magnitude[from] + absolute;
      expected.written[to] = true;
    }
  }
  return expected;
}

namespace {

class MatmulOp final : public Op {
 public:
  std::string_view name() const noexcept override { return "matmul"; }
  std::string_view formula() const noexcept override {
    return "C = alpha * op(A) * op(B) + beta * C";
  }
  std::string_view shape_form() const noexcept override {
    return "MxNxK[:tt][:alpha=X][:beta=X][:lda=L][:ldb=L][:ldc=L], tt one of nn nt tn "
           "tt";
  }
  std::string shape_of_size(std::uint64_t size) const override {
    const std::string n = std::to_string(size);
    return n + "x" + n + "x" + n;
  }
  std::unique_ptr<Problem> make_problem(std::string_view shape,
                                        DType type) const override {
    if (type != DType::f32) {
      throw Error(StatusCode::not_supported,
                  "matmul has no type " + std::string(to_string(type)));
    }
    return std::make_unique<MatmulProblem>(parse_params(shape));
  }
  std::span<const Implementation> implementations() const noexcept override {
    return matmul::implementations();
  }
};

constinit const MatmulOp kInstance;

}  // namespace

constinit const Op& kOp = kInstance;

}  // namespace assay::matmul
