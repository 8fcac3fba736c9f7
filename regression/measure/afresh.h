// SPDX-License-Identifier: MIT
// Does an arm compute, or remember? (Contestant::check_afresh) Written once for arms on
// the device and beside it.
#ifndef ASSAY_REGRESSION_MEASURE_AFRESH_H_
#define ASSAY_REGRESSION_MEASURE_AFRESH_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "regression/measure/sample.h"

namespace assay::measure {

// What is asked of an arm.
struct Afresh {
  std::string name;
  // Replaces the inputs in place: by Workbench::other_contents() of this draw, or by
  // the right ones. The output stays as the last run left it, unless it is read too.
  std::function<void(std::optional<std::uint64_t> draw)> change;
  std::function<double()> run;                 // one run: what it took, in ns
  std::function<void(ArmCheck& check)> look;   // compares the output with the oracle
  std::function<std::vector<float>()> result;  // the output
  // One run on inputs that leave each sum one term (Problem::fill_lone), and a look at
  // what came of it; nothing where there are none.
  std::function<void(ArmCheck& check)> look_lone;
};

class AfreshDraws {
 public:
  // Runs on other inputs, then on the right ones, and looks; folds into `check`. The
  // first time on lone terms, with other data throughout, and with one element changed;
  // later with one element changed, for as long as it is cheap: who skips one call in
  // so many is met by chance. Ends at the first wrong result.
  void look(const Afresh& arm, ArmCheck& check);
  // Throws failed_precondition when runs on inputs that have changed take longer than
  // on inputs that were written again as they were: somebody compares them, and returns
  // what he remembers. That is right, and as plausible as he wants; only the time shows
  // it. Both are preceded by the same copies, so that caches are alike.
  void require_same_time(const Afresh& arm);

 private:
  struct Rounds {
    int all = 0;
    int longer = 0;
    double fresh_ns = 0;  // the shortest
    double again_ns = 0;
  };
  // `alike`: other inputs are written, and not run on, before those of each run.
  Rounds compare_times(const Afresh& arm, bool alike);

  std::uint64_t draw_ = 0;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_AFRESH_H_
