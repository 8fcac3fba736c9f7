// SPDX-License-Identifier: MIT
// Statistics of paired samples. Pure functions over spans; NaN anywhere in the input of
// a function makes its result NaN, never a number.
#ifndef ASSAY_REGRESSION_JUDGE_STATISTICS_H_
#define ASSAY_REGRESSION_JUDGE_STATISTICS_H_

#include <span>
#include <string>
#include <vector>

#include "regression/judge/verdict.h"

namespace assay::judge {

// Of every interval that is shown.
inline constexpr double kConfidence = 0.95;

double median(std::span<const double> values);     // NaN when empty
double mean(std::span<const double> values);       // NaN when empty
double sample_sd(std::span<const double> values);  // n - 1; NaN below two values
// Median of |x - median|, unscaled.
double median_absolute_deviation(std::span<const double> values);

// d_b = 1/2 [(ln library1 + ln library2) - (ln custom1 + ln custom2)]: positive when
// the custom arm is faster. Linear drift over a block cancels in ABBA and BAAB alike.
// NaN when a time is not a positive finite number.
double block_log_ratio(const measure::Block& block);

// Distribution-free interval of a median (Hoefler & Belli 2015, rule for order
// statistics): x_(k) and x_(n+1-k), k = max{ j : P(Bin(n, 1/2) < j) <= alpha / 2 }.
// When n is too small for any k >= 1 (n < 6 at 95 %) the interval is (-inf, +inf).
Interval sign_test_interval(std::span<const double> values, double confidence);

// mean -+ t_{n-1, (1+confidence)/2} * sd / sqrt(n); (-inf, +inf) below two values.
Interval t_interval(std::span<const double> values, double confidence);

// Lag-1 autocorrelation; 0 when undefined (fewer than 3 values, or all equal).
double lag1_autocorrelation(std::span<const double> values);

// How much wider an interval that assumes independence has to be: sqrt((1+r)/(1-r))
// when the lag-1 autocorrelation r is above 2/sqrt(n), where it is hardly chance;
// else 1.
double autocorrelation_widening(std::span<const double> values);

struct Estimate {
  double center = 0;
  Interval interval;
  std::string kind;  // "t over 5 processes"
};

// One log ratio and its interval from the block log ratios of each process:
//   3 and more processes: Student's t over the processes' medians. The process is the
//       unit of replication: placement and layout are drawn once for each, and more
//       blocks do not average them out (Kalibera & Jones, ISMM'13). Centre: their mean.
//   1 process: sign-test interval of its blocks around their median, widened for lag-1
//       autocorrelation. It speaks for this process alone.
//   2 processes: each as above, then the hull of the two intervals; centre: the mean of
//       the two medians. Two values say next to nothing about the spread between
//       processes (t with one degree of freedom: 12.7 sd), so what each process allows
//       stays allowed, and pooled blocks do not pass for twice the evidence.
// Precondition: no process is empty. No process at all: NaN.
Estimate estimate_log_ratio(std::span<const std::vector<double>> processes,
                            double confidence);

}  // namespace assay::judge

#endif  // ASSAY_REGRESSION_JUDGE_STATISTICS_H_
