// SPDX-License-Identifier: MIT
// batched_matmul: its shapes, its oracle by hand, special values, and kernels with a
// mistake.
#include "kernels/batched_matmul/batched_matmul.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/ops.h"
#include "tests/kernels/ops_harness.h"

namespace assay::batched_matmul {
namespace {

using testing_support::bytes_of_floats;
using testing_support::outputs_of_all;

TEST(BatchedMatmulTest, ShapesAsText) {
  EXPECT_EQ(find_op("batched_matmul"), &kOp);
  EXPECT_EQ(kOp.shape_of_size(8), "1000x8x8x8");
  for (const char* const text :
       {"0x0x0x0", "1x2x3x4", "3x2x3x4:stride_a=9", "3x2x3x4:stride_b=13:stride_c=7"}) {
    EXPECT_EQ(kOp.make_problem(text, DType::f32)->shape(), text);
  }
  // What is the default is not canonical.
  EXPECT_EQ(kOp.make_problem("3x2x3x4:stride_a=8", DType::f32)->shape(), "3x2x3x4");
  for (const char* const text :
       {"", "4", "4x4x4", "4x4x4x4x4", "4x4x4x", "-1x4x4x4", "3x2x3x4:stride_a=7",
        "3x2x3x4:stride_b=11", "3x2x3x4:stride_c=5", "3x2x3x4:stride_d=50",
        "2147483647x2147483647x1x2147483647"}) {
    EXPECT_THROW(parse_params(text), Error) << text;
  }
  const auto problem = kOp.make_problem("3x2x5x4:stride_a=9", DType::f32);
  EXPECT_EQ(problem->flops(), 2 * 3 * 2 * 5 * 4);
  EXPECT_EQ(problem->compulsory_bytes(), 4 * 3 * (8 + 20 + 10));
  EXPECT_EQ(problem->operands()[kA].elements, 26U);
}

// (1 2) (5)   (3 4) (7)
//       (6),        (8): 17 and 53, a gap of one between the matrices of A.
TEST(BatchedMatmulTest, OracleByHand) {
  const auto problem = kOp.make_problem("2x1x1x2:stride_a=3", DType::f32);
  const std::vector<float> a = {1, 2, 99, 3, 4};
  const std::vector<float> b = {5, 6, 7, 8};
  const std::vector<float> c(2);
  const std::span<const std::byte> operands[] = {std::as_bytes(std::span(a)),
                                                 std::as_bytes(std::span(b)),
                                                 std::as_bytes(std::span(c))};
  const Expected expected = problem->expected(operands, DataFamily::uniform);
  EXPECT_EQ(expected.value[0], 17);
  EXPECT_EQ(expected.value[1], 53);
  EXPECT_NEAR(expected.bound[0], (4 * std::sqrt(2.0) + 8) * 0x1p-24 * 17, 1e-12);
  EXPECT_EQ(problem->expected(operands, DataFamily::integers).bound[1], 0);
}

// Terms 2p and 2p+1 cancel: sums are far below the terms they are made of.
TEST(BatchedMatmulTest, CancellingDataCancels) {
  const auto problem = kOp.make_problem("3x8x8x8:stride_b=65", DType::f32);
  const auto data = testing_support::make_operands(*problem, DataFamily::cancelling, 5);
  const std::vector<std::span<const std::byte>> spans(data.begin(), data.end());
  const Expected expected = problem->expected(spans, DataFamily::cancelling);
  const double relative = (4 * std::sqrt(8.0) + 8) * 0x1p-24;
  for (std::size_t i = 0; i < expected.value.size(); ++i) {
    EXPECT_LT(std::fabs(expected.value[i]), 1e-2 * expected.bound[i] / relative);
  }
}

// NaN and Inf stay in their row and their matrix, in every size that has code of its
// own.
TEST(BatchedMatmulTest, BadElementsSpoilTheirRow) {
  for (const std::size_t n : {4U, 8U, 16U, 32U, 19U}) {
    const std::string text =
        "3x" + std::to_string(n) + "x" + std::to_string(n) + "x" + std::to_string(n);
    const auto problem = kOp.make_problem(text, DType::f32);
    auto data = testing_support::make_operands(*problem, DataFamily::uniform, 1);
    auto a = testing_support::floats_of(data[kA]);
    a[n * n + (n - 1) * n + n / 2] = std::numeric_limits<float>::quiet_NaN();
    data[kA] = bytes_of_floats(a);
    for (const auto& c : outputs_of_all(kOp, text, data)) {
      for (std::size_t i = 0; i < c.size(); ++i) {
        EXPECT_EQ(std::isnan(c[i]), i / n == n + n - 1) << text << ", " << i;
      }
    }
  }
}

enum class Mistake : std::uint8_t {
  none,
  drops_last_step,
  wrong_tail_column,
  stale_accumulator,
  swaps_strides,
  bfloat_inputs,
  half_of_the_matrices,
  first_b_for_all,
  transposed_b,
  adds_to_c,
  writes_the_gap,
  past_the_end,
};

struct Element {
  std::int64_t t;
  std::int64_t i;
  std::int64_t j;
};

template <Mistake kMistake>
float sum_of(const Params& p, const float* a, const float* b, const Element& at,
             float sum) {
  const bool swaps = kMistake == Mistake::swaps_strides;
  a += at.t * (swaps ? p.stride_b : p.stride_a);
  b += kMistake == Mistake::first_b_for_all ? 0 : at.t * p.stride_b;
  const std::int64_t depth = kMistake == Mistake::drops_last_step ? p.k - 1 : p.k;
  const std::int64_t j =
      kMistake == Mistake::wrong_tail_column && at.j + 1 == p.n ? at.j - 1 : at.j;
  for (std::int64_t l = 0; l < depth; ++l) {
    float left = a[at.i * p.k + l];
    float right = kMistake == Mistake::transposed_b ? b[j * p.k + l] : b[l * p.n + j];
    if (kMistake == Mistake::bfloat_inputs) {
      left = testing_support::to_bfloat(left);
      right = testing_support::to_bfloat(right);
    }
    sum += left * right;
  }
  return sum;
}

template <Mistake kMistake>
void mutant(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  const auto* const a = context.bindings[kA].as<const float>();
  const auto* const b = context.bindings[kB].as<const float>();
  auto* const c = context.bindings[kC].as<float>();
  float kept = 0;
  const std::int64_t count =
      kMistake == Mistake::half_of_the_matrices ? p.count / 2 : p.count;
  for (std::int64_t t = 0; t < count; ++t) {
    for (std::int64_t i = 0; i < p.m; ++i) {
      for (std::int64_t j = 0; j < p.n; ++j) {
        float& to = c[t * p.stride_c + i * p.n + j];
        float begin = kMistake == Mistake::adds_to_c ? to : 0;
        if (kMistake == Mistake::stale_accumulator && i == 1 && j == 1) begin = kept;
        to = kept = sum_of<kMistake>(p, a, b, {t, i, j}, begin);
      }
    }
    if (kMistake == Mistake::writes_the_gap) c[t * p.stride_c + p.m * p.n] = 0;
  }
  if (kMistake == Mistake::past_the_end) {
    c[(p.count - 1) * p.stride_c + p.m * p.n] = 0;
  }
}

template <Mistake kMistake>
testing::AssertionResult is_rejected(std::initializer_list<DataFamily> families) {
  return testing_support::rejected(
      kOp, testing_support::mutant<Params, params_of, mutant<kMistake>>(),
      {"5x4x4x4:stride_a=18:stride_b=17:stride_c=20",
       "3x9x7x11:stride_a=101:stride_b=77:stride_c=64"},
      families);
}

TEST(BatchedMatmulMutantsTest, AreRejected) {
  const auto all = {DataFamily::integers, DataFamily::uniform, DataFamily::positive};
  EXPECT_FALSE(is_rejected<Mistake::none>(all));
  EXPECT_TRUE(is_rejected<Mistake::drops_last_step>(all));
  EXPECT_TRUE(is_rejected<Mistake::wrong_tail_column>(all));
  EXPECT_TRUE(is_rejected<Mistake::stale_accumulator>(all));
  EXPECT_TRUE(is_rejected<Mistake::swaps_strides>(all));
  // Small integers are bfloat16 numbers.
  EXPECT_TRUE(
      is_rejected<Mistake::bfloat_inputs>({DataFamily::uniform, DataFamily::positive}));
  EXPECT_TRUE(is_rejected<Mistake::half_of_the_matrices>(all));
  EXPECT_TRUE(is_rejected<Mistake::first_b_for_all>(all));
  EXPECT_TRUE(is_rejected<Mistake::transposed_b>(all));
  EXPECT_TRUE(is_rejected<Mistake::adds_to_c>(all));
  EXPECT_TRUE(is_rejected<Mistake::writes_the_gap>(all));
  EXPECT_TRUE(is_rejected<Mistake::past_the_end>(all));
}

}  // namespace
}  // namespace assay::batched_matmul
