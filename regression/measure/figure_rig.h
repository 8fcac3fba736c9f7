// SPDX-License-Identifier: MIT
// What the rows of the figures' tables work on.
#ifndef ASSAY_REGRESSION_MEASURE_FIGURE_RIG_H_
#define ASSAY_REGRESSION_MEASURE_FIGURE_RIG_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "backends/interface/device.h"

namespace assay::measure {

// How many groups really ran. Kernels get it as host_data, which is const for them.
struct GroupCount {
  mutable std::atomic<std::uint64_t> groups = 0;
};

struct ReuseRig;

struct FigureRig {
  explicit FigureRig(std::shared_ptr<Device> on);

  std::shared_ptr<CommandBuffer> encode(const std::shared_ptr<Kernel>& what,
                                        std::uint32_t groups) const;

  std::shared_ptr<Device> device;
  std::shared_ptr<GroupCount> count;
  std::shared_ptr<Queue> first;
  std::shared_ptr<Queue> second;
  std::shared_ptr<Kernel> kernel;
  std::shared_ptr<Kernel> long_kernel;
  std::shared_ptr<CommandBuffer> one;     // one empty group
  std::shared_ptr<CommandBuffer> wide;    // kWideGroups empty groups
  std::shared_ptr<CommandBuffer> longer;  // one group of about 20 us
  // Graphs, a pool, a cache: made by the first row that asks (reuse_figures.cc).
  std::shared_ptr<ReuseRig> reuse;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_FIGURE_RIG_H_
