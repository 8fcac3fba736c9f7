// SPDX-License-Identifier: MIT
// A loop whose time is its length: a dependent chain of multiplications, one core, no
// memory, nothing for a compiler or a wider core to shorten.
#ifndef ASSAY_REGRESSION_MEASURE_CHAIN_H_
#define ASSAY_REGRESSION_MEASURE_CHAIN_H_

#include <cstdint>

namespace assay::measure {

inline void run_chain(std::uint64_t steps) noexcept {
  double x = 1.0;
  for (std::uint64_t i = 0; i < steps; ++i) {
    x = x * 1.0000001;
    // The value passes through a place the compiler cannot see into, at no cost.
    asm volatile("" : "+x"(x));
  }
}

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_CHAIN_H_
