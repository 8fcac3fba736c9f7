// SPDX-License-Identifier: MIT
// axpy: its shapes, its oracle by hand, special values, and kernels with a mistake.
#include "kernels/axpy/axpy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/ops.h"
#include "tests/kernels/ops_harness.h"

namespace assay::axpy {
namespace {

using testing_support::bytes_of_floats;
using testing_support::outputs_of_all;
using testing_support::rejected;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

TEST(AxpyTest, ShapesAsText) {
  EXPECT_EQ(find_op("axpy"), &kOp);
  EXPECT_EQ(kOp.shape_of_size(512), "512");
  for (const char* const text : {"0", "1", "4096", "7:alpha=-0.5", "7:alpha=0"}) {
    EXPECT_EQ(kOp.make_problem(text, DType::f32)->shape(), text);
  }
  // Not canonical.
  EXPECT_EQ(kOp.make_problem("7:alpha=2", DType::f32)->shape(), "7");
  EXPECT_EQ(kOp.make_problem("7:alpha=-0", DType::f32)->shape(), "7:alpha=0");
  for (const char* const text :
       {"", "x", "4x4", "-4", "+4", " 4", "4 ", "0x4", "4:", "4::alpha=1", "4:alpha",
        "4:alpha=", "4:alpha=nan", "4:alpha=1:alpha=1", "4:beta=1", "4:nn",
        "2147483648", "99999999999999999999", "4:alpha=1e99"}) {
    EXPECT_THROW(parse_params(text), Error) << text;
  }
}

TEST(AxpyTest, CountsItsWork) {
  const auto problem = kOp.make_problem("100", DType::f32);
  EXPECT_EQ(problem->flops(), 200);
  EXPECT_EQ(problem->compulsory_bytes(), 1200);
  EXPECT_EQ(kOp.make_problem("100:alpha=0", DType::f32)->flops(), 0);
}

TEST(AxpyTest, OracleByHand) {
  const auto problem = kOp.make_problem("3:alpha=-2", DType::f32);
  const std::vector<float> x = {1, 2, -3};
  const std::vector<float> y = {10, 20, 30};
  const std::span<const std::byte> operands[] = {std::as_bytes(std::span(x)),
                                                 std::as_bytes(std::span(y))};
  const Expected expected = problem->expected(operands, DataFamily::uniform);
  EXPECT_EQ(expected.value, (std::vector<double>{8, 16, 36}));
  EXPECT_NEAR(expected.bound[1], 2 * 0x1p-24 * 24, 1e-12);
  EXPECT_EQ(problem->expected(operands, DataFamily::integers).bound[1], 0.0);
  EXPECT_THROW(problem->expected(std::span(operands).first(1), DataFamily::uniform),
               Error);
}

TEST(AxpyTest, CancellingDataCancels) {
  const testing_support::NumericGate gate(kOp, "64:alpha=3", DataFamily::cancelling, 1);
  const std::vector<float> y = testing_support::floats_of(gate.operands()[kY]);
  for (std::size_t i = 0; i < y.size(); ++i) {
    EXPECT_LT(std::fabs(gate.expected().value[i]), 1e-3 * std::fabs(y[i]));
  }
}

TEST(AxpyTest, AlphaZeroDoesNotReadX) {
  const std::vector<float> x(37, kNan);
  std::vector<float> y(37, 4);
  y[36] = kNan;
  for (const auto& output :
       outputs_of_all(kOp, "37:alpha=0", {bytes_of_floats(x), bytes_of_floats(y)})) {
    EXPECT_EQ(output[35], 4);
    EXPECT_TRUE(std::isnan(output[36]));
  }
}

TEST(AxpyTest, BadElementsStayWhereTheyAre) {
  std::vector<float> x(37, 1);
  x[0] = kNan;
  x[20] = kInf;
  x[36] = -kInf;
  x[30] = 1e-40F;  // a denormal is not flushed
  std::vector<float> y(37, 0);
  y[36] = kInf;
  for (const auto& output :
       outputs_of_all(kOp, "37", {bytes_of_floats(x), bytes_of_floats(y)})) {
    EXPECT_TRUE(std::isnan(output[0]));
    EXPECT_EQ(output[20], kInf);
    EXPECT_TRUE(std::isnan(output[36]));
    EXPECT_EQ(output[30], 2 * 1e-40F);
    EXPECT_EQ(output[35], 2);
  }
}

struct Arrays {
  Params p;
  const float* x;
  float* y;
  explicit Arrays(const GroupContext& context)
      : p(context.constants_as<Params>()),
        x(context.bindings[kX].as<const float>()),
        y(context.bindings[kY].as<float>()) {}
};

void correct(const GroupContext& context) noexcept {
  const Arrays a(context);
  for (std::int64_t i = 0; i < a.p.n; ++i) a.y[i] += a.p.alpha * a.x[i];
}
void drops_the_last(const GroupContext& context) noexcept {
  const Arrays a(context);
  for (std::int64_t i = 0; i + 1 < a.p.n; ++i) a.y[i] += a.p.alpha * a.x[i];
}
void ignores_alpha(const GroupContext& context) noexcept {
  const Arrays a(context);
  for (std::int64_t i = 0; i < a.p.n; ++i) a.y[i] += a.x[i];
}
void forgets_y(const GroupContext& context) noexcept {
  const Arrays a(context);
  for (std::int64_t i = 0; i < a.p.n; ++i) a.y[i] = a.p.alpha * a.x[i];
}
void repeats_the_tail(const GroupContext& context) noexcept {
  correct(context);
  const Arrays a(context);
  a.y[a.p.n - 1] += a.p.alpha * a.x[a.p.n - 1];
}
void shifts_x(const GroupContext& context) noexcept {
  const Arrays a(context);
  for (std::int64_t i = 0; i < a.p.n; ++i) {
    a.y[i] += a.p.alpha * a.x[i == 0 ? 0 : i - 1];
  }
}
void bfloat_inputs(const GroupContext& context) noexcept {
  const Arrays a(context);
  for (std::int64_t i = 0; i < a.p.n; ++i) {
    a.y[i] += a.p.alpha * testing_support::to_bfloat(a.x[i]);
  }
}
void past_the_end(const GroupContext& context) noexcept {
  correct(context);
  const Arrays a(context);
  a.y[a.p.n] = 0;
}
void writes_x(const GroupContext& context) noexcept {
  correct(context);
  const Arrays a(context);
  const_cast<float*>(a.x)[0] = 7;
}
void half_of_it(const GroupContext& context) noexcept {
  const Arrays a(context);
  for (std::int64_t i = 0; i < a.p.n / 2; ++i) a.y[i] += a.p.alpha * a.x[i];
}
void subtracts(const GroupContext& context) noexcept {
  const Arrays a(context);
  for (std::int64_t i = 0; i < a.p.n; ++i) a.y[i] -= a.p.alpha * a.x[i];
}
void scales_y_too(const GroupContext& context) noexcept {
  const Arrays a(context);
  for (std::int64_t i = 0; i < a.p.n; ++i) a.y[i] = a.p.alpha * (a.x[i] + a.y[i]);
}
void bfloat_output(const GroupContext& context) noexcept {
  correct(context);
  const Arrays a(context);
  for (std::int64_t i = 0; i < a.p.n; ++i) a.y[i] = testing_support::to_bfloat(a.y[i]);
}
void returns_nan(const GroupContext& context) noexcept {
  correct(context);
  const Arrays a(context);
  a.y[a.p.n / 2] = kNan;
}

template <HostKernel kKernel>
testing::AssertionResult is_rejected(std::initializer_list<DataFamily> families) {
  return rejected(kOp, testing_support::mutant<Params, params_of, kKernel>(),
                  {"17:alpha=-0.5", "1000:alpha=3"}, families);
}

TEST(AxpyMutantsTest, AreRejected) {
  const auto all = {DataFamily::integers, DataFamily::uniform, DataFamily::positive};
  EXPECT_FALSE(is_rejected<correct>(all));
  EXPECT_TRUE(is_rejected<drops_the_last>(all));
  EXPECT_TRUE(is_rejected<ignores_alpha>(all));
  EXPECT_TRUE(is_rejected<forgets_y>(all));
  EXPECT_TRUE(is_rejected<repeats_the_tail>(all));
  EXPECT_TRUE(is_rejected<shifts_x>(all));
  // Small integers are bfloat16 numbers.
  EXPECT_TRUE(is_rejected<bfloat_inputs>({DataFamily::uniform, DataFamily::positive}));
  EXPECT_TRUE(is_rejected<bfloat_output>({DataFamily::uniform, DataFamily::positive}));
  EXPECT_TRUE(is_rejected<half_of_it>(all));
  EXPECT_TRUE(is_rejected<subtracts>(all));
  EXPECT_TRUE(is_rejected<scales_y_too>(all));
  EXPECT_TRUE(is_rejected<returns_nan>(all));
  EXPECT_TRUE(is_rejected<past_the_end>(all));
  EXPECT_TRUE(is_rejected<writes_x>(all));
}

}  // namespace
}  // namespace assay::axpy
