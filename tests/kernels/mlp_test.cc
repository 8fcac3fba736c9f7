// SPDX-License-Identifier: MIT
// mlp: its shapes, its oracle by hand, setup and computation apart, and kernels with a
// mistake.
#include "kernels/mlp/mlp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/ops.h"
#include "tests/kernels/ops_harness.h"

namespace assay::mlp {
namespace {

TEST(MlpTest, ShapesAsText) {
  EXPECT_EQ(find_op("mlp"), &kOp);
  EXPECT_EQ(kOp.shape_of_size(512), "32x512x1024x512");
  for (const char* const text : {"0x0x0x0", "1x2x3x4", "32x512x1024x512"}) {
    EXPECT_EQ(kOp.make_problem(text, DType::f32)->shape(), text);
  }
  for (const char* const text :
       {"", "4", "4x4x4", "4x4x4x4x4", "4x4x4x", "-1x4x4x4", "4x4x4x4:beta=1",
        "2147483647x1x2147483647x1", "1x2147483648x1x1"}) {
    EXPECT_THROW(parse_params(text), Error) << text;
  }
  const auto problem = kOp.make_problem("2x3x5x7", DType::f32);
  EXPECT_EQ(problem->flops(), 2 * 2 * 5 * (3 + 7));
  EXPECT_EQ(problem->compulsory_bytes(), 4 * (6 + 15 + 5 + 35 + 7 + 14));
  // What may be rearranged once.
  for (const std::size_t i : {kW1, kB1, kW2, kB2}) {
    EXPECT_TRUE(problem->operands()[i].constant);
  }
  EXPECT_FALSE(problem->operands()[kX].constant);
}

// x = (1 2), hidden units 1*3 + 2*4 - 1 = 10 and 1*(-5) + 2*1 + 1 = -2, which is cut
// off: y = 10 * 6 + 0 * 100 + 7.
TEST(MlpTest, OracleByHand) {
  const auto problem = kOp.make_problem("1x2x2x1", DType::f32);
  const std::vector<std::vector<float>> data = {{1, 2},   {3, -5, 4, 1}, {-1, 1},
                                                {6, 100}, {7},           {0}};
  std::vector<std::span<const std::byte>> operands;
  for (const auto& operand : data)
    operands.push_back(std::as_bytes(std::span(operand)));
  const Expected expected = problem->expected(operands, DataFamily::uniform);
  EXPECT_EQ(expected.value[0], 67);
  // Errors of the hidden units: 12 and 8, over the bias too, at weights 6 and 100.
  const double s = (4 * std::sqrt(3.0) + 8) * 0x1p-24;
  const double carried = std::hypot(12 * s * 6, 8 * s * 100);
  const double own = s * ((10 + 12 * s) * 6 + 8 * s * 100 + 7);
  EXPECT_NEAR(expected.bound[0], carried + own, 1e-12);
  EXPECT_EQ(problem->expected(operands, DataFamily::integers).bound[0], 0);
}

// 512 and 1024 are the largest round layers whose integers stay below 2^24.
TEST(MlpTest, IntegersAreExactWhileSumsAre) {
  const auto exact = [](const char* shape) {
    const auto problem = kOp.make_problem(shape, DType::f32);
    const auto data = testing_support::make_operands(*problem, DataFamily::integers, 1);
    const std::vector<std::span<const std::byte>> spans(data.begin(), data.end());
    return problem->expected(spans, DataFamily::integers).bound[0] == 0;
  };
  EXPECT_TRUE(exact("1x512x1024x1"));
  EXPECT_FALSE(exact("1x1024x1024x1"));
}

// Weights are taken in the setup: set up once, the computation follows new inputs, and
// set up again, new weights.
TEST(MlpTest, SetupIsApartFromTheComputation) {
  testing_support::expect_setup_apart(kOp, "3x40x70x35");
}

// relu does not make a number of it.
TEST(MlpTest, ANanReachesItsRow) {
  const std::string shape = "5x17x37x19";
  const auto problem = kOp.make_problem(shape, DType::f32);
  auto data = testing_support::make_operands(*problem, DataFamily::uniform, 1);
  std::vector<float> x = testing_support::floats_of(data[kX]);
  x[2 * 17 + 16] = std::numeric_limits<float>::quiet_NaN();
  data[kX] = testing_support::bytes_of_floats(x);
  for (const auto& y : testing_support::outputs_of_all(kOp, shape, data)) {
    for (std::size_t i = 0; i < y.size(); ++i) {
      EXPECT_EQ(std::isnan(y[i]), i / 19 == 2) << i;
    }
  }
}

enum class Mistake : std::uint8_t {
  none,
  no_relu,
  relu_at_the_end,
  leaky_relu,
  no_first_bias,
  no_second_bias,
  bias_after_relu,
  drops_last_input,
  drops_last_hidden,
  wrong_tail_column,
  stale_hidden,
  bfloat_hidden,
  half_of_the_rows,
  past_the_end,
};

template <Mistake kMistake>
float hidden_of(const GroupContext& context, const Params& p, std::int64_t row,
                std::int64_t j) {
  if (kMistake == Mistake::stale_hidden && row == 1) row = 0;
  const auto in = [&](std::size_t i) { return context.bindings[i].as<const float>(); };
  const float bias = kMistake == Mistake::no_first_bias ? 0.0F : in(kB1)[j];
  const std::int64_t depth = kMistake == Mistake::drops_last_input ? p.in - 1 : p.in;
  float sum = 0;
  for (std::int64_t l = 0; l < depth; ++l) {
    sum += in(kX)[row * p.in + l] * in(kW1)[l * p.hidden + j];
  }
  if (kMistake == Mistake::no_relu) return sum + bias;
  if (kMistake == Mistake::bias_after_relu) return std::max(sum, 0.0F) + bias;
  const float z = sum + bias;
  if (kMistake == Mistake::leaky_relu && z < 0) return 0.01F * z;
  const float h = std::max(z, 0.0F);
  return kMistake == Mistake::bfloat_hidden ? testing_support::to_bfloat(h) : h;
}

template <Mistake kMistake>
void mutant(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  const auto* const w2 = context.bindings[kW2].as<const float>();
  const auto* const b2 = context.bindings[kB2].as<const float>();
  auto* const y = context.bindings[kY].as<float>();
  const std::int64_t rows =
      kMistake == Mistake::half_of_the_rows ? p.batch / 2 : p.batch;
  const std::int64_t depth =
      kMistake == Mistake::drops_last_hidden ? p.hidden - 1 : p.hidden;
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < p.out; ++j) {
      const std::int64_t col =
          kMistake == Mistake::wrong_tail_column && j + 1 == p.out ? j - 1 : j;
      float sum = kMistake == Mistake::no_second_bias ? 0.0F : b2[col];
      for (std::int64_t l = 0; l < depth; ++l) {
        sum += hidden_of<kMistake>(context, p, i, l) * w2[l * p.out + col];
      }
      y[i * p.out + j] =
          kMistake == Mistake::relu_at_the_end ? std::max(sum, 0.0F) : sum;
    }
  }
  if (kMistake == Mistake::past_the_end) y[p.batch * p.out] = 0;
}

