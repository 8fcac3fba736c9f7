// SPDX-License-Identifier: MIT
// The library rows of the vector and row ops pass the gates that ours pass: the
// operands of each call are in their places, and what is compared is the same
// computation.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/ops.h"
#include "tests/kernels/matmul_harness.h"
#include "tests/kernels/vendor/installed.h"

namespace assay {
namespace {

using testing_support::NumericGate;

struct Called {
  const char* op;
  const char* implementation;
  std::vector<const char*> shapes;
};

void PrintTo(const Called& called, std::ostream* out) {
  *out << called.op << " " << called.implementation;
}

class OpsLibrariesTest : public testing::TestWithParam<Called> {};

// OpenBLAS 0.3.21 does not on its AVX-512 cores.
bool adds_rightly(const Implementation& row, const vendor::Library& library) {
  const auto problem = find_op("reduce")->make_problem("8", DType::f32);
  try {
    row.prepare({testing_support::device_or_skip("inline://"), &library}, *problem);
    return true;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("adds wrongly"), std::string::npos);
    return false;
  }
}

TEST_P(OpsLibrariesTest, PassTheGates) {
  const Op& op = *find_op(GetParam().op);
  const Implementation& row = *find_implementation(op, GetParam().implementation);
  const auto library = vendor::load_known(row.library);
  if (library == nullptr) GTEST_SKIP() << vendor::skip_reason(row.library);
  if (row.library == "onednn" && library->identity().flavour != "oneDNN") {
    GTEST_SKIP() << "built without oneDNN";
  }
  // OpenMP's threads are not instrumented, so a race of ours could not be told from
  // theirs: one thread there.
  const char* const uri =
      row.library == "onednn" ? "vgpu://?cus=1" : "vgpu://?cus=2&executor=std";
  for (const char* const shape : GetParam().shapes) {
    // Refused where it adds wrongly, and then nothing is compared with it.
    if (op.name() == "reduce" && !std::string(shape).ends_with(":dot") &&
        !adds_rightly(row, *library)) {
      continue;
    }
    for (const DataFamily family : {DataFamily::integers, DataFamily::uniform}) {
      EXPECT_TRUE(
          NumericGate(op, shape, family, 3)
              .accepts(*testing_support::device_or_skip(uri), row, library.get()));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, OpsLibrariesTest,
    testing::Values(
        Called{"axpy", "openblas", {"0", "17:alpha=-0.5", "70001", "5:alpha=0"}},
        Called{"axpy", "openblas-serial", {"0", "17:alpha=3", "140001"}},
        Called{"batched_matmul",
               "openblas",
               {"0x4x4x4", "2x3x4x0", "3x4x5x6:stride_a=25:stride_b=31:stride_c=21"}},
        Called{"batched_matmul",
               "openblas-serial",
               {"2x3x0x4", "2x3x4x0", "601x7x8x9:stride_b=80"}},
        Called{"reduce", "openblas", {"0", "17", "17:dot", "70001", "70001:dot"}},
        Called{"reduce", "openblas-serial", {"17", "17:dot", "140001", "140001:dot"}},
        Called{"transpose", "openblas", {"0x3", "3x5", "17x33:lda=40:ldb=19"}},
        Called{"transpose", "openblas-serial", {"3x5", "129x301:lda=310:ldb=130"}},
        Called{"mlp", "openblas", {"0x3x4x5", "3x0x4x5", "3x4x0x5", "5x17x33x19"}},
        Called{"mlp", "openblas-serial", {"3x0x4x5", "3x4x0x5", "33x70x130x67"}},
        Called{"mlp", "onednn", {"1x1x1x1", "5x17x33x19", "32x64x128x48"}},
        Called{"conv2d",
               "openblas",
               {"0x3x3x2x4x1x1", "1x3x4x0x5x2x2:bias", "2x9x7x5x19x3x3:pad=1",
                "1x5x6x8x9x1x1:bias:relu"}},
        Called{"conv2d",
               "openblas-serial",
               {"1x3x4x0x5x2x2:bias", "2x9x7x5x19x3x2:stride=2:pad=1:bias:relu",
                "1x5x5x40x130x3x3:pad=1", "1x20x21x16x33x1x1:relu"}},
        Called{"conv2d",
               "onednn",
               {"1x1x1x1x1x1x1", "2x9x8x5x19x3x2:stride=2:pad=1:bias:relu",
                "1x14x13x16x32x3x3:pad=1", "1x7x7x64x48x1x1:bias",
                "1x12x12x3x16x7x7:stride=2:pad=3"}},
        Called{"matmul_bf16",
               "onednn",
               {"1x1x1", "17x33x65:nt:lda=70", "40x70x131:tn:ldb=75:ldc=73",
                "64x64x63:tt"}},
        Called{"softmax", "onednn", {"1x1", "5x17", "7x1000"}},
        Called{"layernorm", "onednn", {"1x1", "5x17:eps=0.5", "7x1000"}}),
    [](const auto& info) {
      std::string name = std::string(info.param.op) + "_" + info.param.implementation;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

// What an op cannot ask of a library is refused with a reason, before anything runs.
TEST(OpsLibrariesRefusalTest, SayWhy) {
  const auto library = vendor::load_known("openblas");
  if (library == nullptr) GTEST_SKIP() << vendor::skip_reason("openblas");
  Device* const device = testing_support::device_or_skip("inline://");
  const auto code_of = [&](const char* op, const char* row, const char* shape,
                           const vendor::Library* with) {
    const auto problem = find_op(op)->make_problem(shape, DType::f32);
    try {
      find_implementation(*find_op(op), row)->prepare({device, with}, *problem);
    } catch (const Error& error) {
      return error.code();
    }
    return StatusCode::ok;
  };
  EXPECT_EQ(code_of("axpy", "openblas", "8", library.get()), StatusCode::ok);
  EXPECT_EQ(code_of("axpy", "openblas", "8", nullptr), StatusCode::failed_precondition);
  EXPECT_EQ(code_of("axpy", "openblas-serial", "8", library.get()),
            StatusCode::not_supported);
  EXPECT_EQ(code_of("reduce", "openblas", "8:max", library.get()),
            StatusCode::not_supported);
  EXPECT_EQ(code_of("softmax", "onednn", "2x2", library.get()),
            StatusCode::not_supported);
}

}  // namespace
}  // namespace assay
