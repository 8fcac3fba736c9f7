// SPDX-License-Identifier: MIT
// The numeric gates of the matmul in device code: every tile, aligned and guarded, all
// transposes and scales; integers at 0 ULP, the rest inside the derived bound, guard
// pads intact.
#include "kernels/matmul/matmul.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "kernels/common/random_fill.h"
#include "kernels/matmul/fragments.h"
#include "kernels/matmul/narrow.h"
#include "kernels/matmul/split.h"
#include "kernels/matmul/staged.h"
#include "tests/kernels/matmul_harness.h"
#include "tests/vulkan/vulkan_test.h"

namespace assay::vulkan {
namespace {

using matmul::StagedTile;
using testing_support::NumericGate;
using testing_support::Operands;

// The tile that the row under test uses: `prepare` is a plain function.
const StagedTile* tile = nullptr;
std::unique_ptr<Prepared> prepare_tile(const PrepareContext& context,
                                       const Problem& problem) {
  return matmul::staged_prepare_tile(context, problem, *tile);
}

// The same with its depth split.
std::int64_t parts = 0;
std::unique_ptr<Prepared> prepare_parts(const PrepareContext& context,
                                        const Problem& problem) {
  return matmul::split_prepare_parts(context, problem, *tile, parts);
}
// No reason: the test has chosen.
std::optional<std::string> always(const Problem& /*problem*/, const Caps& /*caps*/) {
  return std::nullopt;
}

class VulkanMatmulTest : public VulkanTest {
 protected:
  void SetUp() override {
    VulkanTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    device_ = open();
  }
  void TearDown() override {
    device_.reset();
    VulkanTest::TearDown();
  }
  static Implementation row() {
    return {.name = "staged",
            .provider = Provider::custom,
            .idea = "",
            .unsupported = matmul::staged_unsupported,
            .prepare = tile == nullptr ? matmul::staged_prepare : prepare_tile};
  }
  void expect_right(const Op& op, const Implementation& narrow,
                    const std::string& shape, DataFamily family) {
    const NumericGate gate(op, shape, family, ++seed_);
    EXPECT_TRUE(gate.accepts(*device_, narrow)) << op.name() << ", seed " << seed_;
  }
  static Implementation fragments() {
    Implementation narrow = row();
    narrow.name = "fragments";
    narrow.unsupported = matmul::fragments_unsupported;
    narrow.prepare = matmul::fragments_prepare;
    return narrow;
  }
  void expect_right(const std::string& shape, DataFamily family) {
    const NumericGate gate(shape, family, ++seed_);
    EXPECT_TRUE(gate.accepts(*device_, row())) << "seed " << seed_;
  }

  std::shared_ptr<Device> device_;
  std::uint64_t seed_ = 0;
};

// Two tiles by one, three slices deep; and one more row, column and term than a tile. A
// driver on the processor takes up to 3 s to compile a variant, so not all of them
// there.
TEST_F(VulkanMatmulTest, EveryTileIsRightAlignedAndCut) {
  for (const StagedTile& candidate : matmul::staged_tiles()) {
    if (candidate.local_bytes() > device_->caps().limits.max_local_bytes) continue;
    const bool every = !device_->caps().simulated_device_memory ||
                       &candidate == &matmul::staged_tiles().back();
    tile = &candidate;
    const auto shape = [&](std::uint32_t m, std::uint32_t n, std::uint32_t k) {
      return std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k);
    };
    const std::string full =
        shape(2 * candidate.rows, candidate.cols, 3 * candidate.depth);
    const std::string cut =
        shape(candidate.rows + 1, candidate.cols + 1, candidate.depth + 1);
    for (const std::string transposes : {"nn", "nt", "tn", "tt"}) {
      if (every || transposes == "nn") {
        expect_right(full + ":" + transposes + ":beta=1", DataFamily::integers);
      }
      if (every || (transposes == "tt" && candidate.rows <= 64)) {
        expect_right(cut + ":" + transposes, DataFamily::integers);
      }
    }
    tile = nullptr;
  }
}

TEST_F(VulkanMatmulTest, SmallShapesOfEveryKind) {
  constexpr const char* kTransposes[] = {"nn", "nt", "tn", "tt"};
  constexpr const char* kAlphas[] = {"1", "1", "-0.5", "2", "0", "-1"};
  constexpr const char* kBetas[] = {"0", "0", "1", "-0.5", "3"};
  for (std::uint64_t draw = 0; draw < 24; ++draw) {
    const auto pick = [&](std::uint64_t what, std::uint64_t count) {
      return random_bits(2026, what, draw) % count;
    };
    const std::uint64_t m = 1 + pick(0, 67);
    const std::uint64_t n = 1 + pick(1, 67);
    const std::uint64_t k = 1 + pick(2, 67);
    const bool ta = (draw & 2) != 0;
    const bool tb = (draw & 1) != 0;
    const std::uint64_t gap = draw % 3 == 0 ? 0 : 1 + pick(3, 9);
    const DataFamily family = kAllDataFamilies[draw % 5];
    expect_right(std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k) +
                     ":" + kTransposes[draw % 4] + ":alpha=" + kAlphas[pick(4, 6)] +
                     ":beta=" + kBetas[pick(5, 5)] +
                     ":lda=" + std::to_string((ta ? m : k) + gap) +
                     ":ldb=" + std::to_string((tb ? k : n) + gap / 2) +
                     ":ldc=" + std::to_string(n + gap),
                 family);
  }
}

