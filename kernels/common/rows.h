// SPDX-License-Identifier: MIT
// What the ops over rows of a matrix share: one row at a time, whole rows a group.
#ifndef ASSAY_KERNELS_COMMON_ROWS_H_
#define ASSAY_KERNELS_COMMON_ROWS_H_

#include <cstdint>

#include "kernels/common/cache_info.h"
#include "kernels/common/checked_math.h"
#include "kernels/common/op.h"
#include "kernels/common/split.h"

namespace assay {

// Some microseconds of work: less is not worth a unit of its own.
inline constexpr std::int64_t kLeastRowElements = 16384;

inline Split split_rows(std::int64_t rows, std::int64_t cols, std::uint32_t units) {
  if (cols == 0) return {};
  return split_for_units(rows, divide_up(kLeastRowElements, cols), 1, units);
}

// True when the operands do not survive in the last cache from one computation to the
// next. Then stores that bypass it save the read of every line that is written whole,
// and leave the cache to the inputs. Values do not depend on it.
inline bool beyond_cache(const Problem& problem) {
  return problem.compulsory_bytes() > last_cache_share(cache_info());
}

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_ROWS_H_
