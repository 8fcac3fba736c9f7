// SPDX-License-Identifier: MIT
// softmax: its shapes, its oracle by hand, special values, and kernels with a mistake.
#include "kernels/softmax/softmax.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/ops.h"
#include "tests/kernels/ops_harness.h"

namespace assay::softmax {
namespace {

using testing_support::bytes_of_floats;
using testing_support::outputs_of_all;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

// Of one shape, x given; y is poison.
std::vector<std::vector<float>> outputs(const std::string& shape,
                                        const std::vector<float>& x) {
  const auto problem = kOp.make_problem(shape, DType::f32);
  auto data = testing_support::make_operands(*problem, DataFamily::uniform, 1);
  data[kX] = bytes_of_floats(x);
  return outputs_of_all(kOp, shape, data);
}

TEST(SoftmaxTest, ShapesAsText) {
  EXPECT_EQ(find_op("softmax"), &kOp);
  EXPECT_EQ(kOp.shape_of_size(64), "64x64");
  for (const char* const text : {"0x0", "0x5", "5x0", "1x1", "128x1024"}) {
    EXPECT_EQ(kOp.make_problem(text, DType::f32)->shape(), text);
  }
  for (const char* const text :
       {"", "4", "4x", "x4", "4x4x4", "4x4:", "4x4:alpha=1", "-1x4", "2147483648x1"}) {
    EXPECT_THROW(parse_params(text), Error) << text;
  }
  EXPECT_EQ(kOp.make_problem("3x5", DType::f32)->compulsory_bytes(), 120);
  EXPECT_EQ(kOp.make_problem("3x5", DType::f32)->flops(), 60);
}

// Seven different terms, a million of them: in one sum of a few lanes each addition
// errs the same way.
TEST(SoftmaxTest, LongRowsOfFewDifferentTerms) {
  const std::string shape = "1x944287";
  const auto problem = kOp.make_problem(shape, DType::f32);
  const auto data = testing_support::make_operands(*problem, DataFamily::integers, 1);
  EXPECT_FALSE(testing_support::outputs_of_all(kOp, shape, data).empty());
}

// ln 1, ln 3 | twice the same: 1/4 3/4 | 1/2 1/2.
TEST(SoftmaxTest, OracleByHand) {
  const auto problem = kOp.make_problem("2x2", DType::f32);
  const std::vector<float> x = {0, std::log(3.0F), 7, 7};
  const std::vector<float> y(4);
  const std::span<const std::byte> operands[] = {std::as_bytes(std::span(x)),
                                                 std::as_bytes(std::span(y))};
  const Expected expected = problem->expected(operands, DataFamily::uniform);
  EXPECT_NEAR(expected.value[0], 0.25, 1e-7);
  EXPECT_NEAR(expected.value[1], 0.75, 1e-7);
  EXPECT_EQ(expected.value[2], 0.5);
  // No distances in the second row: 4 sqrt(2) + 34 roundings.
  EXPECT_NEAR(expected.bound[2], (4 * std::sqrt(2.0) + 34) * 0x1p-24 * 0.5, 1e-12);
}

TEST(SoftmaxTest, OneColumnIsOne) {
  for (const auto& y : outputs("3x1", {5, -1e30F, 0})) {
    EXPECT_EQ(y, (std::vector<float>{1, 1, 1}));
  }
}

// exp neither overflows nor loses what is far below the largest.
TEST(SoftmaxTest, LargeAndFarValues) {
  std::vector<float> x(150, -kInf);
  x[0] = 3e38F;
  x[149] = 3e38F;
  x[75] = -3e38F;
  for (const auto& y : outputs("1x150", x)) {
    EXPECT_EQ(y[0], 0.5F);
    EXPECT_EQ(y[149], 0.5F);
    EXPECT_EQ(y[75], 0.0F);
    EXPECT_EQ(y[1], 0.0F);
  }
  // From the first that is not flushed to the largest.
  std::vector<float> ramp(88);
  for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = -static_cast<float>(i);
  for (const auto& y : outputs("1x88", ramp)) {
    EXPECT_GT(y[86], 0.0F);
  }
}

// No unit's scratch holds such a row.
TEST(SoftmaxTest, ARowLargerThanAUnitsScratch) {
  const Caps& caps = testing_support::device_or_skip("inline://")->caps();
  const std::size_t cols = caps.limits.max_local_bytes / sizeof(float) + 37;
  const std::string shape = "2x" + std::to_string(cols);
  const auto problem = kOp.make_problem(shape, DType::f32);
  const auto data = testing_support::make_operands(*problem, DataFamily::uniform, 1);
  EXPECT_FALSE(outputs_of_all(kOp, shape, data).empty());
}

// A bad element spoils its own row, wherever in a vector it stands, and no other.
TEST(SoftmaxTest, BadElementsSpoilTheirRow) {
  for (const std::size_t cols : {1U, 5U, 16U, 33U, 131U, 400U}) {
    for (const float bad : {kNan, kInf}) {
      std::vector<float> x(3 * cols, 0.5F);
      x[cols + cols / 2] = bad;
      for (const auto& y : outputs("3x" + std::to_string(cols), x)) {
        for (std::size_t i = 0; i < y.size(); ++i) {
          EXPECT_EQ(std::isnan(y[i]), i / cols == 1) << cols << " columns, " << i;
        }
      }
    }
    for (const auto& y :
         outputs("1x" + std::to_string(cols), std::vector<float>(cols, -kInf))) {
      EXPECT_TRUE(std::isnan(y[0]));
    }
  }
}

struct Row {
  const float* x;
  float* y;
  std::int64_t cols;
};
template <typename Function>
void each_row(const GroupContext& context, Function function) {
  const auto p = context.constants_as<Params>();
  for (std::int64_t r = 0; r < p.rows; ++r) {
    function(Row{context.bindings[kX].as<const float>() + r * p.cols,
                 context.bindings[kY].as<float>() + r * p.cols, p.cols},
             r);
  }
}

enum class Mistake : std::uint8_t {
  none,
  no_maximum,
  maximum_without_the_last,
  sum_without_the_last,
  last_twice_in_the_sum,
  stale_sum,
  not_divided,
  base_two,
  bfloat_inputs,
  coarse_exp,
  half_of_the_rows,
  past_the_end,
};

template <Mistake kMistake>
void mutant(const GroupContext& context) noexcept {
  float kept = 0;
  const auto p = context.constants_as<Params>();
  each_row(context, [&](const Row& row, std::int64_t r) {
    if (kMistake == Mistake::half_of_the_rows && r >= p.rows / 2) return;
    const std::int64_t n = row.cols;
    float largest = row.x[0];
    for (std::int64_t i = 0;
         i < (kMistake == Mistake::maximum_without_the_last ? n - 1 : n); ++i) {
      largest = std::fmax(largest, row.x[i]);
    }
    if (kMistake == Mistake::no_maximum) largest = 0;
    float sum = kMistake == Mistake::stale_sum ? kept : 0;
    for (std::int64_t i = 0; i < n; ++i) {
      float x = row.x[i];
      if (kMistake == Mistake::bfloat_inputs) x = testing_support::to_bfloat(x);
      float e = std::exp(x - largest);
      if (kMistake == Mistake::base_two) e = std::exp2(x - largest);
      if (kMistake == Mistake::coarse_exp) e *= 1 + 1e-5F * (x - largest);
      row.y[i] = e;
      if (kMistake == Mistake::sum_without_the_last && i + 1 == n) continue;
      sum += e;
      if (kMistake == Mistake::last_twice_in_the_sum && i + 1 == n) sum += e;
    }
    kept = sum;
    if (kMistake == Mistake::not_divided) return;
    for (std::int64_t i = 0; i < n; ++i) row.y[i] /= sum;
  });
  if (kMistake == Mistake::past_the_end) {
    context.bindings[kY].as<float>()[p.rows * p.cols] = 0;
  }
}

template <Mistake kMistake>
testing::AssertionResult is_rejected(std::initializer_list<const char*> shapes,
                                     std::initializer_list<DataFamily> families) {
  return testing_support::rejected(
      kOp, testing_support::mutant<Params, params_of, mutant<kMistake>>(), shapes,
      families);
}

TEST(SoftmaxMutantsTest, AreRejected) {
  const auto shapes = {"4x17", "5x300"};
  const auto data = {DataFamily::integers, DataFamily::uniform, DataFamily::positive};
  EXPECT_FALSE(is_rejected<Mistake::none>(shapes, data));
  EXPECT_TRUE(is_rejected<Mistake::no_maximum>(shapes, {DataFamily::cancelling}));
  EXPECT_TRUE(is_rejected<Mistake::sum_without_the_last>(shapes, data));
  EXPECT_TRUE(is_rejected<Mistake::last_twice_in_the_sum>(shapes, data));
  EXPECT_TRUE(is_rejected<Mistake::stale_sum>(shapes, data));
  EXPECT_TRUE(is_rejected<Mistake::not_divided>(shapes, data));
  EXPECT_TRUE(is_rejected<Mistake::base_two>(shapes, data));
  // Small integers are bfloat16 numbers.
  EXPECT_TRUE(is_rejected<Mistake::bfloat_inputs>(
      shapes, {DataFamily::uniform, DataFamily::positive}));
  EXPECT_TRUE(is_rejected<Mistake::coarse_exp>(
      shapes, {DataFamily::integers, DataFamily::uniform}));
  EXPECT_TRUE(is_rejected<Mistake::half_of_the_rows>(shapes, data));
  EXPECT_TRUE(is_rejected<Mistake::past_the_end>(shapes, data));
}

// It matters where the last is the largest by far: then everything overflows.
TEST(SoftmaxMutantsTest, TheMaximumIsOfAllElements) {
  std::vector<float> x(17, 0);
  x[16] = 1000;
  const std::vector<float> y(17, std::bit_cast<float>(kPoisonBits));
  const testing_support::NumericGate gate(
      kOp, "1x17", DataFamily::uniform,
      testing_support::Operands{bytes_of_floats(x), bytes_of_floats(y)});
  const auto broken =
      testing_support::mutant<Params, params_of,
                              mutant<Mistake::maximum_without_the_last>>();
  EXPECT_FALSE(gate.accepts(*testing_support::device_or_skip("inline://"), broken));
  for (const auto& right : outputs("1x17", x)) EXPECT_EQ(right[16], 1);
}

}  // namespace
}  // namespace assay::softmax
