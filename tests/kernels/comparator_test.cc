// SPDX-License-Identifier: MIT
// The comparator decides everything else, so it is tested first, on what it must
// reject.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/common/op.h"

namespace assay {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr double kInfDouble = std::numeric_limits<double>::infinity();
const float kPoison = std::bit_cast<float>(kPoisonBits);

Expected all_written(std::vector<double> value, double bound) {
  Expected expected;
  expected.bound.assign(value.size(), bound);
  expected.written.assign(value.size(), true);
  expected.value = std::move(value);
  return expected;
}

// Checks one element, of a poisoned output.
CheckResult check_one(double value, double bound, float got) {
  return check_f32(all_written({value}, bound), std::vector<float>{got},
                   std::vector<float>{kPoison});
}

TEST(CheckF32Test, AcceptsExactAndNearValues) {
  EXPECT_TRUE(check_one(2.0, 0.0, 2.0F).ok);
  EXPECT_TRUE(check_one(2.0, 0.5, 2.5F).ok);
  EXPECT_TRUE(check_one(0.0, 0.0, -0.0F).ok);
  const CheckResult half = check_one(2.0, 0.5, 2.25F);
  EXPECT_TRUE(half.ok);
  EXPECT_EQ(half.worst, 0.5);
  EXPECT_EQ(half.max_abs_error, 0.25);
  EXPECT_EQ(half.checked, 1U);
  EXPECT_TRUE(half.detail.empty());
}

TEST(CheckF32Test, RejectsNanEvenAtAHugeBound) {
  EXPECT_FALSE(check_one(2.0, 1e300, kNan).ok);
  EXPECT_FALSE(check_one(2.0, kInfDouble, kNan).ok);
  EXPECT_EQ(check_one(2.0, 1.0, kNan).worst, kInfDouble);
}

TEST(CheckF32Test, RejectsAnOutputOfNothingButNan) {
  const std::vector<float> got(8, kNan);
  const CheckResult result =
      check_f32(all_written(std::vector<double>(8, 1.0), 100.0), got, got);
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.wrong, 8U);
}

TEST(CheckF32Test, RejectsALargeErrorOfEitherSign) {
  EXPECT_FALSE(check_one(-5.0, 1.0, -100.0F).ok);
  EXPECT_FALSE(check_one(-5.0, 1.0, 100.0F).ok);
  EXPECT_FALSE(check_one(5.0, 1.0, -5.0F).ok);
  EXPECT_EQ(check_one(-5.0, 1.0, -100.0F).worst, 95.0);
}

TEST(CheckF32Test, RejectsOneUlpAtABoundOfZero) {
  const CheckResult result = check_one(2.0, 0.0, std::nextafter(2.0F, 3.0F));
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.worst, kInfDouble);
}

TEST(CheckF32Test, CountsWhatWasNeverWritten) {
  const std::vector<float> got = {1.0F, kPoison, kPoison, 7.0F};
  const CheckResult result =
      check_f32(all_written({1, 1, 1, 1}, 0.5), got, std::vector<float>(4, kPoison));
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.checked, 4U);
  EXPECT_EQ(result.wrong, 3U);
  EXPECT_EQ(result.never_written, 2U);
  EXPECT_NE(result.detail.find("element 1"), std::string::npos) << result.detail;
  EXPECT_NE(result.detail.find("never written"), std::string::npos) << result.detail;
}

// A kernel that does nothing must not pass where NaN happens to be expected.
TEST(CheckF32Test, PoisonIsNotTheNanThatWasExpected) {
  EXPECT_TRUE(check_one(std::nan(""), 0.0, kNan).ok);
  EXPECT_TRUE(check_one(std::nan(""), 0.0, -kNan).ok);
  const CheckResult result = check_one(std::nan(""), 0.0, kPoison);
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.never_written, 1U);
}

