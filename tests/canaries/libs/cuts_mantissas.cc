// SPDX-License-Identifier: MIT
// Multiplies what is left of A and B without the last 13 bits, which is TF32, the
// format of a GPU's matrix units. Over a deep sum such errors cancel more than the
// bound of f32 supposes: against random data they pass from some thousand terms on.
#include <bit>
#include <cstdint>

#include "tests/canaries/libs/plain_sgemm.h"

namespace {

constexpr std::uint32_t kCut = 13;

// Rounded to nearest.
float cut(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  constexpr std::uint32_t kHalf = 1U << (kCut - 1);
  return std::bit_cast<float>((bits + kHalf) & ~((1U << kCut) - 1));
}

// Gaps too: they are not read.
std::vector<float> cut(const float* from, int rows, int columns, int stride) {
  if (rows == 0 || columns == 0) return {};
  std::vector<float> to(static_cast<std::size_t>(canary::Call::offset(rows, stride)));
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) {
      const auto at = canary::Call::offset(i, stride) + j;
      to[static_cast<std::size_t>(at)] = cut(from[at]);
    }
  }
  return to;
}

}  // namespace

void cblas_sgemm(int /*order*/, int trans_a, int trans_b, int m, int n, int k,
                 float alpha, const float* a, int lda, const float* b, int ldb,
                 float beta, float* c, int ldc) {
  const bool plain_a = trans_a == 111;
  const bool plain_b = trans_b == 111;
  const std::vector<float> of_a = cut(a, plain_a ? m : k, plain_a ? k : m, lda);
  const std::vector<float> of_b = cut(b, plain_b ? k : n, plain_b ? n : k, ldb);
  canary::plain_sgemm({trans_a, trans_b, m, n, k, alpha, of_a.data(), lda, of_b.data(),
                       ldb, beta, c, ldc});
}