TEST_F(VulkanMatmulTest, EveryDataFamilyStaysInsideItsBound) {
  for (const DataFamily family : kAllDataFamilies) {
    expect_right("128x256x512", family);
    expect_right("33x65x1000:tn", family);
  }
}

TEST_F(VulkanMatmulTest, ZeroSizesAndScales) {
  for (const char* const shape :
       {"0x5x7", "5x0x7", "0x0x0", "5x7x0", "5x7x0:beta=1", "5x7x0:tt:beta=2:ldc=9",
        "5x7x3:alpha=0", "5x7x3:alpha=0:beta=0.5"}) {
    expect_right(shape, DataFamily::uniform);
  }
}

// The rules of BLAS: what is not read cannot poison the result.
TEST_F(VulkanMatmulTest, WhatIsNotReadMayBeNan) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  for (const std::string shape : {"64x64x32", "33x31x17"}) {
    for (const std::string scale : {":alpha=0:beta=1", ":alpha=0"}) {
      const NumericGate clean(shape + scale, DataFamily::integers, 3);
      testing_support::Operands operands = clean.operands();
      for (const std::size_t input : {0U, 1U}) {
        std::vector<float> values = testing_support::floats_of(operands[input]);
        for (float& value : values) value = kNan;
        operands[input] = testing_support::bytes_of_floats(values);
      }
      const NumericGate gate(shape + scale, DataFamily::integers, std::move(operands));
      EXPECT_TRUE(gate.accepts(*device_, row()));
    }
  }
}

// Tiles differ in how they share the work, not in what a sum is.
TEST_F(VulkanMatmulTest, AllTilesRoundAlike) {
  const NumericGate gate("128x128x48", DataFamily::uniform, 5);
  std::vector<float> first;
  for (const StagedTile& candidate : matmul::staged_tiles()) {
    if (candidate.local_bytes() > device_->caps().limits.max_local_bytes) continue;
    tile = &candidate;
    const std::vector<float> output =
        testing_support::run_once(*device_, row(), gate.problem(), gate.operands())
            .output;
    tile = nullptr;
    if (first.empty()) first = output;
    ASSERT_EQ(output.size(), first.size());
    for (std::size_t i = 0; i < output.size(); ++i) {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(output[i]),
                std::bit_cast<std::uint32_t>(first[i]))
          << "element " << i;
    }
  }
}

