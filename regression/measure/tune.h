// SPDX-License-Identifier: MIT
// Choices that an implementation makes by a formula, measured: its own against another,
// on the same operands.
#ifndef ASSAY_REGRESSION_MEASURE_TUNE_H_
#define ASSAY_REGRESSION_MEASURE_TUNE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/interface/device.h"
#include "backends/interface/kernel_cache.h"
#include "kernels/common/op.h"
#include "regression/measure/sample.h"
#include "regression/measure/sampler.h"

namespace assay::measure {

// What an implementation chooses, and the key it would keep it under.
struct OwnChoice {
  KernelKey key;
  std::string text;
};

// Nothing when it makes no choice for `problem`, or more than one. Throws Error when it
// cannot run.
std::optional<OwnChoice> own_choice(Device& device, const Implementation& row,
                                    const Problem& problem);

struct Duel {
  std::vector<Block> blocks;  // custom: the other choice; library: its own
  std::string wrong;          // empty, or what was wrong with a result
  std::string configuration;  // of the other choice
};

// One round on memory of its own, so that another round has another placement. Every
// epoch's output is checked. `expected`: compute_expected() of uniform data, seed 1.
Duel duel(const std::shared_ptr<Device>& device, const Implementation& row,
          const Problem& problem, const Expected& expected, const std::string& own,
          const std::string& other, const SamplerOptions& options);

// Makes `best` the tuned choice in place of `own` when it is really better, and takes
// back an earlier one when it is not. True when the cache holds something else now.
// Throws Error(bad_file) when its folder does not take the entry.
bool keep_choice(KernelCache& cache, const OwnChoice& own, const std::string& best,
                 bool really_better);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_TUNE_H_
