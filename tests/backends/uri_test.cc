// SPDX-License-Identifier: MIT
#include "backends/runtime/uri.h"

#include <gtest/gtest.h>

#include "backends/interface/status.h"

namespace assay::runtime {
namespace {

StatusCode code_of(const char* text) {
  try {
    parse_uri(text);
  } catch (const Error& error) {
    return error.code();
  }
  return StatusCode::ok;
}

TEST(UriTest, SplitsSchemePathAndParameters) {
  const Uri uri = parse_uri("vulkan://0?a=1&b=two");
  EXPECT_EQ(uri.scheme, "vulkan");
  EXPECT_EQ(uri.path, "0");
  ASSERT_EQ(uri.parameters.size(), 2U);
  EXPECT_EQ(uri.parameters.at("a"), "1");
  EXPECT_EQ(uri.parameters.at("b"), "two");
}

TEST(UriTest, PathAndParametersMayBeMissing) {
  EXPECT_EQ(parse_uri("inline://").scheme, "inline");
  EXPECT_TRUE(parse_uri("inline://?").parameters.empty());
}

TEST(UriTest, RefusesWhatDoesNotParse) {
  for (const char* text : {"", "vgpu", "vgpu:", "://", "vgpu:/x", "vgpu://?cus",
                           "vgpu://?=2", "vgpu://?cus=", "vgpu://?cus=1&cus=2"}) {
    EXPECT_EQ(code_of(text), StatusCode::invalid_argument) << text;
  }
}

TEST(UriTest, IntegerParametersAreWholeAndInRange) {
  const Uri uri = parse_uri("d://?n=12&bad=1x&negative=-1&huge=99999999999999999999");
  EXPECT_EQ(integer_parameter(uri, "n", 5, 1, 64), 12U);
  EXPECT_EQ(integer_parameter(uri, "absent", 5, 1, 64), 5U);
  EXPECT_THROW(integer_parameter(uri, "n", 5, 1, 11), Error);
  EXPECT_THROW(integer_parameter(uri, "bad", 5, 1, 64), Error);
  EXPECT_THROW(integer_parameter(uri, "negative", 5, 0, 64), Error);
  EXPECT_THROW(integer_parameter(uri, "huge", 5, 0, UINT64_MAX), Error);
}

TEST(UriTest, UnknownKeysAndPathsAreRefused) {
  EXPECT_NO_THROW(require_only(parse_uri("d://?a=1"), {"a", "b"}));
  EXPECT_THROW(require_only(parse_uri("d://?c=1"), {"a", "b"}), Error);
  EXPECT_THROW(require_only(parse_uri("d://7"), {"a"}), Error);
}

}  // namespace
}  // namespace assay::runtime
