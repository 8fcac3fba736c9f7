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
class AfterLibrary final : public ContestantLayer {
 public:
  AfterLibrary(Contestant& subject, Contestant& library)
      : ContestantLayer(subject), library_(library) {}

  void warm(Pass pass) override {
    library_.warm(pass);
    subject().warm(pass);
  }
  std::string configuration() const override {
    return subject().configuration() + " after a library call";
  }

 private:
  Contestant& library_;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_CONTROL_H_
