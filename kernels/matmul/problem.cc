// SPDX-License-Identifier: MIT
#include "kernels/matmul/problem.h"

#include <cmath>
#include <memory>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/random_fill.h"
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/narrow.h"

namespace assay::matmul {
namespace {

Operand operand(const char* name, std::int64_t elements, DType type, Access access) {
  return {name, static_cast<std::size_t>(elements), type, access};
}

const MatmulProblem& matmul_of(const Problem& problem) {
  for (const Op* const op : {&kOp, &kBf16Op, &kF16Op}) {
    if (problem.op() == op->name()) return static_cast<const MatmulProblem&>(problem);
  }
  throw Error(StatusCode::invalid_argument, "not a matmul problem");
}

// Of the bits of an element of A or B, those that terms which cancel share: some of its
// own have to be left.
int shared_bits(DType type) {
  return type == DType::f32 ? 14 : type == DType::f16 ? 7 : 4;
}

// Graded data reaches 2^20, f16 only 2^16; a 32nd of it reaches f16's subnormal
// numbers.
float scaled(DType type, DataFamily family, float value) {
  return type == DType::f16 && family == DataFamily::graded ? value / 32 : value;
}

}  // namespace

MatmulProblem::MatmulProblem(const Params& params, DType storage)
    : params_(parse_params(to_string(params))),
      shape_(to_string(params_)),
      operands_{operand("a", a_elements(params_), storage, Access::read),
                operand("b", b_elements(params_), storage, Access::read),
                operand("c", c_elements(params_), DType::f32,
                        params_.beta == 0.0F ? Access::write : Access::read_write)} {}

std::string_view MatmulProblem::op() const noexcept {
  switch (storage()) {
    case DType::f32:
      return kOp.name();
    case DType::bf16:
      return kBf16Op.name();
    case DType::f16:
      return kF16Op.name();
  }
  return {};
}

const Params& params_of(const Problem& problem) { return matmul_of(problem).params(); }
DType storage_of(const Problem& problem) { return matmul_of(problem).storage(); }

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
  return static_cast<double>(bytes_of(storage())) * inputs +
         4.0 * m * n * (params_.beta == 0.0F ? 1 : 2);
}

void MatmulProblem::fill(std::size_t index, DataFamily family, std::uint64_t seed,
                         std::span<std::byte> out) const {
  if (index >= operands_.size() || out.size() != operands_[index].bytes()) {
    throw Error(StatusCode::invalid_argument, "matmul fill: wrong operand or size");
  }
  const DType type = operands_[index].type;
  const std::size_t size = bytes_of(type);
  const std::size_t elements = operands_[index].elements;
  if (family != DataFamily::cancelling || index == kC) {
    for (std::size_t i = 0; i < elements; ++i) {
      const float value = random_value(family, random_bits(seed, index, i));
      store(type, scaled(type, family, value), &out[i * size]);
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
    const float value = sum_along_cols
                            ? cancelling_term(seed, index, row, col, shared_bits(type))
                            : cancelling_term(seed, index, col, row, shared_bits(type));
    store(type, value, &out[i * size]);
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
  Arrays arrays = {floats(kA), floats(kB), const_cast<float*>(floats(kC))};
  std::vector<float> wide_a;
  std::vector<float> wide_b;
  if (storage() != DType::f32) {
    wide_a = widened(storage(), operands[kA]);
    wide_b = widened(storage(), operands[kB]);
    arrays.a = wide_a.data();
    arrays.b = wide_b.data();
  }
  const OracleResult oracle =
      reference_in_bands(params_, arrays, oracle_threads(params_));

  const auto k = static_cast<double>(params_.k);
  const double relative = (4.0 * std::sqrt(k) + 8.0) * 0x1p-24;
  const double absolute = absolute_error(storage(), params_);
  const std::vector<double> allowed = allowance(storage(), params_, arrays, oracle);
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
      if (!allowed.empty()) expected.bound[to] += allowed[from];
      expected.written[to] = true;
    }
  }
  return expected;
}

namespace {

// matmul and its two 16-bit storages.
class MatmulOp final : public Op {
 public:
  constexpr MatmulOp(std::string_view name, DType storage,
                     std::span<const Implementation> (*table)() noexcept)
      : name_(name), storage_(storage), table_(table) {}

  std::string_view name() const noexcept override { return name_; }
  std::string_view formula() const noexcept override {
    switch (storage_) {
      case DType::f32:
        break;
      case DType::bf16:
        return "C = alpha * op(A) * op(B) + beta * C, A and B bf16, sums and C f32";
      case DType::f16:
        return "C = alpha * op(A) * op(B) + beta * C, A and B f16, sums and C f32";
    }
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
  // `type` is what is computed in.
  std::unique_ptr<Problem> make_problem(std::string_view shape,
                                        DType type) const override {
    require_f32(name_, type);
    return std::make_unique<MatmulProblem>(parse_params(shape), storage_);
  }
  std::span<const Implementation> implementations() const noexcept override {
    return table_();
  }
  // In the first cache, in the second, and beyond what packs well at once; of 16 bits
  // also few rows, whose speed is that of reading B.
  std::span<const std::string_view> ladder_shapes() const noexcept override {
    static constexpr std::string_view kWide[] = {"64x64x64", "256x256x256",
                                                 "1024x1024x1024"};
    static constexpr std::string_view kNarrow[] = {"256x256x256", "4x1024x1024",
                                                   "1024x1024x1024"};
    return storage_ == DType::f32 ? kWide : kNarrow;
  }

 private:
  std::string_view name_;
  DType storage_;
  std::span<const Implementation> (*table_)() noexcept;
};

constinit const MatmulOp kInstance("matmul", DType::f32, implementations);
constinit const MatmulOp kBf16Instance("matmul_bf16", DType::bf16,
                                       bf16_implementations);
constinit const MatmulOp kF16Instance("matmul_f16", DType::f16, f16_implementations);

}  // namespace

constinit const Op& kOp = kInstance;
constinit const Op& kBf16Op = kBf16Instance;
constinit const Op& kF16Op = kF16Instance;

}  // namespace assay::matmul
