// SPDX-License-Identifier: MIT
// Is a cause one? A diagnosis rests on correlation; here something is changed, and
// nothing else, and the rate has to change by what the diagnosis predicts. Pure
// functions; the runs are made by the experiment.
//
// What is changed is a call, through the perturb layer (docs/layers.md), where a
// disturbance tells causes apart: a worker that queues for something full does not mind
// a delay of its own, one that the device waits for does, and a lock around a call that
// is serialised already costs nothing. A delay in the sync call tells nothing, since it
// hides behind the own work there whatever else is true; so the wait for others is
// taken away instead.
#ifndef ASSAY_REGRESSION_SCALING_CONFIRM_H_
#define ASSAY_REGRESSION_SCALING_CONFIRM_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "regression/judge/verdict.h"
#include "regression/scaling/condition.h"
#include "regression/scaling/diagnose.h"

namespace assay::scaling {

struct Intervention {
  std::string text;   // "submit delayed by 12 us"
  std::string layer;  // put before the device's URI: "perturb(...)+"; may be empty
  Condition condition;
  // Where the rate with it over the rate without must lie when the cause is right.
  double low = 0;
  double high = 0;
};

// Nothing where no change would tell: what scales, what is contended or not known, and
// queues for something full that nobody queues for.
std::optional<Intervention> intervention_for(const Evidence& evidence,
                                             const Diagnosis& diagnosis);

struct Confirmation {
  enum class Outcome : std::uint8_t {
    confirmed,     // the whole interval is where the cause predicts
    contradicted,  // the whole interval is elsewhere
    cannot_tell,
  };
  Outcome outcome = Outcome::cannot_tell;
  Intervention intervention;
  double ratio = kUnknown;   // median over the rounds
  judge::Interval interval;  // 95 %
  std::string text;          // one line
};
std::string_view to_string(Confirmation::Outcome outcome) noexcept;

// Six ratios at least, or nothing is decided.
Confirmation confirm(const Intervention& intervention, std::span<const double> ratios);

}  // namespace assay::scaling

#endif  // ASSAY_REGRESSION_SCALING_CONFIRM_H_
