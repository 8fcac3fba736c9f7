// SPDX-License-Identifier: MIT
// Our kernels give the same bits from run to run, for any number of compute units, on
// any executor. (Between ISAs they may differ: only some have fused multiply-adds.)
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/matmul/matmul.h"
#include "tests/kernels/matmul_harness.h"
#include "tests/support/patience.h"

namespace assay {
namespace {

class MatmulReproducibilityTest : public testing::TestWithParam<const Implementation*> {
};

TEST_P(MatmulReproducibilityTest, SameBitsEverywhere) {
  // Sanitizers look at what a run does, and bits are compared in release.
  constexpr int kRuns = testing_support::kSlowdown > 1 ? 2 : 20;
  // Several blocks of the sum, uneven rows and columns, enough work to be cut up.
  for (const char* const shape : {"61x97x530", "97x61x530:tt:alpha=0.3:beta=0.7"}) {
    const auto problem = matmul::kOp.make_problem(shape, DType::f32);
    const auto operands =
        testing_support::make_operands(*problem, DataFamily::uniform, 99);
    for (const Isa isa : testing_support::isas_of(*GetParam(), *problem)) {
      const testing_support::IsaOverride override_isa(isa);
      const std::vector<float> first =
          testing_support::run_once(*testing_support::device_or_skip("inline://"),
                                    *GetParam(), *problem, operands)
              .output;
      for (const char* const executor : {"tbb", "std"}) {
        for (const int units : {1, 2, 3, 4, 8}) {
          const std::string uri =
              "vgpu://?cus=" + std::to_string(units) + "&executor=" + executor;
          Device* const device = testing_support::device_or_skip(uri);
          if (device == nullptr) break;
          for (int run = 0; run < kRuns; ++run) {
            const auto outcome =
                testing_support::run_once(*device, *GetParam(), *problem, operands);
            ASSERT_TRUE(testing_support::same_bits(outcome.output, first))
                << shape << " on " << uri << ", isa " << to_string(isa) << ", run "
                << run << " (" << outcome.configuration << ")";
          }
        }
      }
    }
  }
}

std::string implementation_name(
    const testing::TestParamInfo<const Implementation*>& info) {
  return std::string(info.param->name);
}

INSTANTIATE_TEST_SUITE_P(All, MatmulReproducibilityTest,
                         testing::ValuesIn(testing_support::matmul_contestants()),
                         implementation_name);

}  // namespace
}  // namespace assay
