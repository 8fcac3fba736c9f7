// SPDX-License-Identifier: MIT
// Exact statements about a count out of n: a simulation's and a study's.
#ifndef ASSAY_REGRESSION_SELFTEST_BINOMIAL_H_
#define ASSAY_REGRESSION_SELFTEST_BINOMIAL_H_

#include <cstdint>

namespace assay::selftest {

// P(Bin(n, p) >= count) and P(Bin(n, p) <= count), 0 <= p <= 1.
double binomial_at_least(std::uint64_t count, std::uint64_t n, double p);
double binomial_at_most(std::uint64_t count, std::uint64_t n, double p);

struct Share {
  double low = 0;
  double high = 1;
};
// Clopper & Pearson (1934): each end leaves out (1 - confidence) / 2 at most. n = 0:
// anything.
Share clopper_pearson(std::uint64_t count, std::uint64_t n, double confidence);

// Two-sided exact test of p = 1/2 for a against b, doubled smaller tail; 1 for none.
double balance_p_value(std::uint64_t a, std::uint64_t b);

// The least n at which n of n prove a share of at least `share` at 95 % (and 0 of n one
// of at most 1 - share): share^n <= 0.05.
std::uint64_t enough_to_show(double share);

}  // namespace assay::selftest

#endif  // ASSAY_REGRESSION_SELFTEST_BINOMIAL_H_
