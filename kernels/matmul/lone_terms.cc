// SPDX-License-Identifier: MIT
// Products of which one term is left: each row of op(A) is zero but for one number, so
// C[i,j] = alpha * a[i] * op(B)[l(i),j] + beta * C[i,j].
//
// What it is for: cut operands to 11 bits (TF32) and the error of a sum of k random
// terms grows with sqrt(k), its bound with k^1.5. At 64 x 64 x 8192 such a product was
// off by 0.69 of the bound and passed; here by 41 of it.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "kernels/common/random_fill.h"
#include "kernels/matmul/narrow.h"
#include "kernels/matmul/problem.h"

namespace assay::matmul {
namespace {

// Streams of random_bits beside those of fill().
constexpr std::uint64_t kColumns = 16;
constexpr std::uint64_t kFactors = 17;
constexpr std::uint64_t kRight = 18;

// What `value` is once it is stored.
float stored(DType type, float value) noexcept {
  return type == DType::f32 ? value : widen(type, narrow(type, value));
}

// Of row i of op(A): where its number is, and what it is before it is stored.
std::int64_t column_of(const Params& p, std::uint64_t seed, std::int64_t i) noexcept {
  const auto bits = random_bits(seed, kColumns, static_cast<std::uint64_t>(i));
  return static_cast<std::int64_t>(bits % static_cast<std::uint64_t>(p.k));
}
float factor_of(std::uint64_t seed, std::int64_t i) noexcept {
  return random_value(DataFamily::uniform,
                      random_bits(seed, kFactors, static_cast<std::uint64_t>(i)));
}

// Element `at` of B as it lies in memory.
float right_of(std::uint64_t seed, std::int64_t at) noexcept {
  return random_value(DataFamily::uniform,
                      random_bits(seed, kRight, static_cast<std::uint64_t>(at)));
}

}  // namespace

bool MatmulProblem::fill_lone(std::size_t index, std::uint64_t seed,
                              std::span<std::byte> out) const {
  const Params& p = params_;
  if (p.alpha == 0.0F || p.m == 0 || p.n == 0 || p.k == 0 || index == kC) return false;
  const DType type = storage();
  const std::size_t size = bytes_of(type);
  if (index == kB) {
    for (std::size_t at = 0; at < operands_[kB].elements; ++at) {
      store(type, right_of(seed, static_cast<std::int64_t>(at)), &out[at * size]);
    }
    return true;
  }
  std::ranges::fill(out, std::byte{0});
  for (std::int64_t i = 0; i < p.m; ++i) {
    const std::int64_t l = column_of(p, seed, i);
    const std::int64_t at = p.transpose_a ? l * p.lda + i : i * p.lda + l;
    store(type, factor_of(seed, i), &out[static_cast<std::size_t>(at) * size]);
  }
  return true;
}

CheckResult MatmulProblem::check_lone(std::uint64_t seed, std::span<const float> got,
                                      std::span<const float> before) const {
  const Params& p = params_;
  const double relative = (4.0 * std::sqrt(static_cast<double>(p.k)) + 8.0) * 0x1p-24;
  const double absolute = absolute_error(storage(), p);
  const auto row = static_cast<std::size_t>(p.n);
  // A row at a time: an oracle's answer for all of C would be four times its size.
  Expected expected{std::vector<double>(row), std::vector<double>(row),
                    std::vector<bool>(row, true)};
  CheckResult all;
  all.ok = true;
  for (std::int64_t i = 0; i < p.m; ++i) {
    const std::int64_t l = column_of(p, seed, i);
    const double left = static_cast<double>(p.alpha) *
                        static_cast<double>(stored(storage(), factor_of(seed, i)));
    const auto first = static_cast<std::size_t>(i * p.ldc);
    for (std::int64_t j = 0; j < p.n; ++j) {
      const std::int64_t at = p.transpose_b ? j * p.ldb + l : l * p.ldb + j;
      const auto to = static_cast<std::size_t>(j);
      const double term =
          left * static_cast<double>(stored(storage(), right_of(seed, at)));
      const double old = p.beta == 0.0F ? 0.0
                                        : static_cast<double>(p.beta) *
                                              static_cast<double>(before[first + to]);
      expected.value[to] = term + old;
      expected.bound[to] = relative * (std::fabs(term) + std::fabs(old)) + absolute;
    }
    const CheckResult of_row =
        check_f32(expected, got.subspan(first, row), before.subspan(first, row));
    all.ok = all.ok && of_row.ok;
    all.worst = std::max(all.worst, of_row.worst);
    all.max_abs_error = std::max(all.max_abs_error, of_row.max_abs_error);
    all.checked += of_row.checked;
    all.wrong += of_row.wrong;
    all.never_written += of_row.never_written;
    if (all.detail.empty() && !of_row.ok) {
      all.detail = "row " + std::to_string(i) + ", " + of_row.detail;
    }
  }
  return all;
}

}  // namespace assay::matmul
