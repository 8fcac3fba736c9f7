// SPDX-License-Identifier: MIT
// The numeric gates of the vector and row ops: every implementation of ours, on every
// device, for each ISA it is compiled for; then the same bits from run to run and for
// any number of compute units.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <ostream>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/ops.h"
#include "tests/kernels/matmul_harness.h"

namespace assay {
namespace {

using testing_support::NumericGate;

// Sizes around every vector, register block and part; the last of each op is cut up for
// several units.
struct Gated {
  const char* op;
  std::vector<const char*> shapes;
};
// Odd sums, whose last step has no partner in a pair; tiles and panels that are not
// whole; all transposes, gaps and scales; sums over several blocks; few rows.
const std::vector<const char*> kNarrowProducts = {
    "0x5x7",
    "5x0x7",
    "5x7x0:beta=-0.5",
    "5x7x3:alpha=0:beta=0.5:ldc=8",
    "1x1x1",
    "1x1x2:beta=2",
    "3x5x1:nt",
    "5x3x7:tn:lda=6:alpha=-0.5",
    "7x9x5:tt:ldb=8:ldc=11",
    "14x32x64",
    "15x33x65:beta=1:ldc=36",
    "13x31x63:nt:lda=67",
    "29x70x17:tn:ldb=75",
    "28x64x33:tt",
    "1x300x65:ldb=301",
    "2x129x31:tn:lda=3:beta=1",
    "3x260x18:alpha=-0.5:ldc=262",
    "5x167x41:beta=-0.5",
    "8x199x20:lda=23",
    "300x1x65",
    "70x1x131:nt:beta=2",
    "5x7x1000",
    "3x33x8191:nt:alpha=-0.5",
    "9x40x2049:tt:beta=1",
    "65x257x127",
    "29x64x70:lda=71:ldb=65:alpha=-0.5",
    "27x45x1031:beta=2:ldc=47",
    "63x97x1025:tn:ldc=99",
};

const Gated kGated[] = {
    {"axpy",
     {"0", "1", "3", "4", "15", "16", "17", "63", "64", "65", "129:alpha=-0.5",
      "1000:alpha=0.3", "1023:alpha=0", "131073:alpha=-1.5"}},
    {"softmax",
     {"0x0",  "0x7",   "7x0",   "1x1",   "9x1",    "5x3",    "4x4",    "3x7",
      "2x8",  "3x15",  "3x16",  "3x17",  "2x31",   "2x32",   "2x33",   "3x64",
      "3x65", "2x127", "2x128", "2x129", "1x1000", "3x4099", "127x301"}},
    {"layernorm",
     {"0x0", "0x7", "7x0", "1x1", "9x1", "5x3", "4x4", "3x7", "2x8", "3x15", "3x16",
      "3x17", "2x31", "2x32", "2x33", "3x64:eps=1", "3x65", "2x127", "2x128", "2x129",
      "1x1000", "3x4099",
      // Several rows in a vector.
      "37x1", "31x2", "1x3", "23x3", "17x4", "7x5", "29x6", "5x7", "33x8", "6151x5",
      // Several rows at a time, whose count is no multiple of four.
      "4101x13", "2055x33", "1021x79", "523x126", "127x301"}},
    {"reduce", {"0",     "0:dot",     "0:max",     "1",      "1:dot",     "1:max",
                "3:dot", "15:max",    "16",        "17:dot", "63:max",    "64:dot",
                "65",    "127:dot",   "128:max",   "129",    "1000:dot",  "65535:max",
                "65536", "65537:dot", "65537:max", "131073", "200000:dot"}},
    {"transpose", {"257x257",   "1023x33",
                   "100x3",     "3x100",
                   "65x2",      "2x65",
                   "0x0",       "0x7",
                   "7x0",       "1x1",
                   "1x9",       "9x1",
                   "3x5",       "4x4",
                   "5x4:lda=6", "8x8",
                   "15x16",     "16x15:ldb=19",
                   "16x16",     "17x16:lda=16",
                   "16x17",     "31x33:lda=40:ldb=32",
                   "64x64",     "65x63:lda=64:ldb=80",
                   "127x130",   "128x32:ldb=131",
                   "7x21",      "22x6",
                   "10x13",     "29x27:lda=512",
                   "36x100",    "100x36",
                   "193x301"}},
    {"batched_matmul",
     {"0x4x4x4",
      "3x0x4x4",
      "3x4x0x4",
      "3x4x4x0",
      "1x1x1x1",
      "9x4x4x4",
      "5x8x8x8:stride_a=67:stride_b=64:stride_c=70",
      "3x16x16x16:stride_c=257",
      "3x32x32x32:stride_a=1030",
      "4x3x5x7:stride_a=22:stride_b=40:stride_c=16",
      "3x4x4x5",
      "2x8x9x8",
      "2x16x16x15",
      "2x15x17x16",
      "2x31x33x9",
      "2x5x47x6",
      "2x9x48x4",
      "2x29x63x3",
      "401x8x8x8",
      "61x17x19x23:stride_a=400"}},
    {"mlp",
     {"0x3x4x5", "3x0x4x5", "3x4x0x5", "3x4x5x0", "1x1x1x1", "2x3x4x5", "5x16x32x16",
      "15x7x33x47", "29x65x31x17", "1x200x97x3", "32x64x128x64", "16x512x1024x8",
      "67x97x203x70"}},
    {"conv2d",
     {"0x3x3x2x4x1x1", "1x3x4x0x5x2x2:bias", "2x3x3x2x0x1x1", "1x1x1x1x1x1x1",
      "1x5x7x3x5x3x3:pad=1", "2x6x5x4x33x3x2:stride=2:pad=1:bias:relu",
      "1x9x5x17x15x1x1:relu", "3x4x5x16x48x1x1:stride=2:bias",
      "1x8x11x1x7x7x7:stride=2:pad=3", "1x4x5x70x65x3x3:pad=1:bias:relu",
      "2x5x9x44x35x3x3:pad=1:bias:relu", "3x7x15x67x17x4x2:stride=2:pad=1:bias:relu",
      "2x3x8x130x33x1x3", "1x3x3x1024x34x1x1:bias", "1x1x31x600x3x1x1:bias:relu",
      // Two panels at once.
      "1x9x11x24x70x1x1:bias:relu", "2x7x9x16x128x3x3:pad=1:bias", "1x12x13x200x64x1x1",
      "1x23x29x24x40x3x3:pad=1:relu", "2x19x23x48x40x3x3:pad=1:relu"}},
    // Strips of fused are 1024 columns wide.
    {"gaussian",
     {"0x7", "7x0", "3x5:planes=0", "1x1", "1x1:radius=4", "1x9:radius=3",
      "9x1:planes=2:radius=4", "2x3:radius=4", "4x4:radius=1", "5x15:sigma=0.6",
      "6x16:planes=2:radius=1", "7x17:planes=3", "8x31:radius=3", "3x33:radius=4",
      "3x1024", "5x1025:radius=4", "4x1026:radius=3", "3x2061:planes=2",
      "67x251:planes=2:radius=4"}},
    {"matmul_bf16", kNarrowProducts},
    {"matmul_f16", kNarrowProducts},
};

struct Subject {
  const Gated* gated;
  const Implementation* implementation;
};

std::vector<Subject> subjects() {
  std::vector<Subject> list;
  for (const Gated& gated : kGated) {
    for (const Implementation* const row :
         testing_support::custom_implementations(*find_op(gated.op))) {
      list.push_back({&gated, row});
    }
  }
  return list;
}

std::string subject_name(const testing::TestParamInfo<Subject>& info) {
  return std::string(info.param.gated->op) + "_" +
         std::string(info.param.implementation->name);
}

void PrintTo(const Subject& subject, std::ostream* out) {
  *out << subject.gated->op << " " << subject.implementation->name;
}

class OpsGatesTest : public testing::TestWithParam<Subject> {
 protected:
  const Op& op() const { return *find_op(GetParam().gated->op); }
};

TEST_P(OpsGatesTest, EveryShapeFamilyIsaAndDevice) {
  std::uint64_t seed = 0;
  for (const char* const shape : GetParam().gated->shapes) {
    for (const DataFamily family : kAllDataFamilies) {
      const NumericGate gate(op(), shape, family, ++seed);
      for (const Isa isa :
           testing_support::isas_of(*GetParam().implementation, gate.problem())) {
        const testing_support::IsaOverride override_isa(isa);
        // The ISAs take turns on the devices: nothing depends on both.
        const std::size_t turn = (seed + static_cast<std::size_t>(isa)) %
                                 std::size(testing_support::kDeviceUris);
        Device* const device =
            testing_support::device_or_skip(testing_support::kDeviceUris[turn]);
        EXPECT_TRUE(gate.accepts(*device, *GetParam().implementation))
            << "isa " << to_string(isa) << ", seed " << seed;
      }
    }
  }
}

// The bits of three runs on devices of any number of units.
void expect_same_bits(const Implementation& implementation, const Problem& problem,
                      const testing_support::Operands& operands, const char* shape,
                      Isa isa) {
  const testing_support::IsaOverride override_isa(isa);
  std::vector<float> first;
  for (const char* const uri :
       {"inline://", "vgpu://?cus=1&executor=std", "vgpu://?cus=2",
        "vgpu://?cus=3&executor=std", "vgpu://?cus=8"}) {
    Device* const device = testing_support::device_or_skip(uri);
    if (device == nullptr) continue;
    for (int run = 0; run < 3; ++run) {
      const auto outcome =
          testing_support::run_once(*device, implementation, problem, operands);
      if (first.empty()) first = outcome.output;
      ASSERT_EQ(outcome.output.size(), first.size());
      // memcmp() takes no null pointer, and nothing is equal to nothing.
      if (first.empty()) continue;
      ASSERT_EQ(std::memcmp(outcome.output.data(), first.data(),
                            first.size() * sizeof(float)),
                0)
          << shape << " on " << uri << ", isa " << to_string(isa) << " ("
          << outcome.configuration << ")";
    }
  }
}

TEST_P(OpsGatesTest, SameBitsEverywhere) {
  for (const char* const shape : GetParam().gated->shapes) {
    const auto problem = op().make_problem(shape, DType::f32);
    const auto operands =
        testing_support::make_operands(*problem, DataFamily::uniform, 99);
    for (const Isa isa :
         testing_support::isas_of(*GetParam().implementation, *problem)) {
      expect_same_bits(*GetParam().implementation, *problem, operands, shape, isa);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, OpsGatesTest, testing::ValuesIn(subjects()),
                         subject_name);

// A first step need not be compiled for an ISA; all others say which they were.
TEST(OpsGatesTableTest, AllButTheFirstStepsRunOnEveryIsa) {
  for (const Op* const op : all_ops()) {
    const auto problem = op->make_problem(op->shape_of_size(8), DType::f32);
    for (const Implementation* const row :
         testing_support::custom_implementations(*op)) {
      if (row->name == "naive") continue;
      EXPECT_EQ(testing_support::isas_of(*row, *problem).size(),
                available_isas().size())
          << op->name() << " " << row->name;
    }
  }
}

// Storage is the op's own; what is computed in is asked for, and is f32 alone so far.
TEST(OpsGatesTableTest, NoOpTakesAnotherType) {
  for (const Op* const op : all_ops()) {
    for (const DType type : {DType::bf16, DType::f16}) {
      try {
        (void)op->make_problem(op->shape_of_size(8), type);
        ADD_FAILURE() << op->name() << " took " << to_string(type);
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), StatusCode::not_supported);
        EXPECT_EQ(error.what(), std::string(op->name()) + " has no type " +
                                    std::string(to_string(type)));
      }
    }
  }
}

// A new op that nobody gates would be measured and never checked here.
TEST(OpsGatesTableTest, EveryOpIsGated) {
  for (const Op* const op : all_ops()) {
    const bool here = std::any_of(std::begin(kGated), std::end(kGated),
                                  [&](const Gated& g) { return op->name() == g.op; });
    // matmul has gates of its own.
    EXPECT_TRUE(here || op->name() == "matmul") << op->name();
  }
}

}  // namespace
}  // namespace assay
