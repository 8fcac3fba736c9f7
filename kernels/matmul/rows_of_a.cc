// SPDX-License-Identifier: MIT
#include "kernels/matmul/rows_of_a.h"

#include <algorithm>
#include <cstring>

#include "kernels/common/tile_unit.h"

namespace assay::matmul {
namespace {

constexpr std::int64_t kBytes = 2;  // of an element

void copy_rows(const RowsOfA& x, const Nearer& near) noexcept {
  std::byte* to = near.to;
  const std::byte* from = first_of(x);
  const auto bytes = static_cast<std::size_t>(x.steps.size() * kBytes);
  const auto rest = static_cast<std::size_t>((x.padded - x.steps.size()) * kBytes);
  for (std::int64_t i = 0; i < x.rows.size(); ++i) {
    std::memcpy(to, from, bytes);
    std::memset(to + bytes, 0, rest);
    to += near.row_bytes;
    from += x.params.lda * kBytes;
  }
}

// A block of steps and rows at a time: each line of A and of the copy is in the
// first-level cache until all of it was used.
void turn_rows(const RowsOfA& x, const Nearer& near) noexcept {
  constexpr std::int64_t kSide = 32;
  const std::int64_t stride = near.row_bytes / kBytes;
  auto* const first = static_cast<std::uint16_t*>(static_cast<void*>(near.to));
  for (std::int64_t step = 0; step < x.padded; step += kSide) {
    for (std::int64_t row = 0; row < x.rows.size(); row += kSide) {
      const std::int64_t last_row = std::min(row + kSide, x.rows.size());
      for (std::int64_t i = row; i < last_row; ++i) {
        for (std::int64_t l = step; l < step + kSide; ++l) {
          const bool there = l < x.steps.size();
          first[i * stride + l] =
              there ? x.a[(x.steps.begin + l) * x.params.lda + x.rows.begin + i]
                    : std::uint16_t{0};
        }
      }
    }
  }
}

}  // namespace

const std::byte* first_of(const RowsOfA& x) noexcept {
  return static_cast<const std::byte*>(
      static_cast<const void*>(x.a + x.rows.begin * x.params.lda + x.steps.begin));
}

bool lies_in_tiles(const RowsOfA& x) noexcept {
  if (x.params.transpose_a || x.padded != x.steps.size()) return false;
  const auto address = reinterpret_cast<std::uintptr_t>(first_of(x));
  return x.params.lda * kBytes % kTileRowBytes == 0 && address % kTileRowBytes == 0;
}

void bring_near(const RowsOfA& x, const Nearer& near) noexcept {
  (x.params.transpose_a ? turn_rows : copy_rows)(x, near);
}

std::int64_t spread_row_bytes(std::int64_t bytes) noexcept {
  return bytes / kTileRowBytes % 2 == 0 ? bytes + kTileRowBytes : bytes;
}

}  // namespace assay::matmul
