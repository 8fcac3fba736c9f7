// SPDX-License-Identifier: MIT
// The loops behind the two ceilings, for the best ISA of the machine.
#ifndef ASSAY_KERNELS_PEAK_LOOPS_H_
#define ASSAY_KERNELS_PEAK_LOOPS_H_

#include <cstddef>
#include <cstdint>

namespace assay::peak {

struct Loops {
  // `steps` rounds of independent multiply-adds on registers; returns a number that
  // depends on all of them.
  float (*multiply_adds)(std::int64_t steps, float seed) noexcept = nullptr;
  double flops_per_step = 0;
  // The same of dot products of bf16 pairs, each step adding 2 to each of the sums.
  // Null where no instruction of the ISA does it; has_bf16_dots() says of this machine.
  float (*bf16_dots)(std::int64_t steps, float seed) noexcept = nullptr;
  double flops_per_bf16_step = 0;
  // a[i] = b[i] + scalar * c[i].
  void (*triad)(float* a, const float* b, const float* c, std::size_t count,
                float scalar) noexcept = nullptr;
};

const Loops& best_loops() noexcept;

}  // namespace assay::peak

#endif  // ASSAY_KERNELS_PEAK_LOOPS_H_
