// SPDX-License-Identifier: MIT
// The doubles that no measurement is, under names that every test shares.
#ifndef ASSAY_TESTS_SUPPORT_SPECIAL_VALUES_H_
#define ASSAY_TESTS_SUPPORT_SPECIAL_VALUES_H_

#include <limits>

namespace assay {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace assay

#endif  // ASSAY_TESTS_SUPPORT_SPECIAL_VALUES_H_
