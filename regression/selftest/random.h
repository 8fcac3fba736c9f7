// SPDX-License-Identifier: MIT
// Random numbers that are the same everywhere: the standard's distributions differ
// between libraries.
#ifndef ASSAY_REGRESSION_SELFTEST_RANDOM_H_
#define ASSAY_REGRESSION_SELFTEST_RANDOM_H_

#include <cmath>
#include <cstdint>

namespace assay::selftest {

// splitmix64 (Vigna, public domain).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t bits() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  double uniform() {  // in (0, 1)
    return (static_cast<double>(bits() >> 11U) + 0.5) * 0x1p-53;
  }
  bool chance(double share) { return uniform() < share; }
  // Marsaglia's polar method; the second of each pair is kept.
  double normal() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    double x = 0;
    double y = 0;
    double square = 0;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square == 0);
    const double factor = std::sqrt(-2 * std::log(square) / square);
    spare_ = y * factor;
    has_spare_ = true;
    return x * factor;
  }

 private:
  std::uint64_t state_;
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace assay::selftest

#endif  // ASSAY_REGRESSION_SELFTEST_RANDOM_H_