// Parts of one slice and of many, a last one that is shorter, more parts than slices,
// and more than the eight threads that share them.
TEST_F(VulkanMatmulTest, SplitDepthsAreAddedUp) {
  Implementation split = row();
  split.name = "split";
  split.unsupported = always;
  split.prepare = prepare_parts;
  const auto expect = [&](const std::string& shape, DataFamily family,
                          std::int64_t count) {
    parts = count;
    const NumericGate gate(shape, family, ++seed_);
    EXPECT_TRUE(gate.accepts(*device_, split)) << shape << " in " << count;
  };
  tile = &matmul::split_tiles()[1];
  for (const DataFamily family : kAllDataFamilies) expect("64x64x1024", family, 19);
  for (const std::int64_t count : {1, 2, 7, 64}) {
    expect("33x65x200:tn:alpha=-0.5:beta=2:lda=37:ldc=70", DataFamily::integers, count);
  }
  expect("33x65x200:tn:alpha=0:beta=3:lda=37", DataFamily::uniform, 4);
  expect("33x65x0:tn:beta=2:lda=37", DataFamily::uniform, 4);
  expect("0x65x8:tn", DataFamily::uniform, 2);
  tile = &matmul::split_tiles()[0];
  for (const DataFamily family : kAllDataFamilies) expect("8x256x1024", family, 8);
  expect("16x128x4096:beta=1", DataFamily::integers, 64);
  // A and B in 16 bits, by the same code but for their widening.
  for (const Op* const op : {&matmul::kF16Op, &matmul::kBf16Op}) {
    parts = 8;
    expect_right(*op, split, "8x256x1024", DataFamily::cancelling);
    expect_right(*op, split, "8x256x1024:beta=1", DataFamily::integers);
  }
  tile = nullptr;
}

// The result depends on problem and device only.
TEST_F(VulkanMatmulTest, SplitSumsHaveTheSameBitsEachTime) {
  Implementation split = row();
  split.unsupported = always;
  split.prepare = prepare_parts;
  tile = &matmul::split_tiles()[1];
  parts = 33;
  const NumericGate gate("64x64x1024", DataFamily::cancelling, 7);
  const auto run = [&] {
    return testing_support::run_once(*device_, split, gate.problem(), gate.operands())
        .output;
  };
  const std::vector<float> first = run();
  for (int again = 0; again < 5; ++again) {
    const std::vector<float> output = run();
    ASSERT_EQ(std::memcmp(output.data(), first.data(), first.size() * sizeof(float)),
              0);
  }
  tile = nullptr;
}

TEST_F(VulkanMatmulTest, SplitTakesWhatHasFewTilesAndDepth) {
  Caps caps = device_->caps();
  caps.compute_units = 132;
  caps.limits.max_local_bytes = 48 << 10;
  const auto reason = [&](const std::string& shape, const Op& op = matmul::kOp) {
    return matmul::split_unsupported(*op.make_problem(shape, DType::f32), caps)
        .value_or("");
  };
  for (const char* const shape :
       {"64x64x8192", "8x4096x4096", "1x1x128", "256x256x512:tt"}) {
    EXPECT_EQ(reason(shape), "") << shape;
  }
  EXPECT_NE(reason("1024x1024x4096").find("tiles enough"), std::string::npos);
  EXPECT_NE(reason("64x64x127").find("too short"), std::string::npos);
  caps.narrow_storage = true;
  for (const std::uint32_t team : {0U, 32U}) {
    caps.matrix_team = team;
    for (const Op* const op : {&matmul::kF16Op, &matmul::kBf16Op}) {
      EXPECT_EQ(reason("64x64x8192", *op), "") << op->name() << ", " << team;
      EXPECT_EQ(reason("8x4096x4096", *op), "") << op->name() << ", " << team;
      EXPECT_NE(reason("64x64x63", *op).find("too short"), std::string::npos);
    }
  }
  // By matrix units, which are slower split where the depth is short.
  caps.limits.binding_alignment = 16;
  EXPECT_EQ(reason("256x256x4096", matmul::kF16Op), "");
  EXPECT_EQ(reason("64x64x2048", matmul::kF16Op), "");
  EXPECT_NE(reason("512x512x2016", matmul::kF16Op).find("too short"),
            std::string::npos);
  EXPECT_NE(reason("768x768x4096", matmul::kF16Op).find("fragments has tiles enough"),
            std::string::npos);
  caps.device_kernels = false;
  EXPECT_NE(reason("64x64x8192"), "");
}