template <Mistake kMistake>
testing::AssertionResult is_rejected(std::initializer_list<DataFamily> families) {
  return testing_support::rejected(
      kOp, testing_support::mutant<Params, params_of, mutant<kMistake>>(),
      {"3x9x11x7", "4x65x130x5"}, families);
}

TEST(MlpMutantsTest, AreRejected) {
  const auto all = {DataFamily::integers, DataFamily::uniform};
  const auto three = {DataFamily::integers, DataFamily::uniform, DataFamily::positive};
  EXPECT_FALSE(is_rejected<Mistake::none>(three));
  // Nothing is cut off of positive data.
  EXPECT_TRUE(is_rejected<Mistake::no_relu>(all));
  EXPECT_TRUE(is_rejected<Mistake::relu_at_the_end>(all));
  EXPECT_TRUE(is_rejected<Mistake::leaky_relu>(all));
  EXPECT_TRUE(is_rejected<Mistake::bias_after_relu>(all));
  EXPECT_TRUE(is_rejected<Mistake::no_first_bias>(three));
  EXPECT_TRUE(is_rejected<Mistake::no_second_bias>(three));
  EXPECT_TRUE(is_rejected<Mistake::drops_last_input>(three));
  EXPECT_TRUE(is_rejected<Mistake::drops_last_hidden>(three));
  EXPECT_TRUE(is_rejected<Mistake::wrong_tail_column>(three));
  EXPECT_TRUE(is_rejected<Mistake::stale_hidden>(three));
  // Hidden integers of the larger shape need more than 8 bits.
  EXPECT_TRUE(
      is_rejected<Mistake::bfloat_hidden>({DataFamily::uniform, DataFamily::positive}));
  EXPECT_TRUE(is_rejected<Mistake::half_of_the_rows>(three));
  EXPECT_TRUE(is_rejected<Mistake::past_the_end>(three));
}

}  // namespace
}  // namespace assay::mlp
