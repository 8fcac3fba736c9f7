// SPDX-License-Identifier: MIT
// The numeric gates: every implementation of ours, on every device, for each ISA it is
// compiled for. Integer data is compared at 0 ULP, the rest within the derived bound;
// outputs start as poison, and guard pads around each operand must survive.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "kernels/common/random_fill.h"
#include "kernels/ops.h"
#include "tests/kernels/matmul_harness.h"

namespace assay {
namespace {

using testing_support::isas_of;
using testing_support::NumericGate;

using Subject = std::tuple<const Implementation*, std::string>;

class MatmulNumericTest : public testing::TestWithParam<Subject> {
 protected:
  void SetUp() override {
    device_ = testing_support::device_or_skip(std::get<1>(GetParam()));
  }
  // Every family that `families` names, on every ISA of this machine.
  void expect_right(const std::string& shape,
                    std::span<const DataFamily> families = kAllDataFamilies) {
    for (const DataFamily family : families) {
      const NumericGate gate(shape, family, ++seed_);
      for (const Isa isa : isas_of(*std::get<0>(GetParam()), gate.problem())) {
        const testing_support::IsaOverride override_isa(isa);
        EXPECT_TRUE(gate.accepts(*device_, *std::get<0>(GetParam())))
            << "isa " << to_string(isa) << ", seed " << seed_;
      }
    }
  }

