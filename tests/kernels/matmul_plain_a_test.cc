// SPDX-License-Identifier: MIT
// Products of which op(B) alone is packed. That they pass the numeric gates and have
// the same bits everywhere is with the other contestants; here is what rows of A
// decide.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/matmul/direct_tiles.h"
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/narrow.h"
#include "kernels/matmul/panel_format.h"
#include "tests/kernels/matmul_harness.h"

namespace assay {
namespace {

using testing_support::NumericGate;
using testing_support::same_bits;

matmul::PanelFormat format_of(const Problem& problem) {
  const DType type = matmul::storage_of(problem);
  return type == DType::f32 ? matmul::f32_format(selected_isa())
                            : matmul::widened_format(type, selected_isa());
}
template <bool kWide>
std::unique_ptr<Prepared> plain_a(const PrepareContext& context,
                                  const Problem& problem) {
  return matmul::plain_a_prepare(context, matmul::params_of(problem),
                                 format_of(problem), {kWide});
}
template <bool kWide>
std::unique_ptr<Prepared> in_turn(const PrepareContext& context,
                                  const Problem& problem) {
  return matmul::in_turn_prepare(context, matmul::params_of(problem),
                                 format_of(problem), kWide);
}
bool has_wide_tiles() { return matmul::direct_tiles(selected_isa()).wide_rows > 0; }
std::unique_ptr<Prepared> in_place(const PrepareContext& context,
                                   const Problem& problem) {
  return matmul::direct_prepare(context, matmul::params_of(problem));
}
template <auto kPrepare>
constexpr Implementation one_way(const char* name) {
  return {.name = name,
          .provider = Provider::custom,
          .idea = "one way of packed, whatever would win",
          .library = {},
          .unsupported = matmul::any_host_device,
          .prepare = kPrepare};
}
std::unique_ptr<Prepared> of_pairs(const PrepareContext& context,
                                   const Problem& problem) {
  return matmul::plain_a_prepare(context, matmul::params_of(problem),
                                 matmul::bf16_pairs_format(selected_isa()));
}
constexpr Implementation kPairs = one_way<of_pairs>("pairs");
constexpr Implementation kPlainA = one_way<plain_a<false>>("plain_a");
constexpr Implementation kWide = one_way<plain_a<true>>("wide");
constexpr Implementation kInTurn = one_way<in_turn<false>>("in_turn");
constexpr Implementation kWideInTurn = one_way<in_turn<true>>("wide_in_turn");
constexpr Implementation kInPlace = one_way<in_place>("in_place");

// The same tiles over the same sums: rows in several parts, in one that is not whole,
// rows that share a set of the first-level cache, tight and not, columns and rows for
// several groups.
TEST(PlainATest, HasTheBitsOfAProductInPlace) {
  for (const char* const shape :
       {"1x1x1", "13x33x65:lda=67:ldb=70:ldc=66", "40x33x1:alpha=-0.5",
        "150x170x1024:beta=-0.5:ldc=171", "60x70x3000", "60x31x2048:alpha=0.25",
        "40x33x1000:lda=1024", "23x128x77", "50x97x600:beta=2", "50x223x601:nt",
        "7x159x3:ldc=170"}) {
    const NumericGate gate(matmul::kOp, shape, DataFamily::uniform, 3);
    const auto bits = [&](const char* uri, const Implementation& row) {
      return testing_support::run_once(*testing_support::device_or_skip(uri), row,
                                       gate.problem(), gate.operands())
          .output;
    };
    const bool packs_all = std::string(shape).find(":nt") != std::string::npos;
    const std::vector<float> want = bits("inline://", packs_all ? kPlainA : kInPlace);
    EXPECT_TRUE(gate.check(want).ok) << shape;
    for (const char* const uri : {"inline://", "vgpu://?cus=3"}) {
      EXPECT_TRUE(same_bits(bits(uri, kPlainA), want)) << shape << " on " << uri;
      if (!has_wide_tiles()) continue;
      EXPECT_TRUE(same_bits(bits(uri, kWide), want)) << shape << ", wide, on " << uri;
    }
  }
}

// One block, two, several of which the last is short; a sum that begins with C; rows
// and panels for several groups. Blocks have the bits of no other way.
TEST(InTurnTest, AddsBlocksOfTheSum) {
  for (const Op* const op : {&matmul::kOp, &matmul::kBf16Op, &matmul::kF16Op}) {
    for (const char* const shape :
         {"1x1x1", "13x33x65:lda=67:ldb=70:ldc=66", "20x70x513:beta=-0.5:ldb=75",
          "33x161x1300:alpha=0.25:beta=2:lda=1301", "9x40x2049:nt:alpha=-0.5"}) {
      for (const DataFamily family : {DataFamily::integers, DataFamily::uniform}) {
        const NumericGate gate(*op, shape, family, 5);
        const auto bits = [&](const char* uri, const Implementation& row) {
          return testing_support::run_once(*testing_support::device_or_skip(uri), row,
                                           gate.problem(), gate.operands())
              .output;
        };
        const std::vector<float> want = bits("inline://", kInTurn);
        EXPECT_TRUE(gate.check(want).ok) << op->name() << " " << shape;
        EXPECT_TRUE(same_bits(bits("vgpu://?cus=3", kInTurn), want)) << shape;
        if (!has_wide_tiles()) continue;
        EXPECT_TRUE(same_bits(bits("vgpu://?cus=3", kWideInTurn), want)) << shape;
      }
    }
  }
}

// The panels of a block, not of the whole sum.
TEST(InTurnTest, KeepsPanelsOfOneBlock) {
  const auto problem = matmul::kOp.make_problem("8x320x5120", DType::f32);
  const PrepareContext context{testing_support::device_or_skip("inline://")};
  const auto prepared = in_turn<false>(context, *problem);
  EXPECT_LT(prepared->workspace_bytes(), 320 * 520 * sizeof(float));
  EXPECT_NE(prepared->configuration().find(" kc=512"), std::string::npos);
}

TEST(PlainATest, WidensRowsOf16Bits) {
  for (const Op* const op : {&matmul::kBf16Op, &matmul::kF16Op}) {
    for (const char* const shape :
         {"1x1x1", "13x33x65:lda=67:ldb=70:ldc=66", "9x40x2049:alpha=-0.5",
          "60x70x3000:beta=1", "31x65x1024:nt", "16x48x15:nt:lda=17"}) {
      for (const DataFamily family : {DataFamily::integers, DataFamily::graded}) {
        const NumericGate gate(*op, shape, family, 5);
        for (const char* const uri : {"inline://", "vgpu://?cus=3"}) {
          const auto device = testing_support::device_or_skip(uri);
          EXPECT_TRUE(gate.accepts(*device, kPlainA))
              << op->name() << " " << shape << " on " << uri;
          if (!has_wide_tiles()) continue;
          EXPECT_TRUE(gate.accepts(*device, kWide))
              << op->name() << " " << shape << ", wide, on " << uri;
        }
      }
    }
  }
}

// An odd sum, rows that begin between pairs, blocks of the sum, rows in several parts.
TEST(PlainATest, TakesPairsAsTheyLie) {
  if (!has_bf16_dots(selected_isa())) GTEST_SKIP() << "no dot products of bf16 here";
  for (const char* const shape :
       {"1x1x1", "13x33x65:lda=67:ldb=70:ldc=66:beta=-0.5", "40x33x1:alpha=-0.5",
        "31x65x1025:nt", "30x70x2048:beta=1", "60x40x9001", "20x40x999:lda=2048"}) {
    for (const DataFamily family : {DataFamily::integers, DataFamily::uniform}) {
      const NumericGate gate(matmul::kBf16Op, shape, family, 7);
      const auto bits = [&](const char* uri) {
        return testing_support::run_once(*testing_support::device_or_skip(uri), kPairs,
                                         gate.problem(), gate.operands())
            .output;
      };
      const std::vector<float> want = bits("inline://");
      EXPECT_TRUE(gate.check(want).ok) << shape;
      EXPECT_TRUE(same_bits(bits("vgpu://?cus=3"), want)) << shape;
    }
  }
}

// What the rows are is told: those that share sets, or are widened, are brought near.
TEST(PlainATest, BringsNearWhatLiesBadly) {
  const auto says_near = [](const Op& op, const char* shape) {
    const auto problem = op.make_problem(shape, DType::f32);
    const PrepareContext context{testing_support::device_or_skip("inline://")};
    return plain_a<false>(context, *problem)->configuration().find(" near ") !=
           std::string::npos;
  };
  EXPECT_FALSE(says_near(matmul::kOp, "64x64x1000"));
  EXPECT_FALSE(says_near(matmul::kOp, "64x64x512"));
  EXPECT_TRUE(says_near(matmul::kOp, "64x64x1024"));
  EXPECT_TRUE(says_near(matmul::kOp, "64x64x1000:lda=2048"));
  EXPECT_TRUE(says_near(matmul::kF16Op, "64x64x1000"));
}

}  // namespace
}  // namespace assay