// Each is itself, times one: what code for processors shows of subnormal numbers,
// device code has to. Aligned rows and others are read in two ways.
TEST_F(VulkanMatmulTest, EveryFiniteNumberOf16BitsIsWidened) {
  for (const Op* const op : {&matmul::kF16Op, &matmul::kBf16Op}) {
    const DType type = op == &matmul::kF16Op ? DType::f16 : DType::bf16;
    const unsigned infinity = type == DType::f16 ? 0x7c00U : 0x7f80U;
    for (const std::size_t gap : {0U, 1U}) {
      const std::string shape = "1024x64x64:lda=" + std::to_string(64 + gap);
      Operands operands = NumericGate(*op, shape, DataFamily::integers, 1).operands();
      std::vector<std::uint16_t> a(operands[0].size() / 2);
      std::vector<std::uint16_t> one(operands[1].size() / 2);
      for (unsigned bits = 0; bits < 0x10000U; ++bits) {
        // Subnormal numbers of bf16 are products that may be taken for zeros.
        const unsigned magnitude = bits & 0x7fffU;
        const bool counts =
            magnitude < infinity && (type == DType::f16 || magnitude >= 0x80U);
        a[bits / 64 * (64 + gap) + bits % 64] =
            static_cast<std::uint16_t>(counts ? bits : 0U);
      }
      for (std::size_t i = 0; i < 64; ++i) one[65 * i] = matmul::narrow(type, 1.0F);
      std::memcpy(operands[0].data(), a.data(), operands[0].size());
      std::memcpy(operands[1].data(), one.data(), operands[1].size());
      const NumericGate gate(*op, shape, DataFamily::integers, std::move(operands));
      EXPECT_TRUE(gate.accepts(*device_, row())) << op->name() << ", " << shape;
    }
  }
}

// A driver on the processor compiles each choice of transposes for a second: a few
// here, as the tiles are matmul's.
TEST_F(VulkanMatmulTest, NarrowOperandsOfEveryKind) {
  expect_right(matmul::kF16Op, row(), "33x65x100:tt:alpha=-0.5:beta=2:lda=37:ldc=70",
               DataFamily::cancelling);
  expect_right(matmul::kF16Op, row(), "31x1x7:tt", DataFamily::integers);
  expect_right(matmul::kF16Op, row(), "5x7x3:alpha=0:beta=0.5", DataFamily::uniform);
  expect_right(matmul::kF16Op, row(), "5x7x0:beta=1", DataFamily::uniform);
  expect_right(matmul::kBf16Op, row(), "33x65x1000:ldb=67", DataFamily::graded);
  for (const DataFamily family : kAllDataFamilies) {
    expect_right(matmul::kF16Op, row(), "64x64x512", family);
  }
}

TEST_F(VulkanMatmulTest, NarrowOperandsNeedTheirStorage) {
  Caps caps = device_->caps();
  const auto problem = matmul::kF16Op.make_problem("8x8x8", DType::f32);
  EXPECT_EQ(matmul::staged_unsupported(*problem, caps), std::nullopt);
  caps.narrow_storage = false;
  EXPECT_NE(matmul::staged_unsupported(*problem, caps), std::nullopt);
  EXPECT_EQ(
      matmul::staged_unsupported(*matmul::kOp.make_problem("8x8x8", DType::f32), caps),
      std::nullopt);
}

