// SPDX-License-Identifier: MIT
// A register tile that keeps a vector on the stack in its loop over the sum: what
// no_spills.sh must find.
#include <cstddef>
#include <cstdint>

namespace assay::N_SSE4 {

using Vector __attribute__((vector_size(16))) = float;

template <std::size_t kVectors>
void tile_of(const float* a, const float* b, float* c, std::int64_t depth) noexcept;

template <>
void tile_of<1>(const float* a, const float* b, float* c, std::int64_t depth) noexcept {
  Vector sum = {};
  Vector kept = {};
  for (std::int64_t l = 0; l < depth; ++l, b += 4) {
    const Vector right = {b[0], b[1], b[2], b[3]};
    sum = right * a[l] + sum;
    // NOLINTNEXTLINE(hicpp-no-assembler): a store that no compiler leaves out
    asm volatile("movaps %1, %0" : "=m"(kept) : "x"(sum));
  }
  for (int i = 0; i < 4; ++i) c[i] = sum[i] + kept[i];
}

}  // namespace assay::N_SSE4
