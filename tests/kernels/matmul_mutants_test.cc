// SPDX-License-Identifier: MIT
// Kernels with a mistake each: the numeric gates must reject every one of them, up to
// the deepest sums that are gated, and accept the one without.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <string>

#include "kernels/matmul/host_kernel.h"
#include "tests/kernels/matmul_harness.h"

namespace assay {
namespace {

using matmul::Arrays;
using matmul::Params;
using testing_support::NumericGate;

enum class Mistake : std::uint8_t {
  none,
  drops_last_step,
  wrong_tail_column,
  stale_accumulator,
  swapped_stride,
  bfloat_inputs,
  half_of_the_rows,
  ignores_alpha,
  forgets_beta,
  writes_the_gap,
  writes_past_the_end,
  writes_before_the_start,
  writes_an_input,
  returns_nan,
  transposed_input,
  adds_last_block_twice,
};

float to_bfloat(float x) {
  return std::bit_cast<float>((std::bit_cast<std::uint32_t>(x) + 0x8000U) &
                              0xffff0000U);
}

struct Element {
  std::int64_t i;
  std::int64_t j;
};

float term(Mistake mistake, const Params& p, const Arrays& x, Element at,
           std::int64_t l) {
  const std::int64_t lda = mistake == Mistake::swapped_stride ? p.ldb : p.lda;
  const bool ta = p.transpose_a != (mistake == Mistake::transposed_input);
  float a = x.a[ta ? l * lda + at.i : at.i * lda + l];
  float b = x.b[p.transpose_b ? at.j * p.ldb + l : l * p.ldb + at.j];
  if (mistake == Mistake::bfloat_inputs) {
    a = to_bfloat(a);
    b = to_bfloat(b);
  }
  return a * b;
}

template <Mistake kMistake>
void mutant(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  const Arrays x = matmul::arrays_of(context);
  const std::int64_t rows = kMistake == Mistake::half_of_the_rows ? p.m / 2 : p.m;
  const std::int64_t depth = kMistake == Mistake::drops_last_step ? p.k - 1 : p.k;
  float sum = 0;
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < p.n; ++j) {
      const bool keeps =
          kMistake == Mistake::stale_accumulator && i == p.m / 2 && j == 1;
      if (!keeps) sum = 0;
      const std::int64_t column =
          kMistake == Mistake::wrong_tail_column && j == p.n - 1 ? p.n - 2 : j;
      for (std::int64_t l = 0; l < depth; ++l)
        sum += term(kMistake, p, x, {i, column}, l);
      if (kMistake == Mistake::adds_last_block_twice) {
        for (std::int64_t l = depth / 16 * 16 - 1; l < depth; ++l) {
          sum += term(kMistake, p, x, {i, column}, l);
        }
      }
      float& c = x.c[i * p.ldc + j];
      const float alpha = kMistake == Mistake::ignores_alpha ? 1.0F : p.alpha;
      const float old =
          p.beta == 0.0F || kMistake == Mistake::forgets_beta ? 0.0F : p.beta * c;
      c = alpha * sum + old;
      if (kMistake == Mistake::returns_nan) c = std::nanf("");
    }
    if (kMistake == Mistake::writes_the_gap && i + 1 < p.m) x.c[i * p.ldc + p.n] = 0;
  }
  if (kMistake == Mistake::writes_past_the_end) x.c[matmul::c_elements(p)] = 0;
  if (kMistake == Mistake::writes_before_the_start) x.c[-1] = 0;
  // When all of C is right.
  if (kMistake == Mistake::writes_an_input) const_cast<float*>(x.b)[0] += 1;
}

template <Mistake kMistake>
std::unique_ptr<Prepared> prepare_mutant(const PrepareContext& context,
                                         const Problem& problem) {
  const matmul::Params& p = matmul::params_of(problem);
  return std::make_unique<HostDispatch<matmul::Params>>(
      *context.device, HostDispatch<matmul::Params>::What{"mutant", mutant<kMistake>},
      matmul::accesses_of(p), p);
}

