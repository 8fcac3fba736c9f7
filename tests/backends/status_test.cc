// SPDX-License-Identifier: MIT
#include "backends/interface/status.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(StatusTest, DefaultIsOkWithoutCause) {
  const Status status;
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(status.code(), StatusCode::ok);
  EXPECT_EQ(status.cause(), nullptr);
  EXPECT_EQ(status.to_string(), "ok");
}

TEST(StatusTest, CauseChainEndsAtTheRoot) {
  const Status first(StatusCode::internal, "boom");
  const Status second(StatusCode::aborted, "earlier work failed", first);
  const Status third(StatusCode::aborted, "a point failed", second);
  ASSERT_NE(third.cause(), nullptr);
  EXPECT_EQ(third.cause()->message(), "earlier work failed");
  EXPECT_EQ(third.root().code(), StatusCode::internal);
  EXPECT_EQ(second.to_string(), "aborted: earlier work failed; cause: internal: boom");
}

TEST(StatusTest, AnErrorKeepsCodeAndText) {
  const Error error(Status(StatusCode::out_of_memory, "no room"));
  EXPECT_EQ(error.code(), StatusCode::out_of_memory);
  EXPECT_STREQ(error.what(), "out_of_memory: no room");
}

}  // namespace
}  // namespace assay