TEST_F(VulkanMatmulTest, FragmentsTakeWhatIsWhole) {
  Caps caps = device_->caps();
  caps.matrix_team = 32;
  caps.limits.max_local_bytes = 48 << 10;
  caps.limits.binding_alignment = 16;
  const auto reason = [&](const std::string& shape, const Op& op = matmul::kF16Op) {
    return matmul::fragments_unsupported(*op.make_problem(shape, DType::f32), caps)
        .value_or("");
  };
  for (const char* const shape : {"128x128x32", "64x192x96:tt", "0x64x32",
                                  "64x64x0:lda=8", "64x64x32:lda=40:ldc=68"}) {
    EXPECT_EQ(reason(shape), "") << shape;
  }
  for (const char* const shape : {"65x128x32", "128x96x32", "128x128x48"}) {
    EXPECT_NE(reason(shape).find("multiples of 64"), std::string::npos) << shape;
  }
  for (const char* const shape :
       {"64x64x32:lda=36", "64x64x32:ldb=68", "64x64x32:ldc=66"}) {
    EXPECT_NE(reason(shape).find("16 bytes"), std::string::npos) << shape;
  }
  EXPECT_NE(reason("64x64x32", matmul::kBf16Op), "");
  EXPECT_NE(reason("64x64x32", matmul::kOp), "");
  caps.limits.max_local_bytes = 16 << 10;
  EXPECT_NE(reason("64x64x32").find("do not fit"), std::string::npos);
  caps.limits.max_local_bytes = 48 << 10;
  for (const std::uint32_t team : {0U, 8U, 64U}) {
    caps.matrix_team = team;
    EXPECT_NE(reason("128x128x32").find("no units"), std::string::npos) << team;
  }
}

// Where there are such units: every tile, transposed or not, one slice and many.
TEST_F(VulkanMatmulTest, FragmentsAreRight) {
  if (device_->caps().matrix_team != 32) {
    const auto problem = matmul::kF16Op.make_problem("128x128x32", DType::f32);
    EXPECT_THROW(matmul::fragments_prepare({device_.get(), nullptr, nullptr}, *problem),
                 Error);
    GTEST_SKIP() << "the device has no units that multiply matrices";
  }
  for (const std::string transposes : {"nn", "nt", "tn", "tt"}) {
    for (const std::string shape :
         {"64x128x32", "128x64x64", "192x64x96", "192x320x192", "1536x1408x160"}) {
      expect_right(matmul::kF16Op, fragments(), shape + ":" + transposes,
                   DataFamily::integers);
    }
    for (const std::string shape : {"128x128x512", "128x128x480"}) {
      expect_right(
          matmul::kF16Op, fragments(),
          shape + ":" + transposes + ":alpha=-0.5:beta=2:lda=520:ldb=536:ldc=132",
          DataFamily::cancelling);
    }
  }
  for (const char* const shape : {"64x64x32:alpha=0:beta=3", "64x64x0:lda=8:beta=2"}) {
    expect_right(matmul::kF16Op, fragments(), shape, DataFamily::uniform);
  }
  for (const DataFamily family : kAllDataFamilies) {
    expect_right(matmul::kF16Op, fragments(), "64x64x1024", family);
  }
}

// Where there are such units: parts that are alike, a last one that is shorter, and
// what the second pass scales and adds.
TEST_F(VulkanMatmulTest, FragmentsInPartsAreAddedUp) {
  if (device_->caps().matrix_team != 32) {
    GTEST_SKIP() << "the device has no units that multiply matrices";
  }
  Implementation split = row();
  split.name = "split";
  split.unsupported = matmul::split_unsupported;
  split.prepare = matmul::split_prepare;
  for (const std::string transposes : {"nn", "nt", "tn", "tt"}) {
    for (const std::string shape : {"64x64x8192", "128x192x2080", "256x256x4096"}) {
      const NumericGate gate(matmul::kF16Op, shape + ":" + transposes,
                             DataFamily::integers, ++seed_);
      const auto prepared =
          split.prepare({device_.get(), nullptr, nullptr}, gate.problem());
      EXPECT_NE(prepared->configuration().find("tile=64x64x32 parts="),
                std::string::npos)
          << prepared->configuration();
      EXPECT_TRUE(gate.accepts(*device_, split)) << shape << ", " << transposes;
    }
    expect_right(
        matmul::kF16Op, split,
        "128x128x2048:" + transposes + ":alpha=-0.5:beta=2:lda=2056:ldb=2072:ldc=132",
        DataFamily::cancelling);
  }
  expect_right(matmul::kF16Op, split, "64x64x2048:alpha=0:beta=3", DataFamily::uniform);
  for (const DataFamily family : kAllDataFamilies) {
    expect_right(matmul::kF16Op, split, "64x128x4096", family);
  }
}

}  // namespace
}  // namespace assay::vulkan
