// SPDX-License-Identifier: MIT
// The oracle against results worked out by hand, and the data it is given.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/matmul/matmul.h"
#include "kernels/matmul/problem.h"
#include "tests/kernels/matmul_harness.h"

namespace assay::matmul {
namespace {

using testing_support::floats_of;

// A = 1 2 3    B = 7  8    A B = 58  64
//     4 5 6        9 10         139 154
//                 11 12
TEST(MatmulOracleTest, MultipliesByHand) {
  const std::vector<float> a = {1, 2, 3, 4, 5, 6};
  const std::vector<float> b = {7, 8, 9, 10, 11, 12};
  const OracleResult result =
      reference(parse_params("2x2x3"), {a.data(), b.data(), nullptr});
  EXPECT_EQ(result.value, (std::vector<double>{58, 64, 139, 154}));
  EXPECT_EQ(result.magnitude, result.value);
}

TEST(MatmulOracleTest, TransposesStridesAndScales) {
  // The same A and B, stored transposed with gaps of 99, and C = 1 1 / 1 -1.
  const std::vector<float> a = {1, 4, 99, 2, 5, 99, 3, 6};
  const std::vector<float> b = {7, 9, 11, 99, 8, 10, 12};
  std::vector<float> c = {1, 1, 99, 1, -1};
  const OracleResult result =
      reference(parse_params("2x2x3:tt:alpha=-2:beta=3:lda=3:ldb=4:ldc=3"),
                {a.data(), b.data(), c.data()});
  EXPECT_EQ(result.value,
            (std::vector<double>{-116 + 3, -128 + 3, -278 + 3, -308 - 3}));
  EXPECT_EQ(result.magnitude, (std::vector<double>{119, 131, 281, 311}));
}

TEST(MatmulOracleTest, MagnitudeDoesNotCancel) {
  const std::vector<float> a = {1, -1};
  const std::vector<float> b = {5, 5};
  const OracleResult result =
      reference(parse_params("1x1x2"), {a.data(), b.data(), nullptr});
  EXPECT_EQ(result.value[0], 0.0);
  EXPECT_EQ(result.magnitude[0], 10.0);
}

TEST(MatmulOracleTest, ZeroScalesReadNothing) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> bad = {nan};
  std::vector<float> c = {4};
  EXPECT_EQ(reference(parse_params("1x1x1:alpha=0:beta=0.5"),
                      {bad.data(), bad.data(), c.data()})
                .value[0],
            2.0);
  c[0] = nan;
  const std::vector<float> two = {2};
  EXPECT_EQ(
      reference(parse_params("1x1x1"), {two.data(), two.data(), c.data()}).value[0],
      4.0);
  c[0] = 3;
  EXPECT_EQ(
      reference(parse_params("1x1x0:beta=2"), {nullptr, nullptr, c.data()}).value[0],
      6.0);
}

TEST(MatmulProblemTest, ExpectedMarksGapsAndBounds) {
  const auto problem = kOp.make_problem("2x2x16:ldc=3", DType::f32);
  const auto operands =
      testing_support::make_operands(*problem, DataFamily::positive, 1);
  const std::vector<std::span<const std::byte>> spans(operands.begin(), operands.end());
  const Expected expected = problem->expected(spans, DataFamily::positive);
  EXPECT_EQ(expected.written, (std::vector<bool>{true, true, false, true, true}));
  // Positive data with alpha 1: the magnitude is the value. (4 * 4 + 8) * 2^-24.
  EXPECT_NEAR(expected.bound[0] / expected.value[0], 24 * 0x1p-24, 1e-12);
  const Expected exact = problem->expected(spans, DataFamily::integers);
  EXPECT_EQ(exact.bound[0], 0.0);
}

// Sums of k terms of 9, in quarters: 36 k is below 2^24 up to here.
TEST(MatmulProblemTest, IntegersAreExactWhileSumsAre) {
  EXPECT_TRUE(exact_on_integers(parse_params("1x1x466033")));
  EXPECT_FALSE(exact_on_integers(parse_params("1x1x466034")));
  EXPECT_FALSE(exact_on_integers(parse_params("1x1x1:alpha=0.3")));
  EXPECT_FALSE(exact_on_integers(parse_params("1x1x1:beta=17")));
}

TEST(MatmulProblemTest, ExpectedRefusesWrongSizes) {
  const auto problem = kOp.make_problem("2x2x2", DType::f32);
  const std::vector<std::byte> bytes(16);
  const std::vector<std::byte> small(12);
  const std::vector<std::span<const std::byte>> two = {bytes, bytes};
  const std::vector<std::span<const std::byte>> wrong = {bytes, small, bytes};
  EXPECT_THROW(problem->expected(two, DataFamily::uniform), Error);
  EXPECT_THROW(problem->expected(wrong, DataFamily::uniform), Error);
}

// Rows are added alike whoever adds them, also where the last band is shorter, has none
// to itself, or there are more threads than rows.
TEST(MatmulOracleTest, BandsOfRowsAreTheWhole) {
  for (const char* const shape :
       {"7x5x9", "7x5x9:tn:lda=11", "8x3x4:nt:alpha=-2:beta=3:ldc=5",
        "5x4x3:tt:beta=0.5", "1x4x3", "0x4x3", "4x0x3", "4x3x0:beta=2"}) {
    const testing_support::NumericGate gate(shape, DataFamily::uniform, 3);
    const auto& p = params_of(gate.problem());
    const std::vector<float> a = floats_of(gate.operands()[kA]);
    const std::vector<float> b = floats_of(gate.operands()[kB]);
    std::vector<float> c = floats_of(gate.operands()[kC]);
    const Arrays arrays = {a.data(), b.data(), c.data()};
    const OracleResult whole = reference(p, arrays);
    for (const unsigned threads : {0U, 1U, 2U, 3U, 4U, 16U}) {
      const OracleResult bands = reference_in_bands(p, arrays, threads);
      EXPECT_EQ(bands.value, whole.value) << shape << ", " << threads;
      EXPECT_EQ(bands.magnitude, whole.magnitude) << shape << ", " << threads;
    }
  }
  EXPECT_EQ(oracle_threads(parse_params("1024x1024x1024")), 1U);
  EXPECT_GE(oracle_threads(parse_params("8192x8192x8192")), 1U);
}

TEST(MatmulProblemTest, FillIsDeterministicAndSeeded) {
  const auto problem = kOp.make_problem("9x8x7:lda=12", DType::f32);
  for (const DataFamily family : kAllDataFamilies) {
    for (std::size_t i = 0; i < 3; ++i) {
      std::vector<std::byte> once(problem->operands()[i].bytes());
      std::vector<std::byte> again(once.size());
      std::vector<std::byte> other(once.size());
      problem->fill(i, family, 5, once);
      problem->fill(i, family, 5, again);
      problem->fill(i, family, 6, other);
      EXPECT_EQ(once, again) << to_string(family);
      EXPECT_NE(once, other) << to_string(family);
      for (const float value : floats_of(once)) EXPECT_TRUE(std::isfinite(value));
    }
  }
  std::vector<std::byte> wrong(4);
  EXPECT_THROW(problem->fill(0, DataFamily::uniform, 1, wrong), Error);
  EXPECT_THROW(problem->fill(3, DataFamily::uniform, 1, wrong), Error);
}

// Results far below the terms they are made of, for every storage of A and B.
TEST(MatmulProblemTest, CancellingDataCancels) {
  for (const char* const shape :
       {"8x8x64", "8x8x64:nt", "8x8x64:tn", "8x8x64:tt:lda=9:ldb=70"}) {
    const testing_support::NumericGate gate(shape, DataFamily::cancelling, 3);
    const auto& p = params_of(gate.problem());
    const std::vector<float> a = floats_of(gate.operands()[kA]);
    const std::vector<float> b = floats_of(gate.operands()[kB]);
    const OracleResult oracle = reference(p, {a.data(), b.data(), nullptr});
    for (std::size_t i = 0; i < oracle.value.size(); ++i) {
      EXPECT_LT(std::fabs(oracle.value[i]), 1e-3 * oracle.magnitude[i]) << shape;
      EXPECT_NE(oracle.value[i], 0.0) << shape;
    }
  }
}

}  // namespace
}  // namespace assay::matmul
