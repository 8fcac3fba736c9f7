// SPDX-License-Identifier: MIT
// How long tests wait for what must happen. No test passes by waiting long enough:
// these bounds only turn a hang into a failure, so they are generous.
#ifndef TESTS_SUPPORT_PATIENCE_H_
#define TESTS_SUPPORT_PATIENCE_H_

#include <chrono>

#include "kernels/common/sanitized.h"

namespace assay::testing_support {

// Instrumented code is slower by a factor, as cmake/assay_test.cmake has it too.
inline constexpr int kSlowdown = kSanitized ? 5 : 1;

// For one thing that must happen. Below kTestLimit, so that a test which gives up says
// what it waited for before the watchdog ends it.
inline constexpr std::chrono::seconds kPatience{10 * kSlowdown};
// For a whole test.
inline constexpr std::chrono::seconds kTestLimit{60 * kSlowdown};

}  // namespace assay::testing_support

#endif  // TESTS_SUPPORT_PATIENCE_H_
