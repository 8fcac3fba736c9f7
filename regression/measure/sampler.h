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
  // Fewer blocks, down to min_blocks, where all of them would take longer than this:
  // long iterations make long epochs. 0: always all.
  double pass_ms = 0;
  std::uint32_t min_blocks = 6;
  double epoch_ms = 10;       // the faster arm's epoch lasts at least this long ...
  double max_epoch_ms = 100;  // ... unless the slower arm's would exceed this
  std::uint64_t seed = 1;     // decides the order within blocks
  // An epoch is timed in so many parts of equal work, and its time is their median: the
  // hypervisor takes a processor for milliseconds at a time, which a mean would keep.
  // Parts that others on our cores disturbed (probe.h) do not count and are timed
  // again, up to so many parts for each that is wanted.
  std::uint32_t parts = 16;
  std::uint32_t max_repeats = 3;
};

// Samples of every scope that `pass` serves.
struct PassSamples {
  std::uint64_t iterations = 0;
  std::map<Scope, std::vector<Block>> blocks;
};

// Checks both arms after every epoch; the outcome is in Contestant::check().
PassSamples sample(Device& device, Contestant& custom, Contestant& library, Pass pass,
                   const SamplerOptions& options);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_SAMPLER_H_