TEST(CheckF32Test, RejectsANumberWhereNanIsExpected) {
  EXPECT_FALSE(check_one(std::nan(""), 1e30, 0.0F).ok);
  EXPECT_FALSE(check_one(std::nan(""), std::nan(""), 0.0F).ok);
  EXPECT_FALSE(check_one(1.0, std::nan(""), 2.0F).ok);
}

TEST(CheckF32Test, WantsTheSameInfinity) {
  EXPECT_TRUE(check_one(kInfDouble, kInfDouble, kInf).ok);
  EXPECT_TRUE(check_one(-kInfDouble, kInfDouble, -kInf).ok);
  EXPECT_FALSE(check_one(kInfDouble, kInfDouble, -kInf).ok);
  // |3 - inf| <= inf is true: the bound alone would accept any number here.
  EXPECT_FALSE(check_one(kInfDouble, kInfDouble, 3.0F).ok);
  EXPECT_EQ(check_one(kInfDouble, kInfDouble, 3.0F).worst, kInfDouble);
  EXPECT_FALSE(check_one(3.0, 1e30, kInf).ok);
  // Beyond f32 the correctly rounded result is infinite.
  EXPECT_TRUE(check_one(1e39, 0.0, kInf).ok);
}

TEST(CheckF32Test, GapsMustKeepTheirBits) {
  Expected expected = all_written({1, 0, 0}, 0.0);
  expected.written = {true, false, false};
  const std::vector<float> before = {kPoison, kPoison, -0.0F};
  EXPECT_TRUE(check_f32(expected, std::vector<float>{1.0F, kPoison, -0.0F}, before).ok);
  // Equal as numbers is not enough, and neither is another NaN.
  const CheckResult zero =
      check_f32(expected, std::vector<float>{1.0F, kPoison, 0.0F}, before);
  EXPECT_FALSE(zero.ok);
  EXPECT_EQ(zero.worst, kInfDouble);
  EXPECT_NE(zero.detail.find("element 2"), std::string::npos) << zero.detail;
  EXPECT_FALSE(check_f32(expected, std::vector<float>{1.0F, kNan, -0.0F}, before).ok);
}

TEST(CheckF32Test, TellsOfTheFirstWrongElement) {
  const CheckResult result =
      check_f32(all_written({1, 2, 3}, 0.25), std::vector<float>{1.0F, 4.0F, 9.0F},
                std::vector<float>(3, kPoison));
  EXPECT_EQ(result.wrong, 2U);
  EXPECT_EQ(result.max_abs_error, 6.0);
  EXPECT_NE(result.detail.find("element 1: expected 2"), std::string::npos)
      << result.detail;
}

TEST(CheckF32Test, TheWorstIsOfAllElements) {
  const CheckResult result =
      check_f32(all_written({1, 2, 3}, 0.25), std::vector<float>{1.0F, 4.0F, 3.125F},
                std::vector<float>(3, kPoison));
  EXPECT_EQ(result.worst, 8.0);
  EXPECT_EQ(result.max_abs_error, 2.0);
}

TEST(CheckF32Test, RefusesSizesThatDiffer) {
  const std::vector<float> two(2, 1.0F);
  Expected expected = all_written({1, 2}, 0.0);
  expected.bound.pop_back();
  EXPECT_THROW(check_f32(expected, two, two), Error);
  expected = all_written({1, 2}, 0.0);
  expected.written.pop_back();
  EXPECT_THROW(check_f32(expected, two, two), Error);
  expected = all_written({1, 2}, 0.0);
  EXPECT_THROW(
      check_f32(expected, std::vector<float>{1.0F}, std::vector<float>(2, kPoison)),
      Error);
  EXPECT_THROW(
      check_f32(expected, std::vector<float>(2, 1.0F), std::vector<float>(3, kPoison)),
      Error);
}

TEST(CheckF32Test, NothingIsRight) {
  const CheckResult result = check_f32(Expected{}, {}, {});
  EXPECT_TRUE(result.ok);
  EXPECT_EQ(result.checked, 0U);
}

}  // namespace
}  // namespace assay