template <Mistake kMistake>
constexpr Implementation implementation(const char* name) {
  return {.name = name,
          .provider = Provider::custom,
          .idea = "wrong on purpose",
          .library = {},
          .unsupported = needs_host_kernels,
          .prepare = prepare_mutant<kMistake>};
}

// Where a mistake must show: shapes, and the families of which each must reject it. A
// gap, beta and alpha other than 1 where the mistake needs them.
constexpr const char* kShapes[] = {"17x19x23:alpha=-0.5:beta=2:lda=29:ldb=31:ldc=37",
                                   "9x11x1000:alpha=-0.5:beta=2:lda=1003:ldb=17:ldc=13",
                                   "4x5x8192:alpha=-0.5:beta=2:lda=8193:ldb=8:ldc=7"};
constexpr DataFamily kRandom[] = {DataFamily::uniform, DataFamily::positive};
// Small integers are bfloat16 numbers: rounding to that type cannot show there.
constexpr DataFamily kWithIntegers[] = {DataFamily::integers, DataFamily::uniform,
                                        DataFamily::positive};

struct Mutant {
  Implementation implementation;
  std::span<const DataFamily> families;
};

class MatmulMutantTest : public testing::TestWithParam<Mutant> {};

TEST_P(MatmulMutantTest, IsRejected) {
  Device* const device = testing_support::device_or_skip("inline://");
  for (const char* const shape : kShapes) {
    for (const DataFamily family : GetParam().families) {
      const NumericGate gate(shape, family, 1);
      EXPECT_FALSE(gate.accepts(*device, GetParam().implementation))
          << GetParam().implementation.name << ", " << shape << ", "
          << to_string(family);
    }
  }
}

TEST(MatmulMutantControlTest, TheKernelWithoutAMistakeIsAccepted) {
  Device* const device = testing_support::device_or_skip("inline://");
  constexpr Implementation kControl = implementation<Mistake::none>("no-mistake");
  for (const char* const shape : kShapes) {
    for (const DataFamily family : kAllDataFamilies) {
      EXPECT_TRUE(NumericGate(shape, family, 1).accepts(*device, kControl));
    }
  }
}

void PrintTo(const Mutant& mutant, std::ostream* out) {
  *out << mutant.implementation.name;
}

std::string mutant_name(const testing::TestParamInfo<Mutant>& info) {
  return std::string(info.param.implementation.name);
}

INSTANTIATE_TEST_SUITE_P(
    All, MatmulMutantTest,
    testing::Values(
        Mutant{implementation<Mistake::drops_last_step>("DropsLastStep"),
               kWithIntegers},
        Mutant{implementation<Mistake::wrong_tail_column>("WrongTailColumn"),
               kWithIntegers},
        Mutant{implementation<Mistake::stale_accumulator>("StaleAccumulator"),
               kWithIntegers},
        Mutant{implementation<Mistake::swapped_stride>("SwappedStride"), kWithIntegers},
        Mutant{implementation<Mistake::bfloat_inputs>("BfloatInputs"), kRandom},
        Mutant{implementation<Mistake::half_of_the_rows>("HalfOfTheRows"),
               kWithIntegers},
        Mutant{implementation<Mistake::ignores_alpha>("IgnoresAlpha"), kWithIntegers},
        Mutant{implementation<Mistake::forgets_beta>("ForgetsBeta"), kWithIntegers},
        Mutant{implementation<Mistake::writes_the_gap>("WritesTheGap"), kWithIntegers},
        Mutant{implementation<Mistake::writes_past_the_end>("WritesPastTheEnd"),
               kWithIntegers},
        Mutant{implementation<Mistake::writes_before_the_start>("WritesBeforeTheStart"),
               kWithIntegers},
        Mutant{implementation<Mistake::writes_an_input>("WritesAnInput"),
               kWithIntegers},
        Mutant{implementation<Mistake::returns_nan>("ReturnsNan"), kWithIntegers},
        Mutant{implementation<Mistake::adds_last_block_twice>("AddsLastBlockTwice"),
               kWithIntegers}),
    mutant_name);

}  // namespace
}  // namespace assay
