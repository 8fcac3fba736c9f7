// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "backends/interface/status.h"
#include "kernels/matmul/matmul.h"
#include "kernels/matmul/problem.h"
#include "kernels/ops.h"
#include "tests/support/status_checks.h"

namespace assay::matmul {
namespace {

TEST(MatmulParamsTest, DefaultsAreTight) {
  const Params p = parse_params("64x31x7");
  EXPECT_EQ(p.m, 64);
  EXPECT_EQ(p.n, 31);
  EXPECT_EQ(p.k, 7);
  EXPECT_FALSE(p.transpose_a);
  EXPECT_FALSE(p.transpose_b);
  EXPECT_EQ(p.alpha, 1.0F);
  EXPECT_EQ(p.beta, 0.0F);
  EXPECT_EQ(p.lda, 7);
  EXPECT_EQ(p.ldb, 31);
  EXPECT_EQ(p.ldc, 31);
}

TEST(MatmulParamsTest, TransposesSwapStoredExtents) {
  const Params p = parse_params("64x31x7:tt");
  EXPECT_EQ(p.a_rows(), 7);
  EXPECT_EQ(p.lda, 64);
  EXPECT_EQ(p.b_rows(), 31);
  EXPECT_EQ(p.ldb, 7);
}

TEST(MatmulParamsTest, CanonicalTextParsesBack) {
  for (const char* const text :
       {"1x1x1", "0x0x0", "64x31x7:nt", "64x31x7:tn:beta=1:ldc=40",
        "5x6x7:tt:alpha=-0.5:beta=0.1:lda=9:ldb=10:ldc=11", "2147483647x0x0",
        "3x3x3:alpha=1e-40"}) {
    EXPECT_EQ(to_string(parse_params(text)), text);
  }
  // Not canonical: what is the default already, any order, other spellings of a number.
  EXPECT_EQ(to_string(parse_params("4x4x4:ldb=4:beta=0.50:nn:alpha=1")),
            "4x4x4:beta=0.5");
  EXPECT_EQ(to_string(parse_params("4x4x4:beta=-0")), "4x4x4");
}

TEST(MatmulParamsTest, RefusesEverythingElse) {
  for (const char* const text : {"",
                                 "x",
                                 "xx",
                                 "4",
                                 "4x4",
                                 "4x4x4x4",
                                 "4x4x",
                                 "x4x4",
                                 "4xx4",
                                 "-4x4x4",
                                 "4x-1x4",
                                 "+4x4x4",
                                 " 4x4x4",
                                 "4x4x4 ",
                                 "4 x4x4",
                                 "0x10x4x4",
                                 "4.0x4x4",
                                 "4e1x4x4",
                                 "4x4x4:",
                                 "4x4x4::nn",
                                 "4x4x4:xx",
                                 "4x4x4:nn:nn",
                                 "4x4x4:n",
                                 "4x4x4:alpha",
                                 "4x4x4:alpha=",
                                 "4x4x4:alpha=x",
                                 "4x4x4:alpha=1:alpha=1",
                                 "4x4x4:alpha=nan",
                                 "4x4x4:beta=inf",
                                 "4x4x4:alpha=1e99",
                                 "4x4x4:gamma=1",
                                 "4x4x4:lda=",
                                 "4x4x4:lda=3",
                                 "4x4x4:lda=-4",
                                 "4x4x4:ldb=0",
                                 "4x0x4:ldb=0",
                                 "4x4x4:ldc=3",
                                 "2147483648x1x1",
                                 "1x99999999999999999999x1",
                                 "4x4x4:lda=2147483648",
                                 "2147483647x2147483647x1",
                                 "1x2147483647x2147483647",
                                 "2147483647x1x1:ldc=2147483647",
                                 "\xff"}) {
    EXPECT_THROW(parse_params(text), Error) << text;
    try {
      parse_params(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), StatusCode::invalid_argument) << text;
      EXPECT_NE(std::string(error.what()).find("MxNxK"), std::string::npos);
    }
  }
}

TEST(MatmulParamsTest, ElementsLeaveOutTheLastGap) {
  const Params p = parse_params("3x4x5:lda=8:ldb=9:ldc=10");
  EXPECT_EQ(a_elements(p), 2 * 8 + 5);
  EXPECT_EQ(b_elements(p), 4 * 9 + 4);
  EXPECT_EQ(c_elements(p), 2 * 10 + 4);
  const Params none = parse_params("3x0x5:ldb=9");
  EXPECT_EQ(a_elements(none), 15);
  EXPECT_EQ(b_elements(none), 0);
  EXPECT_EQ(c_elements(none), 0);
}

TEST(MatmulOpTest, IsListed) {
  const Op* const op = find_op("matmul");
  ASSERT_EQ(op, &kOp);
  EXPECT_EQ(op->shape_of_size(512), "512x512x512");
  EXPECT_EQ(find_op("matmul "), nullptr);
  for (const char* const name :
       {"reference", "naive", "tiled", "packed", "openblas", "openblas-serial"}) {
    EXPECT_NE(find_implementation(*op, name), nullptr) << name;
  }
  EXPECT_EQ(find_implementation(*op, "fast"), nullptr);
}

TEST(MatmulOpTest, IsNamedAmongThoseOfAProvider) {
  EXPECT_EQ(&named_implementation(kOp, "packed", {Provider::custom}),
            find_implementation(kOp, "packed"));
  EXPECT_EQ(testing_support::thrown_code(
                [] { named_implementation(kOp, "packed", {Provider::library}); }),
            StatusCode::invalid_argument);
}

TEST(MatmulOpTest, ProblemCountsItsWork) {
  const auto problem = kOp.make_problem("3x4x5:beta=1", DType::f32);
  EXPECT_EQ(problem->shape(), "3x4x5:beta=1");
  EXPECT_EQ(problem->flops(), 120.0);
  EXPECT_EQ(problem->compulsory_bytes(), 4.0 * (15 + 20 + 2 * 12));
  EXPECT_EQ(problem->operands()[kC].access, Access::read_write);
  EXPECT_EQ(kOp.make_problem("3x4x5", DType::f32)->operands()[kC].access,
            Access::write);
}

TEST(MatmulOpTest, ExactOnIntegersKnowsItsLimit) {
  EXPECT_TRUE(exact_on_integers(parse_params("9x9x8192:alpha=-16:beta=0.25")));
  EXPECT_FALSE(exact_on_integers(parse_params("9x9x9:alpha=0.1")));
  EXPECT_FALSE(exact_on_integers(parse_params("9x9x9:beta=0.125")));
  EXPECT_FALSE(exact_on_integers(parse_params("1x1x2000000")));
}

}  // namespace
}  // namespace assay::matmul