  Device* device_ = nullptr;
  std::uint64_t seed_ = 0;
};

// Sizes around every vector width, register tile and unrolling, with all transposes,
// gaps and scales: drawn with a fixed seed, since all of 67^3 would take hours.
TEST_P(MatmulNumericTest, SmallShapesOfEveryKind) {
  constexpr const char* kTransposes[] = {"nn", "nt", "tn", "tt"};
  constexpr const char* kAlphas[] = {"1", "1", "-0.5", "2", "0", "-1"};
  constexpr const char* kBetas[] = {"0", "0", "1", "-0.5", "3"};
  for (std::uint64_t draw = 0; draw < 150; ++draw) {
    const auto pick = [&](std::uint64_t what, std::uint64_t count) {
      return random_bits(2024, what, draw) % count;
    };
    const std::uint64_t m = 1 + pick(0, 67);
    const std::uint64_t n = 1 + pick(1, 67);
    const std::uint64_t k = 1 + pick(2, 67);
    const bool ta = (draw & 2) != 0;
    const bool tb = (draw & 1) != 0;
    // Odd gaps on every other draw.
    const std::uint64_t gap = draw % 3 == 0 ? 0 : 1 + pick(3, 9);
    expect_right(std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k) +
                     ":" + kTransposes[draw % 4] + ":alpha=" + kAlphas[pick(4, 6)] +
                     ":beta=" + kBetas[pick(5, 5)] +
                     ":lda=" + std::to_string((ta ? m : k) + gap) +
                     ":ldb=" + std::to_string((tb ? k : n) + gap / 2) +
                     ":ldc=" + std::to_string(n + gap),
                 std::span(&kAllDataFamilies[0], draw < 12 ? 5 : 2));
  }
}

// One more and one less than each power of two that blocks and groups are made of.
TEST_P(MatmulNumericTest, EdgesOfBlocks) {
  constexpr DataFamily kFamilies[] = {DataFamily::integers, DataFamily::positive};
  for (const char* const shape :
       {"127x129x128", "128x127x129:tt", "129x128x127:beta=1:ldc=131",
        "129x255x65:nt:lda=67", "65x257x257", "257x63x255:tn", "14x512x40"}) {
    expect_right(shape, kFamilies);
  }
}

// One chain of so many positive terms misses the bound, which is of any good order.
TEST(MatmulLongSumsTest, AreAddedInParts) {
  Device* const device = testing_support::device_or_skip("vgpu://?cus=2");
  constexpr std::pair<const char*, const char*> kCases[] = {
      {"matmul", "2x17x1500001:tn:beta=-0.5:alpha=2"},
      {"matmul_bf16", "2x17x1500000"},
      {"matmul_f16", "2x17x1500000"}};
  for (const auto& [name, shape] : kCases) {
    const Op& op = *find_op(name);
    const NumericGate gate(op, shape, DataFamily::positive, 7);
    const auto packed =
        std::ranges::find(op.implementations(), "packed", &Implementation::name);
    ASSERT_NE(packed, op.implementations().end());
    EXPECT_TRUE(gate.accepts(*device, *packed)) << name << ' ' << shape;
  }
}

// One extent small, the others around the widest strips, in every way to lie in memory.
TEST_P(MatmulNumericTest, ThinShapes) {
  for (const char* const shape : {"1x300x64",
                                  "1x1041x70:beta=2",
                                  "1x300x33:tn:lda=5:alpha=-0.5",
                                  "2x500x9:ldb=503:beta=1:ldc=501",
                                  "3x260x17:tn:lda=4",
                                  "4x333x65:ldc=340",
                                  "5x167x40:beta=-0.5",
                                  "6x130x31:alpha=2",
                                  "7x129x30:tn",
                                  "8x199x20:lda=23",
                                  "1x70x300:nt",
                                  "1x5x131:nt:ldb=133:beta=2:alpha=-0.5",
                                  "1x9x37:tt:lda=2",
                                  "300x1x64",
                                  "70x1x131:nt:lda=140:beta=2",
                                  "45x1x31:ldb=3:alpha=2",
                                  "77x1x50:tn:beta=1",
                                  "77x1x50:tn:ldb=3",
                                  "301x1x64:tt:ldb=66",
                                  "33x1x20:ldc=2",
                                  "40x70x1",
                                  "9x129x2:tn:beta=2:lda=11",
                                  "65x33x3:alpha=-0.5:ldc=37",
                                  "300x128x4:ldb=131"}) {
    expect_right(shape, std::span(kAllDataFamilies).first(2));
  }
}

// Sums that go over many blocks of the depth. The bound must still tell a dropped term:
// matmul_mutants_test.cc.
TEST_P(MatmulNumericTest, DeepSums) {
  for (const char* const shape : {"5x7x1000", "3x5x4097:tn", "2x33x8192:beta=1",
                                  "15x3x8191:nt:alpha=-0.5", "16x34x2048:tt"}) {
    expect_right(shape);
  }
}

TEST_P(MatmulNumericTest, ZeroSizes) {
  for (const char* const shape :
       {"0x5x7", "5x0x7", "0x0x0", "0x0x7", "5x7x0", "5x7x0:beta=1", "5x7x0:beta=-0.5",
        "5x7x0:tt:beta=2:ldc=9", "5x7x3:alpha=0", "5x7x3:alpha=0:beta=0.5",
        "5x7x3:alpha=0:beta=1:ldc=8", "0x5x7:beta=1", "5x0x7:ldc=3"}) {
    expect_right(shape);
  }
}

std::string subject_name(const testing::TestParamInfo<Subject>& info) {
  return std::string(std::get<0>(info.param)->name) + "_" +
         testing_support::test_name(std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(
    All, MatmulNumericTest,
    testing::Combine(testing::ValuesIn(testing_support::matmul_contestants()),
                     testing::ValuesIn(testing_support::kDeviceUris)),
    subject_name);

// Some rows, and an op(B) above 4 MiB, which packed multiplies in blocks: several
// either way, and ends of both.
TEST(MatmulBlocksTest, SomeRowsOfALargeMatrix) {
  for (const char* const shape :
       {"9x1100x957:alpha=-0.5:beta=2:ldb=1103:ldc=1101", "21x70x15001:tn:lda=22"}) {
    const NumericGate gate(shape, DataFamily::integers, 1);
    for (const Implementation* const row : testing_support::custom_implementations()) {
      if (row->name != "packed") continue;
      for (const Isa isa : available_isas()) {
        const testing_support::IsaOverride override_isa(isa);
        EXPECT_TRUE(
            gate.accepts(*testing_support::device_or_skip("vgpu://?cus=3"), *row))
            << to_string(isa);
      }
    }
  }
}

}  // namespace
}  // namespace assay
