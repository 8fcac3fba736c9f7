// SPDX-License-Identifier: MIT
// layernorm: its shapes, its oracle by hand, special values, kernels with a mistake.
#include "kernels/layernorm/layernorm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/ops.h"
#include "tests/kernels/ops_harness.h"

namespace assay::layernorm {
namespace {

using testing_support::bytes_of_floats;

TEST(LayernormTest, ShapesAsText) {
  EXPECT_EQ(find_op("layernorm"), &kOp);
  EXPECT_EQ(kOp.shape_of_size(64), "64x64");
  for (const char* const text : {"0x0", "0x5", "5x0", "1x1", "128x1024:eps=0.5"}) {
    EXPECT_EQ(kOp.make_problem(text, DType::f32)->shape(), text);
  }
  EXPECT_EQ(kOp.make_problem("3x5:eps=1e-5", DType::f32)->shape(), "3x5");
  for (const char* const text : {"", "4", "4x4x4", "4x4:eps", "4x4:eps=0", "4x4:eps=-1",
                                 "4x4:eps=nan", "4x4:gamma=1", "-1x4"}) {
    EXPECT_THROW(parse_params(text), Error) << text;
  }
  EXPECT_EQ(kOp.make_problem("3x5", DType::f32)->compulsory_bytes(), 4 * (30 + 10));
  EXPECT_EQ(kOp.make_problem("3x5", DType::f32)->flops(), 105);
}

// Mean 3, variance 4, eps 12: a quarter of the distance; twice that and 10 more.
TEST(LayernormTest, OracleByHand) {
  const auto problem = kOp.make_problem("1x2:eps=12", DType::f32);
  const std::vector<float> x = {1, 5};
  const std::vector<float> gamma = {2, 2};
  const std::vector<float> beta = {10, 10};
  const std::vector<float> y(2);
  const std::span<const std::byte> operands[] = {
      std::as_bytes(std::span(x)), std::as_bytes(std::span(gamma)),
      std::as_bytes(std::span(beta)), std::as_bytes(std::span(y))};
  const Expected expected = problem->expected(operands, DataFamily::uniform);
  EXPECT_DOUBLE_EQ(expected.value[0], 9);
  EXPECT_DOUBLE_EQ(expected.value[1], 11);
  // gamma t dm + |gamma z| (dv / 2 + 10 u) + 2 u beta, in units of u.
  const double s = 4 * std::sqrt(2.0) + 8;
  EXPECT_NEAR(expected.bound[1] * 0x1p24, 0.5 * (s + 2) * 3 + ((s + 6) / 2 + 10) + 20,
              1e-4);
}

// A bad element spoils its own row, wherever in a vector it stands, and no other.
TEST(LayernormTest, BadElementsSpoilTheirRow) {
  for (const std::size_t cols : {1U, 5U, 16U, 33U, 131U, 400U}) {
    const std::string shape = "3x" + std::to_string(cols);
    const auto problem = kOp.make_problem(shape, DType::f32);
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(),
                            std::numeric_limits<float>::infinity()}) {
      auto data = testing_support::make_operands(*problem, DataFamily::uniform, 1);
      std::vector<float> x(3 * cols, 0.5F);
      x[cols + cols / 2] = bad;
      data[kX] = bytes_of_floats(x);
      for (const auto& y : testing_support::outputs_of_all(kOp, shape, data)) {
        for (std::size_t i = 0; i < y.size(); ++i) {
          EXPECT_EQ(std::isnan(y[i]), i / cols == 1) << cols << " columns, " << i;
        }
      }
    }
  }
}

// Nothing is left of a row of equals: beta, but for the mean's rounding.
TEST(LayernormTest, EqualElementsGiveBeta) {
  const auto problem = kOp.make_problem("2x150", DType::f32);
  auto data = testing_support::make_operands(*problem, DataFamily::uniform, 1);
  data[kX] = bytes_of_floats(std::vector<float>(300, 4));
  data[kBeta] = bytes_of_floats(std::vector<float>(150, 0.25F));
  for (const auto& y : testing_support::outputs_of_all(kOp, "2x150", data)) {
    for (const float value : y) EXPECT_EQ(value, 0.25F);
  }
}

// In one sum of a lane a step (scalar) too many of the small ones were lost.
TEST(LayernormTest, SmallSquaresOfALongRowCount) {
  const std::string shape = "40x19185";
  const auto problem = kOp.make_problem(shape, DType::f32);
  const auto data = testing_support::make_operands(*problem, DataFamily::graded, 1);
  EXPECT_FALSE(testing_support::outputs_of_all(kOp, shape, data).empty());
}

