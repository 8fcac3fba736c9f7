// SPDX-License-Identifier: MIT
// conv2d: its shapes, its oracle by hand, how it is cut, setup and computation apart,
// and kernels with a mistake.
#include "kernels/conv2d/conv2d.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/common/split.h"
#include "kernels/conv2d/cuts.h"
#include "kernels/conv2d/patches.h"
#include "kernels/ops.h"
#include "tests/kernels/ops_harness.h"

namespace assay::conv2d {
namespace {

TEST(Conv2dTest, ShapesAsText) {
  EXPECT_EQ(find_op("conv2d"), &kOp);
  EXPECT_EQ(kOp.shape_of_size(14), "1x14x14x256x256x3x3:pad=1");
  for (const char* const text :
       {"0x1x1x0x0x1x1", "1x2x3x4x5x1x1", "1x7x9x4x5x3x2:stride=2:pad=1:bias:relu"}) {
    EXPECT_EQ(kOp.make_problem(text, DType::f32)->shape(), text);
  }
  EXPECT_EQ(kOp.make_problem("1x2x3x4x5x1x1:relu:stride=1:pad=0", DType::f32)->shape(),
            "1x2x3x4x5x1x1:relu");
  for (const char* const text :
       {"", "1x2x3x4x5x1", "1x2x3x4x5x1x1x1", "1x2x3x4x5x1x1:", "1x0x3x4x5x1x1",
        "1x2x3x4x5x0x1", "1x2x3x4x5x1x1:pad=1", "1x2x3x4x5x3x3", "1x2x3x4x5x3x1:pad=1",
        "1x2x3x4x5x1x1:stride=0", "1x2x3x4x5x1x1:bias=1", "1x2x3x4x5x1x1:bias:bias",
        "-1x2x3x4x5x1x1", "1x2147483647x2147483647x2147483647x1x1x1",
        "1x2147483648x1x1x1x1x1"}) {
    EXPECT_THROW(parse_params(text), Error) << text;
  }
}

TEST(Conv2dTest, CountsItsWork) {
  // Rows of 2, 3, 3, 3, 2 taps of 3 inside the image, columns of 2, 3, 2.
  const auto problem = kOp.make_problem("2x5x3x4x6x3x3:pad=1:bias", DType::f32);
  EXPECT_EQ(problem->flops(), 2 * 2 * 4 * 6 * (13 * 7));
  EXPECT_EQ(problem->compulsory_bytes(), 4 * (120 + 216 + 6 + 180));
  const Params p = parse_params("1x8x11x2x3x3x3:stride=2:pad=1");
  EXPECT_EQ(p.out_height(), 4);
  EXPECT_EQ(p.out_width(), 6);
  // What may be rearranged once.
  for (const std::size_t i : {kW, kBias}) {
    EXPECT_TRUE(problem->operands()[i].constant);
  }
  EXPECT_FALSE(problem->operands()[kX].constant);
  EXPECT_EQ(problem->output(), 3U);
}

// An image of one line, 1 2 3, one of padding around it; filters of the middle line
// (10 20 30) and of others, which see the padding alone.
TEST(Conv2dTest, OracleByHand) {
  const auto problem = kOp.make_problem("1x1x3x1x1x3x3:pad=1:bias:relu", DType::f32);
  const std::vector<std::vector<float>> data = {
      {1, 2, 3}, {7, 7, 7, 10, 20, -30, 7, 7, 7}, {4}, {0, 0, 0}};
  std::vector<std::span<const std::byte>> operands;
  for (const auto& operand : data)
    operands.push_back(std::as_bytes(std::span(operand)));
  const Expected expected = problem->expected(operands, DataFamily::uniform);
  // 20 - 60 + 4, 10 + 40 - 90 + 4, 20 + 60 + 4.
  EXPECT_EQ(expected.value, (std::vector<double>{0, 0, 84}));
  const double two_and_bias = (4 * std::sqrt(3.0) + 8) * 0x1p-24;
  EXPECT_NEAR(expected.bound[0], two_and_bias * 84, 1e-12);
  EXPECT_NEAR(expected.bound[1], (4 * std::sqrt(4.0) + 8) * 0x1p-24 * 144, 1e-12);
  EXPECT_EQ(problem->expected(operands, DataFamily::integers).bound[0], 0);
}

TEST(Conv2dTest, CancellingDataCancels) {
  const testing_support::NumericGate gate(kOp, "1x4x4x8x3x3x3:pad=1",
                                          DataFamily::cancelling, 1);
  for (const double value : gate.expected().value) {
    EXPECT_LT(std::fabs(value), 0.01);
  }
}

TEST(Conv2dTest, SetupIsApartFromTheComputation) {
  testing_support::expect_setup_apart(kOp, "1x5x6x9x35x3x3:pad=1:bias");
}

// A NaN of the image makes every sum with it one, in whatever way patches are read,
// over several blocks of the sum, and with a cut as without.
TEST(Conv2dTest, ANanReachesItsSums) {
  for (const std::string shape :
       {"1x3x5x9x35x1x1", "2x5x7x6x33x3x2:stride=2:pad=1", "1x14x14x64x40x3x3:pad=1",
        "1x4x4x300x7x3x3:pad=1:bias"}) {
    for (const char* const cut : {"", ":relu"}) {
      const auto problem = kOp.make_problem(shape + cut, DType::f32);
      auto data = testing_support::make_operands(*problem, DataFamily::uniform, 1);
      std::vector<float> x = testing_support::floats_of(data[kX]);
      x[x.size() / 2] = std::numeric_limits<float>::quiet_NaN();
      data[kX] = testing_support::bytes_of_floats(x);
      for (const auto& y : testing_support::outputs_of_all(kOp, shape + cut, data)) {
        EXPECT_TRUE(std::any_of(y.begin(), y.end(),
                                [](float value) { return std::isnan(value); }));
      }
    }
  }
}

// More pixels than the second-level cache holds, and small weights: part after part of
// the pixels through all panels.
TEST(Conv2dTest, ManyPixelsOfSmallWeightsAreAsFew) {
  constexpr std::int64_t kChannels = 3;
  constexpr std::int64_t kFilters = 101;
  const std::int64_t pixels =
      testing_support::rows_beyond_second_cache(kChannels + kFilters);
  const std::string shape =
      "1x" + std::to_string(pixels) + "x1x3x" + std::to_string(kFilters) + "x1x1:bias";
  const auto problem = kOp.make_problem(shape, DType::f32);
  const auto data = testing_support::make_operands(*problem, DataFamily::integers, 1);
  const auto all = testing_support::outputs_of_all(kOp, shape, data);
  ASSERT_GE(all.size(), 3U);
  for (const auto& y : all) EXPECT_TRUE(y == all.front());
}

// Lines that a group copies, across the end of an image too, are there.
bool holds_lines(const Params& p, const Cuts& cuts) {
  const std::int64_t lines = p.batch * p.out_height();
  for (std::int64_t g = 0; g < cuts.row_groups; ++g) {
    const std::int64_t first = balanced_begin(lines, cuts.row_groups, g);
    const std::int64_t last = balanced_begin(lines, cuts.row_groups, g + 1) - 1;
    const std::int64_t copied = line_of(p, last, p.rows) - line_of(p, first, 0);
    const auto bytes = static_cast<std::size_t>(copied * cuts.stride) * sizeof(float);
    if (bytes > cuts.local_bytes) return false;
  }
  return true;
}

TEST(Conv2dCutsTest, FitTheDevice) {
  constexpr std::size_t kRoom = 256 * 1024;
  for (const char* const shape :
       {"1x1x1x1x1x1x1", "1x56x56x64x64x3x3:pad=1", "1x7x7x512x512x3x3:pad=1",
        "2x9x9x1024x40x1x1", "3x28x28x128x64x3x3:pad=1", "2x40x40x64x64x5x3:stride=3",
        "1x56x56x256x64x1x1", "1x30x30x3x64x7x7:stride=2"}) {
    const Params p = parse_params(shape);
    for (const std::uint32_t units : {1U, 2U, 3U, 64U}) {
      const Cuts cuts = cut(p, 32, 1024 * 1024, kRoom, units);
      EXPECT_LE(cuts.local_bytes, kRoom) << shape;
      EXPECT_EQ(cuts.patches == Patches::in_place, cuts.local_bytes == 0) << shape;
      EXPECT_GE(cuts.row_groups, 1) << shape;
      EXPECT_TRUE(cuts.patches != Patches::lines || holds_lines(p, cuts)) << shape;
      EXPECT_LE(cuts.row_groups, p.pixels()) << shape;
      EXPECT_LE(cuts.col_groups, (p.filters + 31) / 32) << shape;
      // Rounding does not depend on the device.
      EXPECT_EQ(cuts.depth_blocks, cut(p, 8, 4096, 4096, 1).depth_blocks) << shape;
    }
  }
}

// Many pixels are shared by pixels, many weights by filters.
TEST(Conv2dCutsTest, ShareWhatThereIsMoreOf) {
  const auto cuts = [](const char* shape) {
    return cut(parse_params(shape), 32, 1024 * 1024, 1024 * 1024, 2);
  };
  EXPECT_EQ(cuts("1x56x56x64x64x3x3:pad=1").col_groups, 1);
  EXPECT_EQ(cuts("1x56x56x64x64x3x3:pad=1").row_groups % 2, 0);
  EXPECT_EQ(cuts("1x7x7x512x512x3x3:pad=1").col_groups, 2);
  EXPECT_EQ(cuts("1x5x6x9x35x3x3").row_groups, 1);
}

TEST(Conv2dCutsTest, ReadPatchesWhereItIsBest) {
  const auto patches = [](const char* shape) {
    return patches_of(parse_params(shape));
  };
  EXPECT_EQ(patches("1x14x14x256x1024x1x1"), Patches::in_place);
  EXPECT_EQ(patches("1x14x14x256x1024x1x1:stride=2"), Patches::gathered);
  EXPECT_EQ(patches("1x14x14x256x256x3x3:pad=1"), Patches::lines);
  // 4 KiB apart; a run of 21 floats; a line of 4 pixels; lines of 170 KiB.
  EXPECT_EQ(patches("1x14x14x1024x256x1x1"), Patches::gathered);
  EXPECT_EQ(patches("1x14x14x512x256x3x3:stride=2:pad=1"), Patches::gathered);
  EXPECT_EQ(patches("1x224x224x3x64x7x7:stride=2:pad=3"), Patches::gathered);
  EXPECT_EQ(patches("1x4x4x256x256x3x3:pad=1"), Patches::gathered);
  EXPECT_EQ(patches("1x4x680x64x64x3x3:pad=1"), Patches::gathered);
}

enum class Mistake : std::uint8_t {
  none,
  repeats_the_border,
  flips_the_filter,
  swaps_taps,
  ignores_the_stride,
  ignores_the_padding,
  swaps_height_and_width,
  first_image_only,
  drops_last_channel,
  drops_last_row_of_taps,
  wrong_tail_filter,
  stale_accumulator,
  no_bias,
  no_relu,
  bias_after_relu,
  bfloat_inputs,
  half_of_the_pixels,
  past_the_end,
  writes_w,
};

template <Mistake kMistake>
constexpr bool is(Mistake mistake) {
  return kMistake == mistake;
}

struct Output {
  std::int64_t n;
  std::int64_t row;
  std::int64_t col;
  std::int64_t filter;
};

template <Mistake kMistake>
float term(const GroupContext& context, const Params& p, const Output& at,
           std::int64_t r, std::int64_t s, std::int64_t c) {
  using enum Mistake;
  const std::int64_t stride = is<kMistake>(ignores_the_stride) ? 1 : p.stride;
  const std::int64_t pad = is<kMistake>(ignores_the_padding) ? 0 : p.pad;
  std::int64_t h = at.row * stride + r - pad;
  std::int64_t w = at.col * stride + s - pad;
  if (is<kMistake>(repeats_the_border)) {
    h = std::clamp<std::int64_t>(h, 0, p.height - 1);
    w = std::clamp<std::int64_t>(w, 0, p.width - 1);
  }
  if (h < 0 || h >= p.height || w < 0 || w >= p.width) return 0;
  const std::int64_t n = is<kMistake>(first_image_only) ? 0 : at.n;
  const std::int64_t line = is<kMistake>(swaps_height_and_width) ? p.height : p.width;
  if (is<kMistake>(flips_the_filter)) {
    r = p.rows - 1 - r;
    s = p.cols - 1 - s;
  }
  const std::int64_t tap = is<kMistake>(swaps_taps) ? s * p.rows + r : r * p.cols + s;
  float left = context.bindings[kX]
                   .as<const float>()[((n * p.height + h) * line + w) * p.channels + c];
  float right = context.bindings[kW]
                    .as<const float>()[(tap * p.channels + c) * p.filters + at.filter];
  if (is<kMistake>(bfloat_inputs)) {
    left = testing_support::to_bfloat(left);
    right = testing_support::to_bfloat(right);
  }
  return left * right;
}

template <Mistake kMistake>
float element(const GroupContext& context, const Params& p, const Output& at,
              float& sum) {
  using enum Mistake;
  if (!is<kMistake>(stale_accumulator) || at.filter != 1) sum = 0;
  const std::int64_t rows = p.rows - (is<kMistake>(drops_last_row_of_taps) ? 1 : 0);
  const std::int64_t channels = p.channels - (is<kMistake>(drops_last_channel) ? 1 : 0);
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t s = 0; s < p.cols; ++s) {
      for (std::int64_t c = 0; c < channels; ++c) {
        sum += term<kMistake>(context, p, at, r, s, c);
      }
    }
  }
  const float bias =
      is<kMistake>(no_bias) ? 0 : context.bindings[kBias].as<const float>()[at.filter];
  if (is<kMistake>(no_relu)) return sum + bias;
  if (is<kMistake>(bias_after_relu)) return std::max(sum, 0.0F) + bias;
  return std::max(sum + bias, 0.0F);
}

