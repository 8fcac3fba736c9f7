// SPDX-License-Identifier: MIT
// Products of bf16 by whole tiles: around a model of the unit on every machine with the
// vectors that pack for it, and by the unit itself where there is one.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "kernels/matmul/implementations.h"
#include "kernels/matmul/narrow.h"
#include "kernels/matmul/whole_tiles-inl.h"
#include "tests/kernels/matmul_harness.h"
#include "tests/kernels/tile_unit_model.h"

namespace assay {
namespace {

using testing_support::NumericGate;
using testing_support::same_bits;
using testing_support::TileUnitModel;

template <matmul::WholeTilesMultiply kMultiply, matmul::PackOfB kPack>
std::unique_ptr<Prepared> prepare_by(const PrepareContext& context,
                                     const Problem& problem) {
  return matmul::whole_tiles_prepare(context, matmul::params_of(problem), kMultiply,
                                     kPack);
}
constexpr Implementation row_of(const char* name,
                                decltype(Implementation::prepare) how) {
  return {.name = name,
          .provider = Provider::custom,
          .idea = "one way of packed, whatever would win",
          .library = {},
          .unsupported = matmul::any_host_device,
          .prepare = how};
}
using matmul::PackOfB;
constexpr auto kModel = matmul::multiply_whole_tiles_by<TileUnitModel>;
constexpr auto kUnit = matmul::multiply_whole_tiles;
const Implementation kByModel = row_of("model", prepare_by<kModel, PackOfB::once>);
const Implementation kByUnit = row_of("unit", prepare_by<kUnit, PackOfB::once>);
const Implementation kGroupsByModel =
    row_of("model_packs_by_group", prepare_by<kModel, PackOfB::by_group>);
const Implementation kGroupsByUnit =
    row_of("unit_packs_by_group", prepare_by<kUnit, PackOfB::by_group>);
bool needs_unit(const Implementation* row) {
  return row == &kByUnit || row == &kGroupsByUnit;
}

// Nothing whole; whole blocks alone; rows for one tile of a block; sums that end within
// a tile, with an odd step, in several blocks and brought near more than once; operands
// turned, rows that share sets; what is read of C, and scaled; several parts of the
// rows and of the sum, some in place; more panels than are packed at once, and more
// rows than few.
constexpr const char* kTiledShapes[] = {"1x1x1",
                                        "13x33x65:lda=67:ldb=70:ldc=66:beta=-0.5",
                                        "64x64x64",
                                        "48x96x96:beta=1",
                                        "40x33x1:alpha=-0.5",
                                        "31x65x1025:nt",
                                        "33x31x63:tn:ldc=40",
                                        "70x50x130:tt:lda=71:ldb=131:alpha=2:beta=1",
                                        "30x70x2048:beta=1",
                                        "20x40x4100:lda=6144",
                                        "17x34x8300:nt:beta=0.25",
                                        "60x40x600:alpha=-1.5",
                                        "100x20x8192:beta=1",
                                        "20x300x1100",
                                        "272x40x520",
                                        "40x20x8192:tn"};

// Large enough for several groups.
constexpr const char* kSharedShapes[] = {"530x500x31", "32x8200x31:nt:alpha=0.5",
                                         "528x512x32:beta=1"};

class WholeTilesTest : public testing::TestWithParam<const Implementation*> {
 protected:
  void SetUp() override {
    if (selected_isa() != Isa::avx512) GTEST_SKIP() << "no vectors to pack for tiles";
    if (needs_unit(GetParam()) && !has_bf16_tiles()) {
      GTEST_SKIP() << "no unit for tiles of bf16 here";
    }
  }
  std::vector<float> bits(const char* uri, const NumericGate& gate) const {
    const auto outcome =
        testing_support::run_once(*testing_support::device_or_skip(uri), *GetParam(),
                                  gate.problem(), gate.operands());
    EXPECT_EQ(outcome.damage, "") << uri;
    return outcome.output;
  }
};

TEST_P(WholeTilesTest, IsRightAndTheSameOnAnyUnits) {
  const auto expect_right = [&](const char* shape, DataFamily family) {
    const NumericGate gate(matmul::kBf16Op, shape, family, 7);
    const std::vector<float> want = bits("inline://", gate);
    EXPECT_TRUE(gate.check(want).ok) << shape << ": " << gate.check(want).detail;
    EXPECT_TRUE(same_bits(bits("vgpu://?cus=3", gate), want)) << shape;
  };
  for (const char* const shape : kTiledShapes) {
    expect_right(shape, DataFamily::graded);
    // The model takes its time, under a sanitizer above all.
    const matmul::Params p = matmul::parse_params(shape);
    if (p.m * p.n * p.k > 500'000) continue;
    expect_right(shape, DataFamily::integers);
    expect_right(shape, DataFamily::uniform);
  }
  for (const char* const shape : kSharedShapes) {
    expect_right(shape, DataFamily::uniform);
  }
}

// What is beyond the sum and beyond C counts for nothing, whatever is beside it: 0
// times infinity would be a NaN.
TEST_P(WholeTilesTest, KeepsInfinitiesToTheirRowsAndColumns) {
  const auto problem = matmul::kBf16Op.make_problem("33x35x37", DType::f32);
  auto operands = testing_support::make_operands(*problem, DataFamily::integers, 3);
  const std::uint16_t infinity = 0x7f80;
  // Of A row 32, of B column 34, at step 36: the last of each.
  matmul::store(DType::bf16, std::bit_cast<float>(std::uint32_t{infinity} << 16U),
                &operands[0][(32 * 37 + 36) * 2]);
  matmul::store(DType::bf16, std::bit_cast<float>(std::uint32_t{infinity} << 16U),
                &operands[1][(36 * 35 + 34) * 2]);
  const auto got =
      testing_support::run_once(*testing_support::device_or_skip("inline://"),
                                *GetParam(), *problem, operands)
          .output;
  for (std::size_t i = 0; i < 33; ++i) {
    for (std::size_t j = 0; j < 35; ++j) {
      if (i != 32 && j != 34) {
        EXPECT_TRUE(std::isfinite(got[i * 35 + j])) << i << " " << j;
      }
    }
  }
}

// A tile that the sum does not fill ends with zeros, whatever was in group-local memory
// before, or is between rows of A.
TEST_P(WholeTilesTest, FillsTilesWithNothingThatLiesAbout) {
  Device& device = *testing_support::device_or_skip("inline://");
  const std::uint16_t not_a_number = 0x7fc0;
  for (const char* const layout : {"", ":nt", ":tn"}) {
    // Not of whole tiles either: all of it goes through that memory.
    const auto large =
        matmul::kBf16Op.make_problem("64x64x250" + std::string(layout), DType::f32);
    auto poison = testing_support::make_operands(*large, DataFamily::integers, 3);
    for (std::size_t i = 0; i < 2; ++i) {
      for (std::size_t at = 0; at < poison[i].size(); at += 2) {
        std::memcpy(&poison[i][at], &not_a_number, 2);
      }
    }
    testing_support::run_once(device, *GetParam(), *large, poison);

    const std::string shape = "40x33x37:lda=64" + std::string(layout);
    const auto problem = matmul::kBf16Op.make_problem(shape, DType::f32);
    auto operands = testing_support::make_operands(*problem, DataFamily::integers, 3);
    const bool turned = layout == std::string(":tn");
    for (std::size_t row = 0; row < (turned ? 37U : 40U); ++row) {
      for (std::size_t col = turned ? 40 : 37; col < 64; ++col) {
        const std::size_t at = 2 * (64 * row + col);
        if (at < operands[0].size()) std::memcpy(&operands[0][at], &not_a_number, 2);
      }
    }
    const NumericGate gate(matmul::kBf16Op, shape, DataFamily::integers, operands);
    const CheckResult check = gate.check(bits("inline://", gate));
    EXPECT_TRUE(check.ok) << shape << ": " << check.detail;
  }
}

INSTANTIATE_TEST_SUITE_P(Units, WholeTilesTest,
                         testing::Values(&kByModel, &kByUnit, &kGroupsByModel,
                                         &kGroupsByUnit),
                         [](const auto& test) {
                           return std::string(test.param->name);
                         });

// Who packs decides nothing about the bits, so that the number of units does not, which
// decides who packs.
TEST(WholeTilesPackTest, TestsHaveSeveralGroups) {
  if (selected_isa() != Isa::avx512) GTEST_SKIP() << "no vectors to pack for tiles";
  for (const char* const shape : kSharedShapes) {
    const auto problem = matmul::kBf16Op.make_problem(shape, DType::f32);
    PrepareContext context;
    context.device = testing_support::device_or_skip("vgpu://?cus=3");
    for (const Implementation* const row : {&kByModel, &kGroupsByModel}) {
      const std::string text = row->prepare(context, *problem)->configuration();
      EXPECT_EQ(text.find("groups=1x1"), std::string::npos) << shape << ": " << text;
    }
  }
}

// A group whose rows come in several parts, or lie in tiles but for the last ones,
// would pack again for each piece.
std::int64_t calls = 0;
void count_calls(const matmul::WholeTilesArgs& /*args*/) noexcept { ++calls; }
TEST(WholeTilesPackTest, AGroupPacksOnce) {
  if (selected_isa() != Isa::avx512) GTEST_SKIP() << "no vectors to pack for tiles";
  constexpr auto kRow = row_of("counted", prepare_by<count_calls, PackOfB::by_group>);
  for (const char* const shape : {"48x64x64", "50x64x64", "63x64x64:nt", "40x64x50"}) {
    const auto problem = matmul::kBf16Op.make_problem(shape, DType::f32);
    const auto operands =
        testing_support::make_operands(*problem, DataFamily::integers, 3);
    calls = 0;
    testing_support::run_once(*testing_support::device_or_skip("inline://"), kRow,
                              *problem, operands);
    EXPECT_EQ(calls, 1) << shape;
  }
}

TEST(WholeTilesPackTest, IsByGroupsWhileTheirRowsStayNear) {
  const auto pack = [](const char* shape, std::uint32_t units, std::size_t l2) {
    Caps caps;
    caps.compute_units = units;
    caps.limits.max_local_bytes = l2;
    CacheInfo caches;
    caches.l2_bytes = l2;
    return matmul::whole_tiles_pack(matmul::parse_params(shape), caps, caches);
  };
  constexpr std::size_t kMebibyte = 1024 * 1024;
  EXPECT_EQ(pack("64x1024x1024", 1, 2 * kMebibyte), PackOfB::by_group);
  EXPECT_EQ(pack("352x1000x1000", 1, 2 * kMebibyte), PackOfB::by_group);
  EXPECT_EQ(pack("385x1000x1000", 1, 2 * kMebibyte), PackOfB::once);
  EXPECT_EQ(pack("1000x1000x1000", 1, 2 * kMebibyte), PackOfB::once);
  EXPECT_EQ(pack("1000x1000x1000", 16, 2 * kMebibyte), PackOfB::by_group);
  EXPECT_EQ(pack("352x1000x1000", 1, kMebibyte), PackOfB::once);
  // Rows, panels and scratch are more than a small cache, and what a group may have.
  EXPECT_EQ(pack("32x1024x4064", 1, kMebibyte / 4), PackOfB::once);
  EXPECT_EQ(pack("32x1024x4064:nt", 1, kMebibyte / 4), PackOfB::once);
}

TEST(WholeTilesPackTest, ByGroupsHasTheSameBits) {
  if (selected_isa() != Isa::avx512) GTEST_SKIP() << "no vectors to pack for tiles";
  for (const char* const shape : kTiledShapes) {
    const NumericGate gate(matmul::kBf16Op, shape, DataFamily::graded, 5);
    const auto of = [&](const Implementation& row, const char* uri) {
      return testing_support::run_once(*testing_support::device_or_skip(uri), row,
                                       gate.problem(), gate.operands())
          .output;
    };
    EXPECT_TRUE(
        same_bits(of(kGroupsByModel, "vgpu://?cus=2"), of(kByModel, "inline://")))
        << shape;
  }
}

// The unit does what the model says, bit for bit.
TEST(WholeTilesUnitTest, IsAsItsModel) {
  if (!has_bf16_tiles()) GTEST_SKIP() << "no unit for tiles of bf16 here";
  for (const char* const shape : kTiledShapes) {
    for (const DataFamily family : {DataFamily::uniform, DataFamily::graded}) {
      const NumericGate gate(matmul::kBf16Op, shape, family, 11);
      Device& device = *testing_support::device_or_skip("inline://");
      const auto of = [&](const Implementation& row) {
        return testing_support::run_once(device, row, gate.problem(), gate.operands())
            .output;
      };
      const std::vector<float> want = of(kByModel);
      EXPECT_TRUE(same_bits(of(kByUnit), want)) << shape;
      EXPECT_TRUE(same_bits(of(kGroupsByUnit), want)) << shape;
    }
  }
}

TEST(WholeTilesWayTest, IsOfLargeProductsWhereTheUnitIs) {
  const auto params = [](const char* shape) { return matmul::parse_params(shape); };
  EXPECT_EQ(matmul::whole_tiles_win(params("64x64x64"), Isa::avx512), has_bf16_tiles());
  EXPECT_FALSE(matmul::whole_tiles_win(params("64x64x64"), Isa::avx2));
  EXPECT_FALSE(matmul::whole_tiles_win(params("8x64x64"), Isa::avx512));
  EXPECT_FALSE(matmul::whole_tiles_win(params("64x8x64"), Isa::avx512));
  EXPECT_FALSE(matmul::whole_tiles_win(params("64x64x8"), Isa::avx512));
}

}  // namespace
}  // namespace assay