// Squares among the denormals have few bits, and a small epsilon does not hide that.
TEST(LayernormTest, VariancesAmongTheDenormals) {
  const std::string shape = "300x3:eps=1e-44";
  const auto problem = kOp.make_problem(shape, DType::f32);
  auto data = testing_support::make_operands(*problem, DataFamily::uniform, 1);
  std::vector<float> x = testing_support::floats_of(data[kX]);
  for (float& value : x) value *= 4e-22F;
  data[kX] = bytes_of_floats(x);
  EXPECT_FALSE(testing_support::outputs_of_all(kOp, shape, data).empty());
}

enum class Mistake : std::uint8_t {
  none,
  one_pass_variance,
  mean_without_the_last,
  variance_without_the_last,
  divides_by_one_less,
  forgets_epsilon,
  forgets_gamma,
  forgets_beta,
  gamma_shifted,
  stale_squares,
  variance_not_rooted,
  bfloat_inputs,
  half_of_the_rows,
  past_the_end,
};

template <Mistake kMistake>
void mutant(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  const auto* x = context.bindings[kX].as<const float>();
  const auto* const gamma = context.bindings[kGamma].as<const float>();
  const auto* const beta = context.bindings[kBeta].as<const float>();
  auto* y = context.bindings[kY].as<float>();
  const auto n = static_cast<float>(p.cols);
  const auto input = [&](std::int64_t i) {
    return kMistake == Mistake::bfloat_inputs ? testing_support::to_bfloat(x[i]) : x[i];
  };
  float squares = 0;
  for (std::int64_t r = 0; r < p.rows; ++r, x += p.cols, y += p.cols) {
    if (kMistake == Mistake::half_of_the_rows && r >= p.rows / 2) break;
    float sum = 0;
    float raw = 0;
    const bool drops = kMistake == Mistake::mean_without_the_last;
    for (std::int64_t i = 0; i < p.cols - (drops ? 1 : 0); ++i) {
      sum += input(i);
      raw += input(i) * input(i);
    }
    const float mean = sum / n;
    if (kMistake != Mistake::stale_squares) squares = 0;
    const bool short_of = kMistake == Mistake::variance_without_the_last;
    for (std::int64_t i = 0; i < p.cols - (short_of ? 1 : 0); ++i) {
      squares += (input(i) - mean) * (input(i) - mean);
    }
    float variance = squares / (kMistake == Mistake::divides_by_one_less ? n - 1 : n);
    if (kMistake == Mistake::one_pass_variance) variance = raw / n - mean * mean;
    const float under =
        variance + (kMistake == Mistake::forgets_epsilon ? 0 : p.epsilon);
    const float t =
        1 / (kMistake == Mistake::variance_not_rooted ? under : std::sqrt(under));
    for (std::int64_t i = 0; i < p.cols; ++i) {
      const std::int64_t at = kMistake == Mistake::gamma_shifted && i > 0 ? i - 1 : i;
      y[i] =
          (input(i) - mean) * t * (kMistake == Mistake::forgets_gamma ? 1 : gamma[at]) +
          (kMistake == Mistake::forgets_beta ? 0 : beta[i]);
    }
  }
  if (kMistake == Mistake::past_the_end) y[0] = 0;
}

template <Mistake kMistake>
testing::AssertionResult is_rejected(std::initializer_list<DataFamily> families) {
  return testing_support::rejected(
      kOp, testing_support::mutant<Params, params_of, mutant<kMistake>>(),
      {"4x17:eps=0.01", "5x300:eps=0.01"}, families);
}

TEST(LayernormMutantsTest, AreRejected) {
  const auto all = {DataFamily::integers, DataFamily::uniform, DataFamily::positive};
  EXPECT_FALSE(is_rejected<Mistake::none>(all));
  EXPECT_TRUE(is_rejected<Mistake::one_pass_variance>({DataFamily::cancelling}));
  EXPECT_TRUE(is_rejected<Mistake::mean_without_the_last>(all));
  EXPECT_TRUE(is_rejected<Mistake::variance_without_the_last>(all));
  EXPECT_TRUE(is_rejected<Mistake::divides_by_one_less>(all));
  EXPECT_TRUE(is_rejected<Mistake::forgets_epsilon>(all));
  EXPECT_TRUE(is_rejected<Mistake::forgets_gamma>(all));
  EXPECT_TRUE(is_rejected<Mistake::forgets_beta>(all));
  EXPECT_TRUE(is_rejected<Mistake::gamma_shifted>(all));
  EXPECT_TRUE(is_rejected<Mistake::stale_squares>(all));
  EXPECT_TRUE(is_rejected<Mistake::variance_not_rooted>(all));
  // Small integers are bfloat16 numbers.
  EXPECT_TRUE(
      is_rejected<Mistake::bfloat_inputs>({DataFamily::uniform, DataFamily::positive}));
  EXPECT_TRUE(is_rejected<Mistake::half_of_the_rows>(all));
  EXPECT_TRUE(is_rejected<Mistake::past_the_end>(all));
}

}  // namespace
}  // namespace assay::layernorm
