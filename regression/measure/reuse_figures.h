// SPDX-License-Identifier: MIT
// Figures of what is made once and used often: graphs, memory pools, the kernel cache.
#ifndef ASSAY_REGRESSION_MEASURE_REUSE_FIGURES_H_
#define ASSAY_REGRESSION_MEASURE_REUSE_FIGURES_H_

#include <span>

#include "regression/measure/figures.h"

namespace assay::measure {

std::span<const Figure> reuse_figures() noexcept;

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_REUSE_FIGURES_H_
