// SPDX-License-Identifier: MIT
// matmul_bf16 and matmul_f16: their numbers, their special values, both ways into
// panels, and kernels with a mistake each that the numeric gates must reject.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "kernels/common/narrow_floats.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/narrow.h"
#include "kernels/matmul/panel_format.h"
#include "tests/kernels/matmul_harness.h"

namespace assay::narrow_test {
namespace {

using matmul::Params;
using testing_support::NumericGate;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr DType kTypes[] = {DType::bf16, DType::f16};

const Op& op_of(DType type) {
  return type == DType::bf16 ? matmul::kBf16Op : matmul::kF16Op;
}

TEST(NarrowFloatsTest, EveryPatternIsItsOwnNearest) {
  for (std::uint32_t bits = 0; bits < 0x10000U; ++bits) {
    const auto pattern = static_cast<std::uint16_t>(bits);
    for (const DType type : kTypes) {
      const float value = matmul::widen(type, pattern);
      const std::uint16_t back = matmul::narrow(type, value);
      if (std::isnan(value)) {
        EXPECT_TRUE(std::isnan(matmul::widen(type, back)));
      } else {
        ASSERT_EQ(back, pattern) << to_string(type) << " " << value;
      }
    }
  }
}

// Each finite value against its neighbour: halfway goes to the even one, less and more
// to the nearer one. Among them f16's subnormal numbers and its way to infinity.
TEST(NarrowFloatsTest, RoundsToNearestTiesToEven) {
  for (const DType type : kTypes) {
    const std::uint32_t infinity = type == DType::bf16 ? 0x7f80U : 0x7c00U;
    for (std::uint32_t low = 0; low + 1 < infinity; ++low) {
      const auto below = static_cast<std::uint16_t>(low);
      const auto above = static_cast<std::uint16_t>(low + 1);
      const float x = matmul::widen(type, below);
      const float middle = x + (matmul::widen(type, above) - x) / 2;
      const std::uint16_t even = low % 2 == 0 ? below : above;
      ASSERT_EQ(matmul::narrow(type, middle), even) << to_string(type) << " " << middle;
      ASSERT_EQ(matmul::narrow(type, std::nextafter(middle, 0.0F)), below) << middle;
      ASSERT_EQ(matmul::narrow(type, -std::nextafter(middle, kInf)), above | 0x8000U)
          << middle;
    }
  }
  EXPECT_EQ(f32_to_f16(65519.996F), 0x7bffU);
  EXPECT_EQ(f32_to_f16(65520.0F), 0x7c00U);
  EXPECT_EQ(f32_to_bf16(std::numeric_limits<float>::max()), 0x7f80U);
  // A NaN whose payload is in the lower half alone stays one.
  EXPECT_EQ(f32_to_bf16(std::bit_cast<float>(0x7f800001U)), 0x7fc0U);
}

// All patterns, in rows that end at every place of a vector.
TEST(WideningTest, EveryPatternOnEveryIsa) {
  std::vector<std::uint16_t> all(0x10000);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint16_t>(i);
  for (const Isa isa : available_isas()) {
    const matmul::Widening& widening = matmul::widening(isa);
    for (const DType type : kTypes) {
      // 255 columns of 257, the last two untouched.
      std::vector<float> wide(255 * 257, 7.0F);
      widening.of(type)({all.data(), 257, wide.data(), 257, 255, 255});
      for (std::size_t i = 0; i < wide.size(); ++i) {
        const float expected = i % 257 < 255 ? matmul::widen(type, all[i]) : 7.0F;
        if (std::isnan(expected)) {
          ASSERT_TRUE(std::isnan(wide[i])) << i;
          continue;
        }
        ASSERT_EQ(std::bit_cast<std::uint32_t>(wide[i]),
                  std::bit_cast<std::uint32_t>(expected))
            << to_string(isa) << " " << to_string(type) << " " << i;
      }
    }
    // Three rows of 21 are a row of whole pairs and one of halves.
    std::vector<float> pairs(2 * 32, 7.0F);
    widening.pair_rows({all.data() + 0x1234, 40, pairs.data(), 32, 3, 21});
    for (std::uint32_t i = 0; i < 64; ++i) {
      const std::uint32_t first = 0x1234U + i / 32 * 80 + i % 32;
      const std::uint32_t both = i < 32 ? (first + 40) << 16U | first : first;
      const auto want = i % 32 < 21 ? both : std::bit_cast<std::uint32_t>(7.0F);
      ASSERT_EQ(std::bit_cast<std::uint32_t>(pairs[i]), want) << to_string(isa) << i;
    }
  }
}

TEST(NarrowProblemTest, SaysWhatIsStored) {
  for (const DType type : kTypes) {
    const auto problem = op_of(type).make_problem("3x4x5:beta=1:ldb=6", DType::f32);
    EXPECT_EQ(problem->op(), type == DType::bf16 ? "matmul_bf16" : "matmul_f16");
    EXPECT_EQ(problem->operands()[0].bytes(), 30U);
    EXPECT_EQ(problem->operands()[1].type, type);
    EXPECT_EQ(problem->operands()[2].bytes(), 48U);
    EXPECT_EQ(problem->compulsory_bytes(), 2 * (15 + 20) + 4 * 24);
    EXPECT_EQ(problem->flops(), 120);
    EXPECT_EQ(matmul::params_of(*problem).ldb, 6);
    EXPECT_EQ(matmul::storage_of(*problem), type);
    EXPECT_THROW(op_of(type).make_problem("3x4x5", type), Error);
  }
}

// Nothing but zeros: what is left of the bound is what may be lost among the denormals.
TEST(NarrowProblemTest, TheBoundOfNothingIsOfDenormals) {
  for (const DType type : kTypes) {
    const auto problem = op_of(type).make_problem("1x1x5:alpha=-3", DType::f32);
    const std::vector<std::byte> zeros(10);
    const std::vector<std::byte> c(4);
    const std::vector<std::span<const std::byte>> operands = {zeros, zeros, c};
    const Expected expected = problem->expected(operands, DataFamily::uniform);
    EXPECT_EQ(expected.bound[0],
              (3 * 6 + 2) * (type == DType::bf16 ? 0x1p-126 : 0x1p-149));
  }
}

// packed takes pairs where the machine has them; the other way has to be right there
// too.
TEST(PanelFormatTest, BothWaysOfBf16) {
  static constexpr Implementation kWidened = {
      .name = "widened",
      .provider = Provider::custom,
      .idea = "panels widened, whatever the machine has",
      .library = {},
      .unsupported = matmul::any_host_device,
      .prepare = [](const PrepareContext& context, const Problem& problem) {
        return matmul::panels_prepare(
            context, matmul::params_of(problem),
            matmul::widened_format(matmul::storage_of(problem), selected_isa()));
      }};
  for (const char* const shape :
       {"1x1x1", "15x33x65:ldc=36:beta=1", "13x31x63:nt:lda=67", "29x70x17:tn:ldb=75",
        "28x64x33:tt", "9x40x2049:alpha=-0.5", "65x127x257:tt"}) {
    for (const DType type : kTypes) {
      for (const DataFamily family : kAllDataFamilies) {
        const NumericGate gate(op_of(type), shape, family, 5);
        for (const Isa isa : available_isas()) {
          const testing_support::IsaOverride override_isa(isa);
          EXPECT_TRUE(gate.accepts(*testing_support::device_or_skip("vgpu://?cus=2"),
                                   kWidened));
        }
      }
    }
  }
}

using PrepareOf = std::unique_ptr<Prepared> (*)(const PrepareContext& context,
                                                const Params& params);
template <PrepareOf kPrepare>
constexpr Implementation one_way(const char* name) {
  return {.name = name,
          .provider = Provider::custom,
          .idea = "one way of packed, whatever would win",
          .library = {},
          .unsupported = matmul::any_host_device,
          .prepare = [](const PrepareContext& context, const Problem& problem) {
            return kPrepare(context, matmul::params_of(problem));
          }};
}

std::unique_ptr<Prepared> in_panels(const PrepareContext& context, const Params& p) {
  return matmul::panels_prepare(context, p, matmul::bf16_pairs_format(selected_isa()));
}

// Rows that one tile takes, and that the one which packs does not; odd sums; a last
// panel that is not whole; columns and rows for more than one group.
TEST(PairsTest, HaveTheBitsOfPanels) {
  if (!has_bf16_dots(selected_isa())) GTEST_SKIP() << "no dot products of bf16 here";
  static constexpr Implementation kPairs = one_way<matmul::pairs_prepare>("pairs");
  static constexpr Implementation kPanels = one_way<in_panels>("panels");
  for (const char* const shape :
       {"1x32x2", "9x40x33", "12x32x64:beta=1", "13x64x65:lda=67:ldb=70:ldc=66",
        "40x33x1:alpha=-0.5", "150x170x301:beta=-0.5:ldc=171", "26x64x512"}) {
    const NumericGate gate(matmul::kBf16Op, shape, DataFamily::uniform, 3);
    const auto bits = [&](const char* uri, const Implementation& row) {
      return testing_support::run_once(*testing_support::device_or_skip(uri), row,
                                       gate.problem(), gate.operands())
          .output;
    };
    const std::vector<float> want = bits("inline://", kPanels);
    EXPECT_TRUE(gate.check(want).ok) << shape;
    for (const char* const uri : {"inline://", "vgpu://?cus=3"}) {
      const std::vector<float> got = bits(uri, kPairs);
      EXPECT_TRUE(testing_support::same_bits(got, want)) << shape << " on " << uri;
    }
  }
}

TEST(PairsTest, WinWhileBAndARowOfTilesFitTheSecondCache) {
  CacheInfo caches;
  caches.l2_bytes = std::size_t{1} << 20U;
  const auto wins = [&](const char* shape) {
    return matmul::pairs_win(matmul::parse_params(shape), caches);
  };
  EXPECT_TRUE(wins("512x512x512"));
  EXPECT_TRUE(wins("100000x512x1024:lda=1030"));
  EXPECT_FALSE(wins("1000x513x1024"));
  EXPECT_TRUE(wins("128x64x2047"));
  EXPECT_FALSE(wins("129x64x2050"));
  EXPECT_FALSE(wins("64x64x64:tn"));
  EXPECT_FALSE(wins("64x64x64:nt"));
  EXPECT_FALSE(wins("64x64x2048"));
  EXPECT_TRUE(wins("64x64x2048:lda=2050"));
  EXPECT_FALSE(wins("64x64x64:lda=4096"));
}

// Operands of a product whose numbers are given; C, which is written, as poison.
testing_support::Operands operands_of(const Problem& problem,
                                      const std::vector<float>& a,
                                      const std::vector<float>& b) {
  auto operands = testing_support::make_operands(problem, DataFamily::uniform, 1);
  const DType type = matmul::storage_of(problem);
  for (const auto& [values, bytes] :
       {std::pair(&a, &operands[0]), {&b, &operands[1]}}) {
    for (std::size_t i = 0; i < values->size(); ++i) {
      const std::uint16_t bits = matmul::narrow(type, (*values)[i]);
      std::memcpy(&(*bytes)[i * sizeof bits], &bits, sizeof bits);
    }
  }
  return operands;
}

// Infinities, NaNs, the largest numbers, and what is too small for half of the formats.
TEST(NarrowSpecialValuesTest, AreThoseOfF32) {
  const float kNan = std::numeric_limits<float>::quiet_NaN();
  for (const DType type : kTypes) {
    const float large = type == DType::bf16 ? 0x1.fep127F : 65504.0F;
    const float small = type == DType::bf16 ? 0x1p-133F : 0x1p-24F;
    std::vector<float> a(9 * 33, 1.0F);
    a[0] = kInf;
    a[33 + 32] = kNan;
    a[2 * 33 + 5] = large;
    a[2 * 33 + 6] = -large;
    a[3 * 33 + 32] = small;
    a[4 * 33] = kInf;
    a[4 * 33 + 1] = -kInf;
    for (std::size_t l = 0; l < 33; ++l) a[5 * 33 + l] = small;
    std::vector<float> b(33 * 40, 0.5F);
    b[7] = -1.0F;
    const Op& op = op_of(type);
    for (const char* const shape : {"9x40x33", "8x40x33"}) {
      const auto problem = op.make_problem(shape, DType::f32);
      auto mine = a;
      if (shape[0] == '8') mine.resize(8 * 33);
      const NumericGate gate(op, shape, DataFamily::uniform,
                             operands_of(*problem, mine, b));
      for (const auto* const row : testing_support::custom_implementations(op)) {
        for (const Isa isa : available_isas()) {
          const testing_support::IsaOverride override_isa(isa);
          EXPECT_TRUE(gate.accepts(*testing_support::device_or_skip("inline://"), *row))
              << to_string(isa);
        }
      }
    }
  }
}

// The bound forgives a bf16 product its subnormal factors, and nothing beside them.
TEST(NarrowSpecialValuesTest, OnlySubnormalFactorsMayBeZeros) {
  const auto problem = matmul::kBf16Op.make_problem("1x2x2", DType::f32);
  const NumericGate gate(
      matmul::kBf16Op, "1x2x2", DataFamily::uniform,
      operands_of(*problem, {0x1p-130F, 1.0F}, {0x1p120F, 1.0F, 0x1p-9F, 1.0F}));
  const auto right = [&](float first, float second) {
    return gate.check({first, second}).ok;
  };
  EXPECT_TRUE(right(0x1p-10F + 0x1p-9F, 1.0F));
  EXPECT_TRUE(right(0x1p-9F, 1.0F));
  EXPECT_FALSE(right(0x1p-10F, 1.0F));
  EXPECT_FALSE(right(0x1p-9F, 0x1.00002p0F));
  // Of f16 they count.
  const auto half = matmul::kF16Op.make_problem("1x1x1", DType::f32);
  const NumericGate strict(matmul::kF16Op, "1x1x1", DataFamily::uniform,
                           operands_of(*half, {0x1p-20F}, {1.0F}));
  EXPECT_TRUE(strict.check({0x1p-20F}).ok);
  EXPECT_FALSE(strict.check({0.0F}).ok);
}

enum class Mistake : std::uint8_t {
  none,
  rounds_sums,
  rounds_products,
  rounds_the_result,
  drops_last_step,
  drops_odd_step,
  swaps_pairs,
  doubles_odd_step,
  takes_the_other_format,
  truncates_a_bit,
  wrong_tail_column,
  stale_accumulator,
  swapped_stride,
  half_of_the_rows,
  ignores_alpha,
  forgets_beta,
  writes_the_gap,
  writes_past_the_end,
  returns_nan,
};

float rounded(DType type, float x) {
  return matmul::widen(type, matmul::narrow(type, x));
}

// The step of B that a mistaken kernel multiplies step `l` of A with.
std::int64_t partner(Mistake mistake, std::int64_t l, std::int64_t k) {
  const bool swaps = mistake == Mistake::swaps_pairs && (l ^ 1) < k;
  return swaps ? l ^ 1 : l;
}

template <DType kType, Mistake kMistake>
float sum_of(const Params& p, const std::uint16_t* a, const std::uint16_t* b,
             float sum) {
  constexpr DType kOther = kType == DType::bf16 ? DType::f16 : DType::bf16;
  constexpr DType kRead = kMistake == Mistake::takes_the_other_format ? kOther : kType;
  const auto mask = static_cast<std::uint16_t>(
      kMistake == Mistake::truncates_a_bit ? 0xfffeU : 0xffffU);
  std::int64_t depth = p.k;
  if (kMistake == Mistake::drops_last_step) --depth;
  if (kMistake == Mistake::drops_odd_step) depth = depth / 2 * 2;
  const std::int64_t ldb = kMistake == Mistake::swapped_stride ? p.ldb + 1 : p.ldb;
  for (std::int64_t l = 0; l < depth; ++l) {
    const auto bits = static_cast<std::uint16_t>(a[l] & mask);
    float term = matmul::widen(kRead, bits) *
                 matmul::widen(kRead, b[partner(kMistake, l, p.k) * ldb]);
    if (kMistake == Mistake::rounds_products) term = rounded(kType, term);
    sum += term;
    const bool lone = l == p.k - 1 && p.k % 2 == 1;
    if (kMistake == Mistake::doubles_odd_step && lone) sum += term;
    if (kMistake == Mistake::rounds_sums) sum = rounded(kType, sum);
  }
  return sum;
}

template <DType kType, Mistake kMistake>
void mutant(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  const auto* const a = context.bindings[matmul::kA].as<const std::uint16_t>();
  const auto* const b = context.bindings[matmul::kB].as<const std::uint16_t>();
  auto* const all_c = context.bindings[matmul::kC].as<float>();
  const std::int64_t rows = kMistake == Mistake::half_of_the_rows ? p.m / 2 : p.m;
  float sum = 0;
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < p.n; ++j) {
      const bool stale = kMistake == Mistake::stale_accumulator && i == 1 && j == 1;
      const std::int64_t column =
          kMistake == Mistake::wrong_tail_column && j == p.n - 1 ? p.n - 2 : j;
      sum = sum_of<kType, kMistake>(p, a + i * p.lda, b + column, stale ? sum : 0.0F);
      float& c = all_c[i * p.ldc + j];
      const float alpha = kMistake == Mistake::ignores_alpha ? 1.0F : p.alpha;
      const float beta = kMistake == Mistake::forgets_beta ? 0.0F : p.beta;
      c = alpha * sum + beta * c;
      if (kMistake == Mistake::rounds_the_result) c = rounded(kType, c);
      if (kMistake == Mistake::returns_nan) c = std::nanf("");
    }
    if (kMistake == Mistake::writes_the_gap && i + 1 < p.m) all_c[i * p.ldc + p.n] = 0;
  }
  if (kMistake == Mistake::writes_past_the_end) all_c[matmul::c_elements(p)] = 0;
}

