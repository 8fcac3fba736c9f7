// SPDX-License-Identifier: MIT
// Does a trace show the cause? A diagnosis rests on what the workers' own clocks and
// the device's timestamps say; the trace layer sees the same run from inside, group by
// group and call by call, and has to show what the cause says. Pure functions; the runs
// are made by the experiment.
#ifndef ASSAY_REGRESSION_SCALING_SIGHTING_H_
#define ASSAY_REGRESSION_SCALING_SIGHTING_H_

#include <optional>
#include <span>
#include <string>

#include "regression/judge/verdict.h"
#include "regression/scaling/confirm.h"
#include "regression/scaling/diagnose.h"

namespace assay::scaling {

// Where a traced figure must lie when the cause is right.
struct Prediction {
  std::string text;  // what is looked at: "groups under way"
  double Cell::*figure = nullptr;
  double low = 0;
  double high = 0;
};

// Nothing where a trace would tell nothing: what scales, what is contended or not
// known, more workers than processors, and workers in processes of their own, whose
// devices no trace has together.
std::optional<Prediction> prediction_for(const Evidence& evidence,
                                         const Diagnosis& diagnosis);

struct Sighting {
  Confirmation::Outcome outcome = Confirmation::Outcome::cannot_tell;
  Prediction prediction;
  double value = kUnknown;   // median over the rounds
  judge::Interval interval;  // 95 %
  std::string text;          // one line
};

// The figure's value of every traced run; six at least, or nothing is decided.
Sighting look(const Prediction& prediction, std::span<const double> values);

}  // namespace assay::scaling

#endif  // ASSAY_REGRESSION_SCALING_SIGHTING_H_
