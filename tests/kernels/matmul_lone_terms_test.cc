// SPDX-License-Identifier: MIT
// Inputs that leave each sum one term: the answer is the oracle's, and bits that were
// cut off show.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "kernels/common/op.h"
#include "kernels/ops.h"

namespace assay {
namespace {

struct Lone {
  Lone(const std::string& op, const std::string& shape)
      : problem(find_op(op)->make_problem(shape, DType::f32)) {
    for (std::size_t i = 0; i < problem->operands().size(); ++i) {
      operands.emplace_back(problem->operands()[i].bytes());
      if (i == problem->output()) {
        problem->fill(i, DataFamily::uniform, 1, operands[i]);
      } else {
        filled = problem->fill_lone(i, 1, operands[i]) && filled;
      }
    }
    before.resize(problem->operands()[problem->output()].elements);
    std::memcpy(before.data(), operands[problem->output()].data(),
                before.size() * sizeof(float));
  }
  Expected oracle() const {
    const std::vector<std::span<const std::byte>> spans(operands.begin(),
                                                        operands.end());
    return problem->expected(spans, DataFamily::uniform);
  }
  // What a kernel without an error would return.
  std::vector<float> right() const {
    const Expected expected = oracle();
    std::vector<float> result = before;
    for (std::size_t i = 0; i < result.size(); ++i) {
      if (expected.written[i]) result[i] = static_cast<float>(expected.value[i]);
    }
    return result;
  }

  std::unique_ptr<Problem> problem;
  std::vector<std::vector<std::byte>> operands;
  std::vector<float> before;
  bool filled = true;
};

class LoneTermsTest : public testing::TestWithParam<std::string> {};

TEST_P(LoneTermsTest, TheAnswerIsTheOracles) {
  for (const char* shape :
       {"1x1x1", "5x7x300", "5x7x33:tn:lda=9", "6x4x33:nt:ldb=40:ldc=9",
        "3x8x65:tt:alpha=-2:beta=0.5:ldc=11"}) {
    SCOPED_TRACE(shape);
    const Lone lone(GetParam(), shape);
    ASSERT_TRUE(lone.filled);
    std::vector<float> result = lone.right();
    const CheckResult check = lone.problem->check_lone(1, result, lone.before);
    EXPECT_TRUE(check.ok) << check.detail;
    // Half a unit in the last place and no more: the two know the same numbers.
    EXPECT_LT(check.worst, 0.2);
    // Wherever it is, an error is seen.
    for (const std::size_t at : {std::size_t{0}, result.size() - 1}) {
      const float old = result[at];
      result[at] += std::fabs(old) * 0x1p-11F;
      EXPECT_FALSE(lone.problem->check_lone(1, result, lone.before).ok) << at;
      result[at] = old;
    }
  }
}

TEST_P(LoneTermsTest, ThereAreNoneWhereNothingIsMultiplied) {
  EXPECT_FALSE(Lone(GetParam(), "4x4x4:alpha=0:beta=1").filled);
  EXPECT_FALSE(Lone(GetParam(), "4x4x0:beta=1").filled);
}

INSTANTIATE_TEST_SUITE_P(Ops, LoneTermsTest,
                         testing::Values("matmul", "matmul_bf16", "matmul_f16"),
                         [](const auto& info) { return info.param; });

// A product that is off by one part in 4096, as TF32's is, at a depth where a sum of
// random terms hides it.
TEST(LoneTermsDepthTest, CutMantissasShowAtAnyDepth) {
  const Lone lone("matmul", "8x8x65536");
  std::vector<float> result = lone.right();
  for (float& x : result) {
    x = std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) & ~std::uint32_t{0x1fff});
  }
  const CheckResult check = lone.problem->check_lone(1, result, lone.before);
  EXPECT_FALSE(check.ok);
  EXPECT_GT(check.worst, 4);
}

}  // namespace
}  // namespace assay
