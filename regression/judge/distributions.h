// SPDX-License-Identifier: MIT
// Student's t, the standard normal and the binomial with p = 1/2: what the intervals of
// statistics.h need, computed here so that a verdict is the same with any libm or
// locale.
#ifndef ASSAY_REGRESSION_JUDGE_DISTRIBUTIONS_H_
#define ASSAY_REGRESSION_JUDGE_DISTRIBUTIONS_H_

#include <cstddef>

namespace assay::judge {

// Regularized incomplete beta function I_x(a, b), a > 0, b > 0, given x and its
// complement y = 1 - x: the caller often knows both without cancellation. Relative
// accuracy 1e-10 for a, b up to 1e6; NaN outside of the domain.
double incomplete_beta(double a, double b, double x, double y);

// Student's t with nu > 0 degrees of freedom (fractional allowed). Relative accuracy
// 1e-8, in both tails; NaN outside of the domain.
double student_t_cdf(double t, double nu);
double student_t_quantile(double p, double nu);  // 0 < p < 1

double normal_cdf(double z);
double normal_quantile(double p);  // 0 < p < 1

// The k of the sign-test interval x_(k) .. x_(n+1-k) of a median:
//   k = max{ j : P(Bin(n, 1/2) < j) <= alpha / 2 },  alpha = 1 - confidence
// (Hoefler & Belli, SC'15, doi 10.1145/2807591.2807644). 0 when n is too small for any.
std::size_t sign_test_rank(std::size_t n, double confidence);

}  // namespace assay::judge

#endif  // ASSAY_REGRESSION_JUDGE_DISTRIBUTIONS_H_