template <DType kType, Mistake kMistake>
Implementation implementation(const char* name) {
  return {.name = name,
          .provider = Provider::custom,
          .idea = "wrong on purpose",
          .library = {},
          .unsupported = matmul::any_host_device,
          .prepare = [](const PrepareContext& context,
                        const Problem& problem) -> std::unique_ptr<Prepared> {
            const matmul::Params& p = matmul::params_of(problem);
            return std::make_unique<HostDispatch<matmul::Params>>(
                *context.device,
                HostDispatch<matmul::Params>::What{"mutant", mutant<kType, kMistake>},
                matmul::accesses_of(p), p);
          }};
}

// Odd sums, so that the last step is alone in its pair. No gap in A, whose rows
// `swapped_stride` would leave; one in B and in C.
constexpr const char* kMutantShapes[] = {"7x9x23:alpha=-0.5:beta=2:ldb=11:ldc=13",
                                         "4x5x1001:alpha=-0.5:beta=2:ldb=8:ldc=7"};
// Rounding shows in sums that need more bits than a 16-bit number has; small integers
// do up to 23 steps not.
constexpr DataFamily kAnyNumbers[] = {DataFamily::uniform, DataFamily::positive};
constexpr DataFamily kAndIntegers[] = {DataFamily::integers, DataFamily::uniform,
                                       DataFamily::positive};

