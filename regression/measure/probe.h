// SPDX-License-Identifier: MIT
// Is somebody else using our cores? On a virtual machine a processor is half of a core,
// and when the other half is busy, code that fills the core's issue slots takes up to
// twice its time while a chain of dependent operations takes 5 % more. It comes and
// goes within milliseconds, no counter of the guest shows it, and it does not
// cancel in a ratio: seen as two exact levels (100 and 195 ns for one call) on a
// machine whose steal counter stood still. So a loop of its own asks before and after
// every part of an epoch.
#ifndef ASSAY_REGRESSION_MEASURE_PROBE_H_
#define ASSAY_REGRESSION_MEASURE_PROBE_H_

#include <memory>

#include "backends/interface/device.h"

namespace assay::measure {

// A short loop of independent operations on every compute unit of a device. Not
// thread-safe.
class Probe {
 public:
  explicit Probe(Device& device);
  ~Probe();

  // Time of the loop on the slowest compute unit, each unit's best of a few, in ns. 0
  // on a device without host kernels.
  double run();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
  std::shared_ptr<Queue> queue_;
  std::shared_ptr<CommandBuffer> commands_;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_PROBE_H_
