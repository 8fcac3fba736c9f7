// SPDX-License-Identifier: MIT
// transpose: its shapes, its oracle by hand, special values, kernels with a mistake.
#include "kernels/transpose/transpose.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/common/isa.h"
#include "kernels/ops.h"
#include "kernels/transpose/far_blocks.h"
#include "kernels/transpose/implementations.h"
#include "kernels/transpose/strides.h"
#include "tests/kernels/ops_harness.h"

namespace assay::transpose {
namespace {

using testing_support::bytes_of_floats;

TEST(TransposeTest, ShapesAsText) {
  EXPECT_EQ(find_op("transpose"), &kOp);
  EXPECT_EQ(kOp.shape_of_size(64), "64x64");
  for (const char* const text : {"0x0", "0x5", "5x0:lda=3", "1x1", "3x5:lda=7:ldb=4"}) {
    EXPECT_EQ(kOp.make_problem(text, DType::f32)->shape(), text);
  }
  EXPECT_EQ(kOp.make_problem("3x5:ldb=3:lda=5", DType::f32)->shape(), "3x5");
  for (const char* const text :
       {"", "4", "4x4x4", "4x4:lda", "4x4:lda=3", "4x4:ldb=0", "4x4:ldc=9",
        "2147483647x1:lda=2147483647:ldb=-1", "-1x4"}) {
    EXPECT_THROW(parse_params(text), Error) << text;
  }
  const auto problem = kOp.make_problem("3x5:lda=7:ldb=4", DType::f32);
  EXPECT_EQ(problem->compulsory_bytes(), 120);
  EXPECT_EQ(problem->flops(), 0);
  EXPECT_EQ(problem->operands()[kA].elements, 2U * 7 + 5);
  EXPECT_EQ(problem->operands()[kB].elements, 4U * 4 + 3);
}

TEST(TransposeTest, OracleByHand) {
  const auto problem = kOp.make_problem("2x3:lda=4:ldb=3", DType::f32);
  const std::vector<float> a = {1, 2, 3, 99, 4, 5, 6};
  const std::vector<float> b(8);
  const std::span<const std::byte> operands[] = {std::as_bytes(std::span(a)),
                                                 std::as_bytes(std::span(b))};
  const Expected expected = problem->expected(operands, DataFamily::uniform);
  EXPECT_EQ(expected.value, (std::vector<double>{1, 4, 0, 2, 5, 0, 3, 6}));
  EXPECT_EQ(expected.written,
            (std::vector<bool>{true, true, false, true, true, false, true, true}));
  EXPECT_EQ(expected.bound, std::vector<double>(8, 0.0));
}

// Bits are moved: NaN, infinities, denormals and signed zeros among them.
TEST(TransposeTest, MovesEveryValue) {
  const auto problem = kOp.make_problem("33x35", DType::f32);
  auto data = testing_support::make_operands(*problem, DataFamily::uniform, 1);
  std::vector<float> a = testing_support::floats_of(data[kA]);
  a[0] = std::numeric_limits<float>::quiet_NaN();
  a[1] = -std::numeric_limits<float>::infinity();
  a[35] = 1e-42F;
  a[32 * 35 + 34] = -0.0F;
  data[kA] = bytes_of_floats(a);
  for (const auto& b : testing_support::outputs_of_all(kOp, "33x35", data)) {
    EXPECT_TRUE(std::isnan(b[0]));
    EXPECT_EQ(b[33], a[1]);
    EXPECT_EQ(b[1], 1e-42F);
    EXPECT_TRUE(std::signbit(b[34 * 33 + 32]));
  }
}

// B `offset` elements into a line, by parts of `cols` columns, as in cache or as beyond
// it. The harness places operands as a user may, so the kernel is run here on a B of
// our own.
struct Placed {
  const char* shape;
  std::int64_t offset;
  std::int64_t cols;
};
void expect_right(const Placed& far, bool streams) {
  const auto problem = kOp.make_problem(far.shape, DType::f32);
  const auto data = testing_support::make_operands(*problem, DataFamily::uniform, 1);
  const std::vector<float> a = testing_support::floats_of(data[kA]);
  const std::size_t count = problem->operands()[kB].elements;
  const Params& p = params_of(*problem);
  const auto parts = static_cast<std::uint32_t>((p.n + far.cols - 1) / far.cols);
  const Parts constants{p, {far.cols, parts}, streams};
  for (const Isa isa : available_isas()) {
    const HostKernel kernel = tiled_kernel(isa);
    // Lines before and behind, which must stay.
    const auto around = static_cast<std::size_t>(2 * kLine);
    std::vector<float> memory(around + count + around + kLine, -7.0F);
    float* b = memory.data() + around;
    while (elements_into_line(b) != far.offset) ++b;
    alignas(64) std::byte local[kBufferBytes];
    std::vector<float> input = a;
    const BoundRange ranges[] = {
        {std::as_writable_bytes(std::span(input)).data(), input.size() * sizeof(float)},
        {reinterpret_cast<std::byte*>(b), count * sizeof(float)}};
    for (std::uint32_t part = 0; part < parts; ++part) {
      GroupContext context;
      context.group = {part, 0, 0};
      context.groups = {parts, 1, 1};
      context.bindings = ranges;
      context.constants = std::as_bytes(std::span(&constants, 1));
      context.local = local;
      kernel(context);
    }
    for (const float& other : memory) {
      const std::int64_t at = &other - b;
      const std::int64_t row = at < 0 ? -1 : at / p.ldb;
      const std::int64_t col = at < 0 ? 0 : at % p.ldb;
      const bool inside = row >= 0 && row < p.n && col < p.m;
      ASSERT_EQ(other, inside ? a[static_cast<std::size_t>(col * p.lda + row)] : -7.0F)
          << far.shape << " at " << at << ", " << to_string(isa);
    }
  }
}

TEST(TransposeTest, IsRightPastTheCache) {
  for (const Placed& far :
       {Placed{"96x512", 0, 512},                 // whole blocks
        Placed{"80x600:lda=608:ldb=96", 0, 304},  // some rows and columns left
        Placed{"33x275:ldb=48", 0, 275},          // a line of columns more than one
        Placed{"61x99:ldb=64", 4, 99},            // rows inside of lines
        Placed{"64x271", 0, 271},                 // as many columns as a buffer has
        Placed{"65x272", 0, 272},                 // one more
        Placed{"97x530:ldb=101", 15, 265},        // one element before a line
        Placed{"131x67:lda=70:ldb=133", 1, 32},   // the last line whole
        Placed{"64x40:ldb=65", 0, 16},            // each row begins elsewhere
        Placed{"63x40:ldb=65", 3, 40},            // too few rows for the buffer
        Placed{"7x35:ldb=16", 0, 35},
        Placed{"64x143:ldb=1023", 2, 143},  // in longer blocks
        Placed{"193x145:lda=1025", 11, 145}}) {
    expect_right(far, true);
  }
}

TEST(TransposeTest, IsRightThroughTheBufferInCache) {
  for (const Placed& near :
       {Placed{"64x64:ldb=1023", 0, 64},    // rows of B end where lines do
        Placed{"128x80:ldb=1025", 7, 80},   // as many columns as a buffer has
        Placed{"129x81:ldb=1026", 15, 81},  // one more of both
        Placed{"131x67:ldb=1021", 1, 32},   // the last line whole
        Placed{"300x40:lda=257:ldb=513", 3, 16},
        Placed{"65x33:lda=257:ldb=257", 9, 33}}) {
    const Params p = parse_params(near.shape);
    EXPECT_EQ(way_of(p.m, p.lda, p.ldb, false, false), Way::near_buffer) << near.shape;
    expect_right(near, false);
  }
}

TEST(TransposeTest, IsRightWithFewRowsOrColumns) {
  for (const bool streams : {false, true}) {
    for (const std::int64_t few : {1, 2, 3}) {
      for (const std::int64_t many : {1, 4, 15, 16, 33, 100}) {
        const std::string a = std::to_string(many) + "x" + std::to_string(few);
        const std::string b = std::to_string(few) + "x" + std::to_string(many);
        for (const std::string gap : {"", ":lda=104", ":ldb=104"}) {
          expect_right({(a + gap).c_str(), 5, few}, streams);
          expect_right({(b + gap).c_str(), 5, 16}, streams);
        }
      }
    }
  }
}

// The distances between rows for which the ways were measured.
TEST(TransposeTest, TheWayFollowsTheStrides) {
  struct Case {
    std::int64_t lda;
    std::int64_t ldb;
    Way way;
    std::int64_t rows = 0;  // walked along together, when there is no buffer
  };
  for (const Case& c :
       {Case{255, 255, Way::blocks, kManyRows}, Case{257, 257, Way::near_buffer},
        Case{257, 300, Way::blocks, kFewRows}, Case{300, 257, Way::blocks, kManyRows},
        Case{512, 1000, Way::blocks, kFewRows}, Case{1000, 512, Way::blocks, kManyRows},
        Case{1000, 1000, Way::blocks, kManyRows},
        Case{1020, 1020, Way::blocks, kFewRows}, Case{1023, 1023, Way::near_buffer},
        Case{1025, 1000, Way::blocks, kFewRows}, Case{1000, 1026, Way::near_buffer},
        Case{1000, 1028, Way::blocks, kFewRows}, Case{1024, 1024, Way::lines, kFewRows},
        Case{2047, 2047, Way::near_buffer}}) {
    EXPECT_EQ(way_of(64, c.lda, c.ldb, false, false), c.way) << c.lda << " " << c.ldb;
    if (c.way == Way::near_buffer) continue;
    EXPECT_EQ(rows_walked_along(c.lda, c.ldb), c.rows) << c.lda << " " << c.ldb;
  }
}

TEST(TransposeTest, PastTheCacheTheWayFollowsTheLinesOfB) {
  EXPECT_EQ(way_of(4096, 4096, 4096, true, true), Way::lines_past_cache);
  EXPECT_EQ(way_of(5001, 5001, 5001, true, false), Way::far_buffer);
  EXPECT_EQ(way_of(4097, 4097, 4097, true, false), Way::colliding_far_buffer);
  EXPECT_EQ(way_of(4096, 5000, 4104, true, false), Way::colliding_far_buffer);
  // Rows of B with too few whole lines.
  EXPECT_EQ(way_of(63, 257, 257, true, false), Way::lines);
  EXPECT_EQ(way_of(63, 257, 257, false, false), Way::blocks);
}

// Whole lines want vectors that are lines.
TEST(TransposeTest, HalfVectorsAreForBlocksAndTheBuffer) {
  EXPECT_TRUE(suits_half_vectors(Way::colliding_far_buffer, 4097, 4097));
  EXPECT_TRUE(suits_half_vectors(Way::far_buffer, 5001, 5001));
  EXPECT_TRUE(suits_half_vectors(Way::near_buffer, 1023, 1023));
  EXPECT_TRUE(suits_half_vectors(Way::blocks, 256, 256));
  EXPECT_FALSE(suits_half_vectors(Way::blocks, 1020, 1020));
  EXPECT_FALSE(suits_half_vectors(Way::lines, 1024, 1024));
  EXPECT_FALSE(suits_half_vectors(Way::lines_past_cache, 4096, 4096));
}

enum class Mistake : std::uint8_t {
  none,
  copies,
  swaps_strides,
  drops_the_last_row,
  drops_the_last_column,
  wrong_tail,
  half_of_the_rows,
  bfloat_values,
  swaps_two,
  writes_the_gap,
  past_the_end,
  writes_a,
  returns_nan,
};

template <Mistake kMistake>
void mutant(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  const auto* const a = context.bindings[kA].as<const float>();
  auto* const b = context.bindings[kB].as<float>();
  std::int64_t rows = p.m;
  if (kMistake == Mistake::drops_the_last_row) rows = p.m - 1;
  if (kMistake == Mistake::half_of_the_rows) rows = p.m / 2;
  const std::int64_t cols = kMistake == Mistake::drops_the_last_column ? p.n - 1 : p.n;
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < cols; ++j) {
      std::int64_t from = i * p.lda + j;
      if (kMistake == Mistake::copies)
        from = (j * p.m + i) / p.n * p.lda + (j * p.m + i) % p.n;
      if (kMistake == Mistake::swaps_strides && i * p.ldb + j < p.m * p.lda - p.lda) {
        from = i * p.ldb + j;
      }
      if (kMistake == Mistake::wrong_tail && j == p.n - 1) from = i * p.lda + p.n - 2;
      if (kMistake == Mistake::swaps_two && i == 0 && j < 2) from = 1 - j;
      float value = a[from];
      if (kMistake == Mistake::bfloat_values) value = testing_support::to_bfloat(value);
      if (kMistake == Mistake::returns_nan && i + 1 == p.m && j == 0) {
        value = std::numeric_limits<float>::quiet_NaN();
      }
      b[j * p.ldb + i] = value;
    }
  }
  if (kMistake == Mistake::writes_the_gap) b[p.m] = 0;
  if (kMistake == Mistake::past_the_end) b[(p.n - 1) * p.ldb + p.m] = 0;
  if (kMistake == Mistake::writes_a) const_cast<float*>(a)[0] = 7;
}