template <DType kType>
void expect_rejections() {
  const auto expect = [](const Implementation& row, bool accepted,
                         std::span<const DataFamily> families) {
    Device* const device = testing_support::device_or_skip("inline://");
    for (const char* const shape : kMutantShapes) {
      for (const DataFamily family : families) {
        const NumericGate gate(op_of(kType), shape, family, 1);
        EXPECT_EQ(static_cast<bool>(gate.accepts(*device, row)), accepted)
            << row.name << ", " << shape << ", " << to_string(family);
      }
    }
  };
  expect(implementation<kType, Mistake::none>("no mistake"), true, kAllDataFamilies);
#define ASSAY_EXPECT_REJECTED(mistake, families) \
  expect(implementation<kType, Mistake::mistake>(#mistake), false, families)
  ASSAY_EXPECT_REJECTED(rounds_sums, kAnyNumbers);
  ASSAY_EXPECT_REJECTED(rounds_products, kAnyNumbers);
  ASSAY_EXPECT_REJECTED(rounds_the_result, kAnyNumbers);
  ASSAY_EXPECT_REJECTED(drops_last_step, kAndIntegers);
  ASSAY_EXPECT_REJECTED(drops_odd_step, kAndIntegers);
  ASSAY_EXPECT_REJECTED(swaps_pairs, kAndIntegers);
  ASSAY_EXPECT_REJECTED(doubles_odd_step, kAndIntegers);
  ASSAY_EXPECT_REJECTED(takes_the_other_format, kAndIntegers);
  ASSAY_EXPECT_REJECTED(truncates_a_bit, kAnyNumbers);
  ASSAY_EXPECT_REJECTED(wrong_tail_column, kAndIntegers);
  ASSAY_EXPECT_REJECTED(stale_accumulator, kAndIntegers);
  ASSAY_EXPECT_REJECTED(swapped_stride, kAndIntegers);
  ASSAY_EXPECT_REJECTED(half_of_the_rows, kAndIntegers);
  ASSAY_EXPECT_REJECTED(ignores_alpha, kAndIntegers);
  ASSAY_EXPECT_REJECTED(forgets_beta, kAndIntegers);
  ASSAY_EXPECT_REJECTED(writes_the_gap, kAndIntegers);
  ASSAY_EXPECT_REJECTED(writes_past_the_end, kAndIntegers);
  ASSAY_EXPECT_REJECTED(returns_nan, kAndIntegers);
#undef ASSAY_EXPECT_REJECTED
}

TEST(NarrowMutantTest, Bf16KernelsWithAMistakeAreRejected) {
  expect_rejections<DType::bf16>();
}
TEST(NarrowMutantTest, F16KernelsWithAMistakeAreRejected) {
  expect_rejections<DType::f16>();
}

}  // namespace
}  // namespace assay::narrow_test
