// SPDX-License-Identifier: MIT
#include "regression/judge/distributions.h"

#include <cmath>
#include <limits>

#include "regression/judge/limits.h"

namespace assay::judge {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

// From here on the expansions in 1/nu below are closer than the continued fraction.
constexpr double kManyDegrees = 1e6;

// ln Gamma(a + d) - ln Gamma(a) for d = 1/2, where the difference of two large values
// of lgamma would keep no digits: Abramowitz & Stegun 6.1.47, next term below 1e-14 at
// a = 50.
double lgamma_half_step(double a) {
  const double r = 1 / a;
  return 0.5 * std::log(a) -
         r * (1.0 / 8 -
              r * r * (1.0 / 192 - r * r * (1.0 / 640 - r * r * 17.0 / 14336)));
}

// ln B(a, b).
double log_beta(double a, double b) {
  constexpr double kLarge = 50;
  if (b == 0.5 && a > kLarge) return std::lgamma(b) - lgamma_half_step(a);
  if (a == 0.5 && b > kLarge) return std::lgamma(a) - lgamma_half_step(b);
  return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
}

// The continued fraction of I_x(a, b) by Lentz's method (DLMF 8.17.22; modified as in
// Thompson & Barnett 1986, so that no denominator is zero). Converges in O(sqrt(max(a,
// b))) steps for x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  const auto away_from_zero = [](double v) { return std::fabs(v) < kTiny ? kTiny : v; };
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double result = d;
  for (int i = 1; i <= 100'000; ++i) {
    const double m = i;
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    result *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    result *= d * c;
    if (std::fabs(d * c - 1) < 4 * kEpsilon) return result;
  }
  return kNaN;
}

// P(T > t) for t >= 0: 1/2 I_x(nu/2, 1/2) with x = nu / (nu + t^2) (DLMF 8.17,
// A&S 26.7.1).
double student_t_upper_tail(double t, double nu) {
  if (nu > kManyDegrees) {
    // A&S 26.7.8; the next term is O(nu^-2).
    return normal_cdf(-t * (1 - 0.25 / nu) / std::sqrt(1 + t * t / (2 * nu)));
  }
  const double square = t * t;
  if (!(square < kInfinity)) {
    // x = nu / t^2 would round to zero; the first term of the series is enough.
    return 0.5 * std::exp(0.5 * nu * (std::log(nu) - 2 * std::log(t)) -
                          std::log(0.5 * nu) - log_beta(0.5 * nu, 0.5));
  }
  return 0.5 *
         incomplete_beta(0.5 * nu, 0.5, nu / (nu + square), square / (nu + square));
}

// The t >= 0 where the falling function tail(t) meets q, by bisection: slower than
// Newton's method and never wrong about a flat tail.
template <class Tail>
double solve_tail(const Tail& tail, double q) {
  double high = 1;
  while (tail(high) > q) {
    high *= 2;
    if (!(high < kInfinity)) return kInfinity;
  }
  double low = high > 1 ? high / 2 : 0;
  for (int i = 0; i < 1100 && high - low > 2 * kEpsilon * high; ++i) {
    const double middle = 0.5 * (low + high);
    (tail(middle) > q ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

// The quantile of a symmetric distribution from its upper tail.
template <class Tail>
double symmetric_quantile(double p, const Tail& tail) {
  if (!(p > 0 && p < 1)) return kNaN;
  if (p == 0.5) return 0;
  // 1 - p is exact for p in [1/2, 1].
  return p < 0.5 ? -solve_tail(tail, p) : solve_tail(tail, 1 - p);
}

}  // namespace

double incomplete_beta(double a, double b, double x, double y) {
  if (!(a > 0 && b > 0 && x >= 0 && y >= 0 && x <= 1 && y <= 1)) return kNaN;
  if (x == 0) return 0;
  if (y == 0) return 1;
  // log1p of the smaller of the two keeps the digits of the one near 1.
  const double log_x = x < 0.5 ? std::log(x) : std::log1p(-y);
  const double log_y = y < 0.5 ? std::log(y) : std::log1p(-x);
  const double front = std::exp(a * log_x + b * log_y - log_beta(a, b));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, y) / b;
}

double student_t_cdf(double t, double nu) {
  if (!(nu > 0) || std::isnan(t)) return kNaN;
  if (std::isinf(t)) return t > 0 ? 1 : 0;
  const double tail = student_t_upper_tail(std::fabs(t), nu);
  return t > 0 ? 1 - tail : tail;
}

double student_t_quantile(double p, double nu) {
  if (!(nu > 0)) return kNaN;
  if (nu > kManyDegrees) {
    // A&S 26.7.5; the next term is O(nu^-3).
    const double z = normal_quantile(p);
    const double z2 = z * z;
    return z + z * (z2 + 1) / (4 * nu) + z * ((5 * z2 + 16) * z2 + 3) / (96 * nu * nu);
  }
  return symmetric_quantile(p, [nu](double t) { return student_t_upper_tail(t, nu); });
}

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

double normal_quantile(double p) {
  return symmetric_quantile(p, [](double z) { return normal_cdf(-z); });
}

std::size_t sign_test_rank(std::size_t n, double confidence) {
  if (n == 0 || !(confidence > 0 && confidence < 1)) return 0;
  const double limit = (1 - confidence) / 2;
  // 2^-n is exact up to here, so C(n, i) 2^-n is as exact as the products; beyond, in
  // logs.
  const bool direct = n <= 1000;
  const double log_scale = -static_cast<double>(n) * std::log(2.0);
  double term = direct ? std::ldexp(1.0, -static_cast<int>(n)) : log_scale;
  double below = 0;  // P(Bin(n, 1/2) < k + 1) after the addition
  std::size_t k = 0;
  while (k < n) {
    below += direct ? term : std::exp(term);
    if (!(below <= limit)) break;
    const double up = static_cast<double>(n - k);
    ++k;
    const double down = static_cast<double>(k);
    term = direct ? term * up / down : term + std::log(up / down);
  }
  return k;
}

}  // namespace assay::judge
