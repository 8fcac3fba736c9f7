// SPDX-License-Identifier: MIT
// The control that finds what a library leaves behind: threads that spin for a while
// after a call would slow whoever comes next.
#ifndef ASSAY_REGRESSION_MEASURE_CONTROL_H_
#define ASSAY_REGRESSION_MEASURE_CONTROL_H_

#include "regression/measure/contestant.h"

namespace assay::measure {

// `subject`, but with a call of `library` before each of its warm runs. Against the
// same subject alone it must show no difference: the one untimed run at a switch of
// arms is enough, or the sampler is biased. Borrows both.
class AfterLibrary final : public Contestant {
 public:
  AfterLibrary(Contestant& subject, Contestant& library)
      : subject_(subject), library_(library) {}

  void warm(Pass pass) override {
    library_.warm(pass);
    subject_.warm(pass);
  }
  EpochTime time(Pass pass, std::uint64_t iterations) override {
    return subject_.time(pass, iterations);
  }
  void before_epoch(Pass pass) override { subject_.before_epoch(pass); }
  void after_epoch(Pass pass) override { subject_.after_epoch(pass); }
  void check_afresh() override { subject_.check_afresh(); }
  void require_computed() override { subject_.require_computed(); }
  const ArmCheck& check() const noexcept override { return subject_.check(); }
  std::string configuration() const override {
    return subject_.configuration() + " after a library call";
  }

 private:
  Contestant& subject_;
  Contestant& library_;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_CONTROL_H_
