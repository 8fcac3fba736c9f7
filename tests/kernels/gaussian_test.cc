// SPDX-License-Identifier: MIT
// gaussian: its shapes, its weights, its oracle by hand, special values, how the image
// is cut, kernels with a mistake.
#include "kernels/gaussian/gaussian.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/common/isa.h"
#include "kernels/gaussian/implementations.h"
#include "kernels/ops.h"
#include "tests/kernels/ops_harness.h"

namespace assay::gaussian {
namespace {

using testing_support::bytes_of_floats;

TEST(GaussianTest, ShapesAsText) {
  EXPECT_EQ(find_op("gaussian"), &kOp);
  EXPECT_EQ(kOp.shape_of_size(64), "64x64");
  for (const char* const text : {"0x0", "0x5", "5x0", "1x1", "3x5:planes=0",
                                 "3x5:planes=2:radius=4:sigma=2", "3x5:sigma=0.5"}) {
    EXPECT_EQ(kOp.make_problem(text, DType::f32)->shape(), text);
  }
  EXPECT_EQ(kOp.make_problem("3x5:sigma=1.1:radius=2:planes=1", DType::f32)->shape(),
            "3x5");
  for (const char* const text :
       {"", "4", "4x4x4", "4x4:radius", "4x4:radius=0", "4x4:radius=5", "4x4:sigma=0",
        "4x4:sigma=-1", "4x4:sigma=nan", "4x4:planes=-1", "-1x4",
        "2147483647x2147483647:planes=2147483647"}) {
    EXPECT_THROW(parse_params(text), Error) << text;
  }
  const auto problem = kOp.make_problem("3x5:planes=2", DType::f32);
  EXPECT_EQ(problem->compulsory_bytes(), 2 * 4 * 30);
  EXPECT_EQ(problem->flops(), 18 * 30);
}

// Close to the curve, a sum of 1 and multiples of 2^-11: what makes integers exact.
TEST(GaussianTest, WeightsAreDyadicAndSumToOne) {
  for (const char* const text : {"1x1:radius=1", "1x1", "1x1:radius=3:sigma=0.1",
                                 "1x1:radius=4", "1x1:radius=4:sigma=1e30"}) {
    const Params p = parse_params(text);
    const Weights weights = weights_of(p);
    float sum = weights[0];
    double curve = 0;
    for (std::int64_t t = -p.radius; t <= p.radius; ++t) {
      curve += std::exp(-static_cast<double>(t * t) / (2.0 * p.sigma * p.sigma));
    }
    for (std::int64_t t = 0; t <= kMostRadius; ++t) {
      const float weight = weights[static_cast<std::size_t>(t)];
      EXPECT_EQ(weight * 2048, std::floor(weight * 2048));
      if (t > 0) sum += 2 * weight;
      const double exact =
          t > p.radius
              ? 0.0
              : std::exp(-static_cast<double>(t * t) / (2.0 * p.sigma * p.sigma)) /
                    curve;
      EXPECT_NEAR(weight, exact, static_cast<double>(p.radius) / 2048) << text;
    }
    EXPECT_EQ(sum, 1) << text;
  }
}

// A point under a window of 3 by 3, in the image's corner: what falls outside is the
// point again.
TEST(GaussianTest, OracleByHand) {
  const Weights w = weights_of(parse_params("2x3:radius=1"));
  const auto problem = kOp.make_problem("2x3:radius=1", DType::f32);
  const std::vector<float> x = {1, 0, 0, 0, 0, 0};
  const std::vector<float> y(6);
  const std::span<const std::byte> operands[] = {std::as_bytes(std::span(x)),
                                                 std::as_bytes(std::span(y))};
  const Expected expected = problem->expected(operands, DataFamily::uniform);
  const double near = static_cast<double>(w[0]) + w[1];
  const double far = w[1];
  EXPECT_EQ(expected.value, (std::vector<double>{near * near, near * far, 0, near * far,
                                                 far * far, 0}));
  EXPECT_NEAR(expected.bound[0], (4 * 3 + 8) * 0x1p-24 * near * near, 1e-12);
  EXPECT_EQ(problem->expected(operands, DataFamily::integers).bound[0], 0);
}

TEST(GaussianTest, CancellingDataCancels) {
  const testing_support::NumericGate gate(kOp, "20x20", DataFamily::cancelling, 1);
  // The edges see fields twice.
  for (std::size_t row = 2; row < 18; ++row) {
    for (std::size_t col = 2; col < 18; ++col) {
      EXPECT_LT(std::fabs(gate.expected().value[row * 20 + col]), 0.01);
    }
  }
}

// Bad elements spoil the windows that hold them and nothing else; a constant image
// stays what it is.
TEST(GaussianTest, BadElementsAndConstants) {
  const auto problem = kOp.make_problem("11x40", DType::f32);
  auto data = testing_support::make_operands(*problem, DataFamily::uniform, 1);
  std::vector<float> x(440, 0.375F);
  data[kX] = bytes_of_floats(x);
  for (const auto& y : testing_support::outputs_of_all(kOp, "11x40", data)) {
    for (const float value : y) EXPECT_EQ(value, 0.375F);
  }
  x[5 * 40 + 17] = std::numeric_limits<float>::quiet_NaN();
  x[39] = -std::numeric_limits<float>::infinity();
  data[kX] = bytes_of_floats(x);
  for (const auto& y : testing_support::outputs_of_all(kOp, "11x40", data)) {
    for (std::int64_t row = 0; row < 11; ++row) {
      for (std::int64_t col = 0; col < 40; ++col) {
        const float value = y[static_cast<std::size_t>(row * 40 + col)];
        EXPECT_EQ(std::isnan(value), std::abs(row - 5) <= 2 && std::abs(col - 17) <= 2);
        EXPECT_EQ(std::isinf(value), row <= 2 && col >= 37);
      }
    }
  }
}

// Past the cache, as images beyond it: the same bits, wherever y begins, and nothing
// beside it.
TEST(GaussianTest, WritesTheSamePastTheCache) {
  constexpr std::size_t kAround = 32;
  for (const char* const shape : {"5x1027:planes=2", "3x7", "4x40:radius=4",
                                  "7x64:radius=1", "2x2100:radius=3"}) {
    const auto problem = kOp.make_problem(shape, DType::f32);
    const Params& p = params_of(*problem);
    const auto data = testing_support::make_operands(*problem, DataFamily::uniform, 1);
    std::vector<float> x = testing_support::floats_of(data[kX]);
    std::vector<std::byte> local(fused_local_bytes() + 64);
    const auto filtered = [&](Isa isa, std::size_t offset, bool streams) {
      std::vector<float> memory(kAround + 16 + x.size() + kAround, -7.0F);
      float* y = memory.data() + kAround;
      while (reinterpret_cast<std::uintptr_t>(y) / sizeof(float) % 16 != offset) ++y;
      const BoundRange ranges[] = {
          {std::as_writable_bytes(std::span(x)).data(), x.size() * sizeof(float)},
          {reinterpret_cast<std::byte*>(y), x.size() * sizeof(float)}};
      const Parts parts{p, weights_of(p), {p.rows(), 1}, streams};
      GroupContext context;
      context.group = {0, 0, 0};
      context.groups = {1, 1, 1};
      context.bindings = ranges;
      context.constants = std::as_bytes(std::span(&parts, 1));
      void* at = local.data();
      std::size_t room = local.size();
      std::align(64, fused_local_bytes(), at, room);
      context.local = {static_cast<std::byte*>(at), fused_local_bytes()};
      fused_kernel(isa)(context);
      for (const float& other : memory) {
        if (&other >= y && &other < y + x.size()) continue;
        EXPECT_EQ(other, -7.0F) << shape << " at " << &other - y;
      }
      return std::vector<float>(y, y + x.size());
    };
    for (const Isa isa : available_isas()) {
      const std::vector<float> cached = filtered(isa, 0, false);
      for (const float value : cached) ASSERT_NE(value, -7.0F) << shape;
      for (const std::size_t offset : {0U, 1U, 4U, 8U, 15U}) {
        EXPECT_EQ(filtered(isa, offset, true), cached)
            << shape << " from " << offset << ", " << to_string(isa);
      }
    }
  }
}

enum class Mistake : std::uint8_t {
  none,
  pads_with_zeros,
  mirrors,
  wraps_around,
  drops_the_last_tap,
  box,
  forgets_the_middle,
  shifts_by_one,
  transposed_strides,
  columns_only,
  wrong_tail,
  half_of_the_rows,
  reads_the_next_plane,
  stale_sum,
  twice_the_sigma,
  bfloat_inputs,
  bfloat_between,
  past_the_end,
  returns_nan,
};

// Where row or column `at` of an image is read.
template <Mistake kMistake>
std::int64_t position(std::int64_t at, std::int64_t extent) {
  if (kMistake == Mistake::mirrors) {
    return clamped(at < 0 ? -at : at >= extent ? 2 * extent - 2 - at : at, extent);
  }
  if (kMistake == Mistake::wraps_around) return (at + extent) % extent;
  return clamped(at, extent);
}

template <Mistake kMistake>
float sum_along(const Params& p, const Weights& weights, const float* x,
                std::int64_t step, std::int64_t at, std::int64_t extent) {
  float sum = 0;
  for (std::int64_t t = -p.radius; t <= p.radius; ++t) {
    if (kMistake == Mistake::drops_the_last_tap && t == p.radius) continue;
    if (kMistake == Mistake::forgets_the_middle && t == 0) continue;
    const std::int64_t from = at + t + (kMistake == Mistake::shifts_by_one ? 1 : 0);
    const bool outside = from < 0 || from >= extent;
    if (kMistake == Mistake::pads_with_zeros && outside) continue;
    float value = x[position<kMistake>(from, extent) * step];
    if (kMistake == Mistake::bfloat_inputs) value = testing_support::to_bfloat(value);
    const float weight = kMistake == Mistake::box
                             ? 1 / static_cast<float>(2 * p.radius + 1)
                             : weights[static_cast<std::size_t>(std::abs(t))];
    sum += weight * value;
  }
  return sum;
}

template <Mistake kMistake>
void mutant(const GroupContext& context) noexcept {
  auto p = context.constants_as<Params>();
  if (kMistake == Mistake::twice_the_sigma) p.sigma *= 2;
  const Weights weights = weights_of(p);
  const auto* x = context.bindings[kX].as<const float>();
  auto* y = context.bindings[kY].as<float>();
  std::vector<float> columns(static_cast<std::size_t>(p.width));
  const std::int64_t height =
      kMistake == Mistake::reads_the_next_plane ? p.rows() : p.height;
  float sum = 0;
  for (std::int64_t row = 0; row < p.rows(); ++row, y += p.width) {
    if (kMistake == Mistake::half_of_the_rows && row >= p.rows() / 2) break;
    const std::int64_t plane = row / height * height;
    for (std::int64_t col = 0; col < p.width; ++col) {
      const float* from = x + plane * p.width + col;
      if (kMistake == Mistake::transposed_strides) {
        from = x + plane * p.width + col % p.height * p.width;
      }
      float between =
          sum_along<kMistake>(p, weights, from, p.width, row - plane, height);
      if (kMistake == Mistake::bfloat_between) {
        between = testing_support::to_bfloat(between);
      }
      columns[static_cast<std::size_t>(col)] = between;
    }
    const std::int64_t width =
        kMistake == Mistake::wrong_tail ? p.width / 16 * 16 : p.width;
    for (std::int64_t col = 0; col < p.width; ++col) {
      if (kMistake != Mistake::stale_sum) sum = 0;
      sum += kMistake == Mistake::columns_only
                 ? columns[static_cast<std::size_t>(col)]
                 : sum_along<kMistake>(p, weights, columns.data(), 1, col, width);
      y[col] = sum;
    }
  }
  if (kMistake == Mistake::past_the_end) *y = 0;
  if (kMistake == Mistake::returns_nan) {
    y[-1] = std::numeric_limits<float>::quiet_NaN();
  }
}

template <Mistake kMistake>
testing::AssertionResult is_rejected(std::initializer_list<DataFamily> families) {
  return testing_support::rejected(
      kOp, testing_support::mutant<Params, params_of, mutant<kMistake>>(),
      {"9x37:planes=2", "17x21:planes=2:radius=3:sigma=0.9"}, families);
}

TEST(GaussianMutantsTest, AreRejected) {
  const auto all = {DataFamily::integers, DataFamily::uniform, DataFamily::positive};
  const auto random = {DataFamily::uniform, DataFamily::positive};
  EXPECT_FALSE(is_rejected<Mistake::none>(all));
  EXPECT_TRUE(is_rejected<Mistake::pads_with_zeros>(all));
  EXPECT_TRUE(is_rejected<Mistake::mirrors>(all));
  EXPECT_TRUE(is_rejected<Mistake::wraps_around>(all));
  EXPECT_TRUE(is_rejected<Mistake::drops_the_last_tap>(all));
  EXPECT_TRUE(is_rejected<Mistake::box>(all));
  EXPECT_TRUE(is_rejected<Mistake::forgets_the_middle>(all));
  EXPECT_TRUE(is_rejected<Mistake::shifts_by_one>(all));
  EXPECT_TRUE(is_rejected<Mistake::transposed_strides>(all));
  EXPECT_TRUE(is_rejected<Mistake::columns_only>(all));
  EXPECT_TRUE(is_rejected<Mistake::wrong_tail>(all));
  EXPECT_TRUE(is_rejected<Mistake::half_of_the_rows>(all));
  EXPECT_TRUE(is_rejected<Mistake::reads_the_next_plane>(all));
  EXPECT_TRUE(is_rejected<Mistake::stale_sum>(all));
  EXPECT_TRUE(is_rejected<Mistake::twice_the_sigma>(all));
  // Small integers are bfloat16 numbers.
  EXPECT_TRUE(is_rejected<Mistake::bfloat_inputs>(random));
  EXPECT_TRUE(is_rejected<Mistake::bfloat_between>(all));
  EXPECT_TRUE(is_rejected<Mistake::past_the_end>(all));
  EXPECT_TRUE(is_rejected<Mistake::returns_nan>(all));
}

}  // namespace
}  // namespace assay::gaussian
