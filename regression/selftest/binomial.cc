// SPDX-License-Identifier: MIT
#include "regression/selftest/binomial.h"

#include <algorithm>
#include <cmath>

#include "regression/judge/distributions.h"

namespace assay::selftest {
namespace {

// The p where the monotone `rises(p)` meets `level`.
template <class Function>
double solve(const Function& rises, double level) {
  double low = 0;
  double high = 1;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (rises(middle) < level ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace

// P(Bin(n, p) >= k) = I_p(k, n - k + 1) (DLMF 8.17.5).
double binomial_at_least(std::uint64_t count, std::uint64_t n, double p) {
  if (count == 0) return 1;
  if (count > n) return 0;
  return judge::incomplete_beta(static_cast<double>(count),
                                static_cast<double>(n - count + 1), p, 1 - p);
}

double binomial_at_most(std::uint64_t count, std::uint64_t n, double p) {
  if (count >= n) return 1;
  return judge::incomplete_beta(static_cast<double>(n - count),
                                static_cast<double>(count + 1), 1 - p, p);
}

Share clopper_pearson(std::uint64_t count, std::uint64_t n, double confidence) {
  Share share;
  if (n == 0) return share;
  const double tail = (1 - confidence) / 2;
  if (count > 0) {
    share.low = solve([&](double p) { return binomial_at_least(count, n, p); }, tail);
  }
  if (count < n) {
    // P(at most) falls with p.
    share.high = solve([&](double p) { return -binomial_at_most(count, n, p); }, -tail);
  }
  return share;
}

double balance_p_value(std::uint64_t a, std::uint64_t b) {
  return std::min(1.0, 2 * binomial_at_least(std::max(a, b), a + b, 0.5));
}

std::uint64_t enough_to_show(double share) {
  return static_cast<std::uint64_t>(std::ceil(std::log(0.05) / std::log(share)));
}

}  // namespace assay::selftest
