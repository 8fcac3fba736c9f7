// SPDX-License-Identifier: MIT
// reduce: its shapes, its oracle by hand, special values, and kernels with a mistake.
#include "kernels/reduce/reduce.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/ops.h"
#include "tests/kernels/ops_harness.h"

namespace assay::reduce {
namespace {

using testing_support::bytes_of_floats;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

std::vector<float> results(const std::string& shape, const std::vector<float>& x) {
  const auto problem = kOp.make_problem(shape, DType::f32);
  auto data = testing_support::make_operands(*problem, DataFamily::positive, 1);
  data[kX] = bytes_of_floats(x);
  std::vector<float> list;
  for (const auto& y : testing_support::outputs_of_all(kOp, shape, data)) {
    list.push_back(y[0]);
  }
  return list;
}

TEST(ReduceTest, ShapesAsText) {
  EXPECT_EQ(find_op("reduce"), &kOp);
  EXPECT_EQ(kOp.shape_of_size(64), "64");
  for (const char* const text : {"0", "7", "7:dot", "9:max"}) {
    EXPECT_EQ(kOp.make_problem(text, DType::f32)->shape(), text);
  }
  EXPECT_EQ(kOp.make_problem("7:sum", DType::f32)->shape(), "7");
  for (const char* const text :
       {"", "4x4", "4:min", "4:dot=1", "4:dot:max", "4:dot:dot", "-1"}) {
    EXPECT_THROW(parse_params(text), Error) << text;
  }
  const auto dot = kOp.make_problem("100:dot", DType::f32);
  EXPECT_EQ(dot->flops(), 200);
  EXPECT_EQ(dot->compulsory_bytes(), 804);
  EXPECT_EQ(dot->output(), 2U);
  EXPECT_EQ(kOp.make_problem("100:max", DType::f32)->compulsory_bytes(), 404);
}

TEST(ReduceTest, OracleByHand) {
  const std::vector<float> x = {1, -2, 4};
  const std::vector<float> z = {3, 5, 7};
  const std::vector<float> y(1);
  const std::span<const std::byte> two[] = {std::as_bytes(std::span(x)),
                                            std::as_bytes(std::span(y))};
  const std::span<const std::byte> three[] = {two[0], std::as_bytes(std::span(z)),
                                              two[1]};
  const auto expected = [](const char* shape, auto operands, DataFamily family) {
    return kOp.make_problem(shape, DType::f32)->expected(operands, family);
  };
  const std::span<const std::span<const std::byte>> one_input(two);
  const std::span<const std::span<const std::byte>> two_inputs(three);
  EXPECT_EQ(expected("3", one_input, DataFamily::uniform).value[0], 3);
  EXPECT_EQ(expected("3:max", one_input, DataFamily::uniform).value[0], 4);
  EXPECT_EQ(expected("3:max", one_input, DataFamily::uniform).bound[0], 0);
  const Expected dot = expected("3:dot", two_inputs, DataFamily::uniform);
  EXPECT_EQ(dot.value[0], 3 - 10 + 28);
  EXPECT_NEAR(dot.bound[0], (4 * std::sqrt(3.0) + 8) * 0x1p-24 * 41, 1e-12);
  EXPECT_EQ(expected("3:dot", two_inputs, DataFamily::integers).bound[0], 0);
}

TEST(ReduceTest, NothingHasItsNeutralElement) {
  for (const float y : results("0", {})) EXPECT_EQ(y, 0);
  for (const float y : results("0:dot", {})) EXPECT_EQ(y, 0);
  for (const float y : results("0:max", {})) EXPECT_EQ(y, -kInf);
}

// Wherever in a vector, a chain or a block it stands.
TEST(ReduceTest, ANanReachesTheResult) {
  for (const std::size_t n : {1U, 17U, 300U, 70000U}) {
    for (const std::size_t at : {std::size_t{0}, n / 2, n - 1}) {
      std::vector<float> x(n, 0.5F);
      x[at] = kNan;
      for (const char* const kind : {"", ":dot", ":max"}) {
        for (const float y : results(std::to_string(n) + kind, x)) {
          EXPECT_TRUE(std::isnan(y)) << n << kind << ", NaN at " << at;
        }
      }
    }
  }
}

TEST(ReduceTest, InfinitiesAndExtremes) {
  std::vector<float> x(300, -kInf);
  for (const float y : results("300:max", x)) EXPECT_EQ(y, -kInf);
  x[299] = -3e38F;
  for (const float y : results("300:max", x)) EXPECT_EQ(y, -3e38F);
  x[150] = kInf;
  for (const float y : results("300:max", x)) EXPECT_EQ(y, kInf);
  for (const float y : results("300", x)) EXPECT_TRUE(std::isnan(y));
  const std::vector<float> tiny(300, 1e-44F);  // denormals are not flushed
  for (const float y : results("300", tiny)) EXPECT_NEAR(y / (300 * 1e-44), 1, 0.02);
}

// Our blocks lose less than the bound lets anybody lose: a tenth, on data whose errors
// add up.
TEST(ReduceTest, BlocksAreAccurate) {
  const testing_support::NumericGate gate(kOp, "262144", DataFamily::positive, 5);
  const Implementation* const blocked = find_implementation(kOp, "blocked");
  const auto outcome =
      testing_support::run_once(*testing_support::device_or_skip("inline://"), *blocked,
                                gate.problem(), gate.operands());
  EXPECT_LT(gate.check(outcome.output).worst, 0.1);
}

enum class Mistake : std::uint8_t {
  none,
  drops_the_last,
  drops_the_first,
  last_twice,
  stale_result,
  absolute_values,
  half_of_them,
  starts_at_zero,
  bfloat_inputs,
  squares_x,
  past_the_end,
};

template <Mistake kMistake>
void mutant(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  const auto* const x = context.bindings[kX].as<const float>();
  const auto* const z = context.bindings[kZ].as<const float>();
  float& y = *context.bindings[y_of(p.kind)].as<float>();
  float result = p.kind == Kind::max ? -kInf : 0;
  if (kMistake == Mistake::starts_at_zero) result = 0;
  if (kMistake == Mistake::stale_result) result = y;
  const auto take = [&](std::int64_t i) {
    float a = x[i];
    if (kMistake == Mistake::bfloat_inputs) a = testing_support::to_bfloat(a);
    if (kMistake == Mistake::absolute_values) a = std::fabs(a);
    float b = 1;
    if (p.kind == Kind::dot) b = kMistake == Mistake::squares_x ? a : z[i];
    result = p.kind == Kind::max ? std::fmax(result, a) : result + a * b;
  };
  std::int64_t end = p.n;
  if (kMistake == Mistake::drops_the_last) end = p.n - 1;
  if (kMistake == Mistake::half_of_them) end = p.n / 2;
  for (std::int64_t i = kMistake == Mistake::drops_the_first ? 1 : 0; i < end; ++i) {
    take(i);
  }
  if (kMistake == Mistake::last_twice) take(p.n - 1);
  y = result;
  if (kMistake == Mistake::past_the_end) (&y)[1] = 0;
}

template <Mistake kMistake>
testing::AssertionResult is_rejected(std::initializer_list<const char*> shapes,
                                     std::initializer_list<DataFamily> families) {
  return testing_support::rejected(
      kOp, testing_support::mutant<Params, params_of, mutant<kMistake>>(), shapes,
      families);
}

TEST(ReduceMutantsTest, AreRejected) {
  const auto all = {DataFamily::integers, DataFamily::uniform, DataFamily::positive};
  const auto random = {DataFamily::uniform, DataFamily::positive};
  EXPECT_FALSE(is_rejected<Mistake::none>({"19", "19:dot", "19:max"}, all));
  EXPECT_TRUE(is_rejected<Mistake::drops_the_last>({"19", "19:dot"}, random));
  EXPECT_TRUE(is_rejected<Mistake::drops_the_first>({"19", "19:dot"}, random));
  EXPECT_TRUE(is_rejected<Mistake::last_twice>({"19", "19:dot"}, random));
  EXPECT_TRUE(is_rejected<Mistake::stale_result>({"19", "19:dot"}, all));
  EXPECT_TRUE(is_rejected<Mistake::absolute_values>(
      {"19", "1000"}, {DataFamily::integers, DataFamily::uniform}));
  EXPECT_TRUE(is_rejected<Mistake::half_of_them>({"19", "1000:dot"}, random));
  EXPECT_TRUE(is_rejected<Mistake::bfloat_inputs>({"19", "19:dot", "19:max"}, random));
  EXPECT_TRUE(is_rejected<Mistake::squares_x>({"19:dot", "1000:dot"}, all));
  EXPECT_TRUE(is_rejected<Mistake::past_the_end>({"19", "19:dot", "19:max"}, all));
}

// In 65 000 random terms a missing one hides behind rounding; integers are exact.
TEST(ReduceMutantsTest, IntegersShowOneMissingTermOfMany) {
  EXPECT_TRUE(is_rejected<Mistake::drops_the_last>({"65001", "65001:dot"},
                                                   {DataFamily::integers}));
  EXPECT_TRUE(
      is_rejected<Mistake::last_twice>({"65001", "65001:dot"}, {DataFamily::integers}));
}

// A maximum of what is negative, and one that stands at the very end.
TEST(ReduceMutantsTest, AMaximumLooksAtAllAndStartsBelow) {
  std::vector<float> x(19, -5);
  x[18] = -4;
  const testing_support::NumericGate gate(
      kOp, "19:max", DataFamily::uniform,
      testing_support::Operands{bytes_of_floats(x),
                                bytes_of_floats({std::bit_cast<float>(kPoisonBits)})});
  Device& device = *testing_support::device_or_skip("inline://");
  const auto broken = []<Mistake kMistake>() {
    return testing_support::mutant<Params, params_of, mutant<kMistake>>();
  };
  EXPECT_TRUE(gate.accepts(device, broken.operator()<Mistake::none>()));
  EXPECT_FALSE(gate.accepts(device, broken.operator()<Mistake::starts_at_zero>()));
  EXPECT_FALSE(gate.accepts(device, broken.operator()<Mistake::drops_the_last>()));
  EXPECT_FALSE(gate.accepts(device, broken.operator()<Mistake::half_of_them>()));
}

}  // namespace
}  // namespace assay::reduce
