// SPDX-License-Identifier: MIT
// Contiguous parts of a one-dimensional problem, one a group.
#ifndef ASSAY_KERNELS_COMMON_SPLIT_H_
#define ASSAY_KERNELS_COMMON_SPLIT_H_

#include <algorithm>
#include <cstdint>

#include "kernels/common/checked_math.h"

namespace assay {

// Part g of [0, total) is [g * size, min(total, (g + 1) * size)); none is empty.
struct Split {
  std::int64_t size = 0;
  std::uint32_t parts = 0;

  std::int64_t begin(std::uint32_t part) const noexcept { return part * size; }
  std::int64_t end(std::uint32_t part, std::int64_t total) const noexcept {
    return std::min(total, (part + 1) * size);
  }
};

// One part a unit, of at least `least` and a multiple of `quantum`: as few as keep
// every unit busy, since streams that are long are the ones hardware prefetches.
constexpr Split split_for_units(std::int64_t total, std::int64_t least,
                                std::int64_t quantum, std::uint32_t units) noexcept {
  if (total == 0) return {};
  const std::int64_t even = divide_up(total, static_cast<std::int64_t>(units));
  const std::int64_t size = divide_up(std::max(even, least), quantum) * quantum;
  return {size, static_cast<std::uint32_t>(divide_up(total, size))};
}

// Where part `index` of `count` parts of [0, extent) begins. Parts differ by at most
// one: a short rest, cut off last, would leave the multiply-add units waiting for
// results.
constexpr std::int64_t balanced_begin(std::int64_t extent, std::int64_t count,
                                      std::int64_t index) noexcept {
  return extent / count * index + (index < extent % count ? index : extent % count);
}

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_SPLIT_H_
