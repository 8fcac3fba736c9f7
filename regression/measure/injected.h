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
class Injected final : public Contestant {
 public:
  Injected(Contestant& subject, double fraction);

  void warm(Pass pass) override { subject_.warm(pass); }
  EpochTime time(Pass pass, std::uint64_t iterations) override;
  void before_epoch(Pass pass) override { subject_.before_epoch(pass); }
  void after_epoch(Pass pass) override { subject_.after_epoch(pass); }
  void check_afresh() override { subject_.check_afresh(); }
  void require_computed() override { subject_.require_computed(); }
  const ArmCheck& check() const noexcept override { return subject_.check(); }
  std::string configuration() const override;

 private:
  Contestant& subject_;
  double fraction_;
  double ns_per_step_;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_INJECTED_H_