template <Mistake kMistake>
void mutant(const GroupContext& context) noexcept {
  using enum Mistake;
  const auto p = context.constants_as<Params>();
  auto* const y = context.bindings[output_of(p)].as<float>();
  const std::int64_t pixels = p.pixels() / (is<kMistake>(half_of_the_pixels) ? 2 : 1);
  float sum = 0;
  for (std::int64_t i = 0; i < pixels; ++i) {
    for (std::int64_t k = 0; k < p.filters; ++k) {
      const bool tail = is<kMistake>(wrong_tail_filter) && k + 1 == p.filters;
      const std::int64_t row = i / p.out_width();
      y[i * p.filters + k] =
          element<kMistake>(context, p,
                            {row / p.out_height(), row % p.out_height(),
                             i % p.out_width(), tail ? k - 1 : k},
                            sum);
    }
  }
  if (is<kMistake>(past_the_end)) y[p.pixels() * p.filters] = 0;
  if (is<kMistake>(writes_w)) {
    const_cast<float*>(context.bindings[kW].as<const float>())[0] = 7;
  }
}

template <Mistake kMistake>
testing::AssertionResult is_rejected(std::initializer_list<DataFamily> families) {
  return testing_support::rejected(
      kOp, testing_support::mutant<Params, params_of, mutant<kMistake>>(),
      {"2x5x7x4x9x3x2:stride=2:pad=1:bias:relu",
       "2x4x7x20x17x3x3:stride=2:pad=2:bias:relu"},
      families);
}

