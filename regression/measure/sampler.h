// SPDX-License-Identifier: MIT
// Paired sampling: blocks of four epochs, ABBA or BAAB at random, the same number of
// iterations for both arms. Slow drift cancels within a block; what one arm leaves
// behind (a library's spinning threads) is absorbed by an untimed run at each switch.
#ifndef ASSAY_REGRESSION_MEASURE_SAMPLER_H_
#define ASSAY_REGRESSION_MEASURE_SAMPLER_H_

#include <cstdint>
#include <functional>
#include <map>

#include "backends/interface/device.h"
#include "regression/measure/contestant.h"
#include "regression/measure/sample.h"

namespace assay::measure {

struct SamplerOptions {
  std::uint32_t blocks = 4;
  double epoch_ms = 10;       // the faster arm's epoch lasts at least this long ...
  double max_epoch_ms = 100;  // ... unless the slower arm's would exceed this
  std::uint64_t seed = 1;     // decides the order within blocks
};

// Samples of every scope that `pass` serves.
struct PassSamples {
  std::uint64_t iterations = 0;
  std::map<Scope, std::vector<Block>> blocks;
};

// Checks both arms after every epoch; the outcome is in Contestant::check().
PassSamples sample(const Device& device, Contestant& custom, Contestant& library,
                   Pass pass, const SamplerOptions& options);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_SAMPLER_H_
