// SPDX-License-Identifier: MIT
#ifndef ASSAY_REGRESSION_JUDGE_LIMITS_H_
#define ASSAY_REGRESSION_JUDGE_LIMITS_H_

#include <limits>

namespace assay::judge {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace assay::judge

#endif  // ASSAY_REGRESSION_JUDGE_LIMITS_H_
