// SPDX-License-Identifier: MIT
// Checks of Status and Error that say what they found.
#ifndef TESTS_SUPPORT_STATUS_CHECKS_H_
#define TESTS_SUPPORT_STATUS_CHECKS_H_

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string_view>
#include <utility>

#include "backends/interface/status.h"

namespace assay {

// Found by GoogleTest through the type.
inline void PrintTo(StatusCode code, std::ostream* out) { *out << to_string(code); }
inline void PrintTo(const Status& status, std::ostream* out) {
  *out << status.to_string();
}

namespace testing_support {

inline testing::AssertionResult is_ok(const Status& status) {
  if (status.ok()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "expected ok, found " << status.to_string();
}

inline testing::AssertionResult failed_as(const Status& status, StatusCode code) {
  if (status.code() == code) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "expected " << to_string(code) << ", found " << status.to_string();
}

// What went wrong in the end is `root`; a device may add where it happened.
inline bool comes_from(const Status& status, const Status& root) {
  return status.root().code() == root.code() &&
         status.root().message().find(root.message()) != std::string_view::npos;
}

// Failed as `aborted`, because of `root` in the end.
inline testing::AssertionResult aborted_by(const Status& status, const Status& root) {
  if (status.code() == StatusCode::aborted && status.cause() != nullptr &&
      comes_from(status, root)) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure()
         << "expected aborted with the cause " << root.to_string() << ", found "
         << status.to_string();
}

// The code of the Error that `body` throws; nothing when it does not throw. Any other
// exception goes through and fails the test.
template <typename Body>
std::optional<StatusCode> thrown_code(Body&& body) {
  try {
    std::forward<Body>(body)();
  } catch (const Error& error) {
    EXPECT_STRNE(error.what(), "") << "an Error says cause and cure";
    return error.code();
  }
  return std::nullopt;
}

// How a wait ended: the code it returned, or that of the Error it threw. For refusals
// that the contract names by code alone.
template <typename Wait>
StatusCode outcome_of(Wait&& wait) {
  StatusCode returned = StatusCode::ok;
  const std::optional<StatusCode> thrown =
      thrown_code([&] { returned = std::forward<Wait>(wait)().code(); });
  return thrown.value_or(returned);
}

// For a refusal whose code the contract leaves open between the kinds of misuse.
template <typename Body>
testing::AssertionResult is_refused(Body&& body) {
  const std::optional<StatusCode> code = thrown_code(std::forward<Body>(body));
  if (!code) return testing::AssertionFailure() << "accepted; expected an Error";
  if (*code == StatusCode::invalid_argument || *code == StatusCode::not_supported ||
      *code == StatusCode::failed_precondition) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure()
         << "refused as " << to_string(*code) << ", which is not misuse";
}

}  // namespace testing_support
}  // namespace assay

#endif  // TESTS_SUPPORT_STATUS_CHECKS_H_
