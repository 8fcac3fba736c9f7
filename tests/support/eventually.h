// SPDX-License-Identifier: MIT
// For what must become true but gives no signal, such as the release of an object.
#ifndef TESTS_SUPPORT_EVENTUALLY_H_
#define TESTS_SUPPORT_EVENTUALLY_H_

#include <chrono>
#include <thread>

#include "tests/support/patience.h"

namespace assay::testing_support {

// True as soon as `condition()` is, false after `limit`.
template <typename Condition>
bool eventually(Condition&& condition, std::chrono::nanoseconds limit = kPatience) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return true;
}

}  // namespace assay::testing_support

#endif  // TESTS_SUPPORT_EVENTUALLY_H_