TEST(Conv2dMutantsTest, AreRejected) {
  const auto both = {DataFamily::integers, DataFamily::uniform};
  const auto all = {DataFamily::integers, DataFamily::uniform, DataFamily::positive};
  using enum Mistake;
  EXPECT_FALSE(is_rejected<none>(all));
  EXPECT_TRUE(is_rejected<repeats_the_border>(all));
  EXPECT_TRUE(is_rejected<flips_the_filter>(all));
  EXPECT_TRUE(is_rejected<swaps_taps>(all));
  EXPECT_TRUE(is_rejected<ignores_the_stride>(all));
  EXPECT_TRUE(is_rejected<ignores_the_padding>(all));
  EXPECT_TRUE(is_rejected<swaps_height_and_width>(all));
  EXPECT_TRUE(is_rejected<first_image_only>(all));
  EXPECT_TRUE(is_rejected<drops_last_channel>(all));
  EXPECT_TRUE(is_rejected<drops_last_row_of_taps>(all));
  EXPECT_TRUE(is_rejected<wrong_tail_filter>(all));
  EXPECT_TRUE(is_rejected<stale_accumulator>(all));
  EXPECT_TRUE(is_rejected<no_bias>(all));
  // Nothing is cut off of positive data.
  EXPECT_TRUE(is_rejected<no_relu>(both));
  EXPECT_TRUE(is_rejected<bias_after_relu>(both));
  // Small integers are bfloat16 numbers.
  EXPECT_TRUE(is_rejected<bfloat_inputs>({DataFamily::uniform, DataFamily::positive}));
  EXPECT_TRUE(is_rejected<half_of_the_pixels>(all));
  EXPECT_TRUE(is_rejected<past_the_end>(all));
  EXPECT_TRUE(is_rejected<writes_w>(all));
}

}  // namespace
}  // namespace assay::conv2d
