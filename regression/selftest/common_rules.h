// SPDX-License-Identifier: MIT
// What the common rules say about the samples that the gate judges. They see what such
// tools see: ten times of the custom arm from one process, beside ten that were stored.
#ifndef ASSAY_REGRESSION_SELFTEST_COMMON_RULES_H_
#define ASSAY_REGRESSION_SELFTEST_COMMON_RULES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "regression/measure/sample.h"

namespace assay::selftest {

enum class CommonRule : std::uint8_t {
  mean_of_ten,   // their mean is more than 10 % above the stored mean
  min_of_ten,    // their minimum is more than 10 % above the stored minimum
  mann_whitney,  // U test, two-sided p < 0.05, and slower
  one_process,   // the ratio to the library, one process, fell by more than 10 %
};
inline constexpr std::size_t kCommonRules = 4;
inline constexpr std::array<CommonRule, kCommonRules> kAllCommonRules = {
    CommonRule::mean_of_ten, CommonRule::min_of_ten, CommonRule::mann_whitney,
    CommonRule::one_process};
std::string_view to_string(CommonRule rule) noexcept;

// Two-sided p of Mann & Whitney's U: normal approximation with tie correction and
// continuity correction,
//   z = (|U - n1 n2 / 2| - 1/2) / sigma,
//   sigma^2 = n1 n2 / 12 (N + 1 - sum(t^3 - t) / (N (N - 1))),
// as SciPy's, which Google Benchmark's compare.py calls. 1 when all values are equal;
// NaN for NaN, or when a side is empty.
double mann_whitney_p(std::span<const double> a, std::span<const double> b);

// The first ten epochs of the custom arm in the first process that has any; fewer when
// there are fewer.
std::vector<double> ten_times(const measure::Comparison& comparison);

// Whether a rule would raise an alarm: `now` slower than `stored`. No samples: false.
bool alarm(CommonRule rule, const measure::Comparison& stored,
           const measure::Comparison& now);

}  // namespace assay::selftest

#endif  // ASSAY_REGRESSION_SELFTEST_COMMON_RULES_H_
