// SPDX-License-Identifier: MIT
// Does an arm compute, or remember? (Contestant::check_afresh) Written once for arms on
// the device and beside it.
#ifndef ASSAY_REGRESSION_MEASURE_AFRESH_H_
#define ASSAY_REGRESSION_MEASURE_AFRESH_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "regression/measure/sample.h"

namespace assay::measure {

// What is asked of an arm.
struct Afresh {
  // One run on inputs replaced in place: by Workbench::other_contents() of this draw,
  // or by the right ones. The output is as the last run left it, unless it is read too.
  std::function<void(std::optional<std::uint64_t> draw)> run;
  std::function<void(ArmCheck& check)> look;   // compares the output with the oracle
  std::function<std::vector<float>()> result;  // the output
};

class AfreshDraws {
 public:
  // Runs on other inputs, then on the right ones, and looks; folds into `check`. The
  // first time once with other data throughout, and once with one element changed;
  // later with one element changed, for as long as it is cheap: who skips one call in
  // so many is met by chance. Ends at the first wrong result.
  void look(const Afresh& arm, ArmCheck& check);

 private:
  std::uint64_t draw_ = 0;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_AFRESH_H_
