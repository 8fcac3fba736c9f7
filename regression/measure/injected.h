// SPDX-License-Identifier: MIT
// A contestant made slower on purpose, to see whether a gate notices.
#ifndef ASSAY_REGRESSION_MEASURE_INJECTED_H_
#define ASSAY_REGRESSION_MEASURE_INJECTED_H_

#include "regression/measure/contestant.h"

namespace assay::measure {

// Does `fraction` more work than `subject`: after the iterations of an epoch a
// dependent chain of multiplications runs on the calling thread for that fraction of
// the epoch's own time, and what it took by the clock is added to both times. Work and
// not sleep, which a virtual machine's scheduler rounds. Borrows the subject.
class Injected final : public ContestantLayer {
 public:
  Injected(Contestant& subject, double fraction);

  EpochTime time(Pass pass, std::uint64_t iterations) override;
  std::string configuration() const override;

 private:
  double fraction_;
  double ns_per_step_;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_INJECTED_H_
