// SPDX-License-Identifier: MIT
// Values that the compiler may not relate to one another, without an instruction.
#ifndef ASSAY_KERNELS_COMMON_OPAQUE_H_
#define ASSAY_KERNELS_COMMON_OPAQUE_H_

namespace assay {

// Hides where a value came from. Of pointers and strides that it can relate, GCC makes
// an address for each row of a tile, and of a square for each column too, carries them
// through the loop around it, and reloads them from the stack, for there are more than
// registers: 0.80 of peak in a product instead of 0.98; at transposing in whole lines
// of 512 bits on a Zen 4, of OpenBLAS's speed, without and with: 64x64 0.44 and 0.99,
// 512x512 0.72 and 0.97, 1024x1024 1.2 and 1.6.
template <typename T>
[[gnu::always_inline]] inline T opaque(T value) {
  asm("" : "+r"(value));  // NOLINT(hicpp-no-assembler): no instruction
  return value;
}

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_OPAQUE_H_
