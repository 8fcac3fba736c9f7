// SPDX-License-Identifier: MIT
// Size arithmetic that notices overflow: a wrapped product of extents is a small buffer
// with large indices into it.
#ifndef ASSAY_KERNELS_COMMON_CHECKED_MATH_H_
#define ASSAY_KERNELS_COMMON_CHECKED_MATH_H_

#include <cstdint>
#include <optional>

namespace assay {

// nullopt when the exact result does not fit.
constexpr std::optional<std::int64_t> checked_add(std::int64_t a,
                                                  std::int64_t b) noexcept {
  std::int64_t result = 0;
  if (__builtin_add_overflow(a, b, &result)) return std::nullopt;
  return result;
}

constexpr std::optional<std::int64_t> checked_multiply(std::int64_t a,
                                                       std::int64_t b) noexcept {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result)) return std::nullopt;
  return result;
}

// ceil(a / b) for a >= 0 and b > 0; cannot overflow.
constexpr std::int64_t divide_up(std::int64_t a, std::int64_t b) noexcept {
  return a / b + (a % b != 0 ? 1 : 0);
}

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_CHECKED_MATH_H_