template <Mistake kMistake>
testing::AssertionResult is_rejected(std::initializer_list<DataFamily> families) {
  return testing_support::rejected(
      kOp, testing_support::mutant<Params, params_of, mutant<kMistake>>(),
      {"17x19:lda=23:ldb=29", "33x70:lda=71:ldb=40"}, families);
}

TEST(TransposeMutantsTest, AreRejected) {
  const auto all = {DataFamily::integers, DataFamily::uniform, DataFamily::positive};
  const auto random = {DataFamily::uniform, DataFamily::positive};
  EXPECT_FALSE(is_rejected<Mistake::none>(all));
  EXPECT_TRUE(is_rejected<Mistake::copies>(all));
  EXPECT_TRUE(is_rejected<Mistake::swaps_strides>(all));
  EXPECT_TRUE(is_rejected<Mistake::drops_the_last_row>(all));
  EXPECT_TRUE(is_rejected<Mistake::drops_the_last_column>(all));
  EXPECT_TRUE(is_rejected<Mistake::wrong_tail>(all));
  EXPECT_TRUE(is_rejected<Mistake::half_of_the_rows>(all));
  // Of integers, neighbours are equal now and then, and all are bfloat16 numbers.
  EXPECT_TRUE(is_rejected<Mistake::bfloat_values>(random));
  EXPECT_TRUE(is_rejected<Mistake::swaps_two>(random));
  EXPECT_TRUE(is_rejected<Mistake::writes_the_gap>(all));
  EXPECT_TRUE(is_rejected<Mistake::past_the_end>(all));
  EXPECT_TRUE(is_rejected<Mistake::writes_a>(all));
  EXPECT_TRUE(is_rejected<Mistake::returns_nan>(all));
}

}  // namespace
}  // namespace assay::transpose
