// SPDX-License-Identifier: MIT
// A check that cannot fail is no check: each helper is shown to fail.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/gate.h"
#include "tests/support/status_checks.h"
#include "tests/support/watchdog.h"

namespace assay::testing_support {
namespace {

using namespace std::chrono_literals;

TEST(WatchdogTest, LeavesATestThatEndsAlone) {
  bool ran = false;
  with_deadline("a quick body", kPatience, [&] { ran = true; });
  EXPECT_TRUE(ran);
}

TEST(WatchdogDeathTest, EndsATestThatHangs) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      with_deadline("the slow body", 20ms, [] { std::this_thread::sleep_for(1h); }),
      "the slow body has not ended");
}

TEST(GateTest, LetsThroughOnceOpen) {
  Gate gate;
  EXPECT_FALSE(gate.is_open());
  EXPECT_FALSE(gate.wait(1ms));
  const std::jthread opener([&] { gate.open(); });
  EXPECT_TRUE(gate.wait());
  EXPECT_TRUE(gate.is_open());
}

TEST(EventuallyTest, SeesTheConditionOrGivesUp) {
  int calls = 0;
  EXPECT_TRUE(eventually([&] { return ++calls == 3; }));
  EXPECT_FALSE(eventually([] { return false; }, 2ms));
}

TEST(StatusChecksTest, TellOutcomesApart) {
  const Status root(StatusCode::internal, "boom");
  const Status aborted(StatusCode::aborted, "dependency failed", root);
  EXPECT_TRUE(is_ok(Status()));
  EXPECT_FALSE(is_ok(root));
  EXPECT_TRUE(failed_as(root, StatusCode::internal));
  EXPECT_FALSE(failed_as(Status(), StatusCode::internal));
  EXPECT_TRUE(aborted_by(aborted, root));
  EXPECT_FALSE(aborted_by(root, root));
  EXPECT_FALSE(aborted_by(Status(StatusCode::aborted, "no cause"), root));
  EXPECT_FALSE(aborted_by(aborted, Status(StatusCode::internal, "another")));
}

TEST(StatusChecksTest, ThrownCodeSeesOnlyErrors) {
  EXPECT_EQ(thrown_code([] {}), std::nullopt);
  EXPECT_EQ(thrown_code([] { throw Error(StatusCode::bad_file, "torn"); }),
            StatusCode::bad_file);
  EXPECT_THROW(thrown_code([] { throw std::logic_error("a bug"); }), std::logic_error);
}

TEST(StatusChecksTest, AWaitEndsByValueOrByError) {
  EXPECT_EQ(outcome_of([] { return Status(); }), StatusCode::ok);
  EXPECT_EQ(outcome_of([] { return Status(StatusCode::aborted, "no"); }),
            StatusCode::aborted);
  EXPECT_EQ(outcome_of([]() -> Status { throw Error(StatusCode::internal, "no"); }),
            StatusCode::internal);
}

TEST(StatusChecksTest, OnlyMisuseIsARefusal) {
  EXPECT_TRUE(is_refused([] { throw Error(StatusCode::invalid_argument, "no"); }));
  EXPECT_FALSE(is_refused([] { throw Error(StatusCode::internal, "a bug"); }));
  EXPECT_FALSE(is_refused([] {}));
}

}  // namespace
}  // namespace assay::testing_support
