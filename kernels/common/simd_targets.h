// SPDX-License-Identifier: MIT
// Which Highway targets kernels are compiled for. Include it before any hwy/ header, in
// every file that compiles once for each target: all must agree on the list.
#ifndef ASSAY_KERNELS_COMMON_SIMD_TARGETS_H_
#define ASSAY_KERNELS_COMMON_SIMD_TARGETS_H_

// SSSE3 without SSE4 ended with 2007's processors; it would cost a fifth of the compile
// time and one more ISA in every test matrix. (The baseline x86-64 stays, as `scalar`.)
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | ASSAY_LEFT_OUT_TARGETS)
// What a build with sanitizers compiles no kernels for (cmake/sanitizers.cmake).
#ifndef ASSAY_LEFT_OUT_TARGETS
#define ASSAY_LEFT_OUT_TARGETS 0
#endif

#include <hwy/detect_targets.h>

#include "kernels/common/isa.h"

// ASSAY_CALL_FOR_ISA(isa, f) calls f() of the namespace that Highway compiled for
// `isa`: N_AVX3::f() for avx512. An ISA this build has no namespace for gets the
// baseline's. Used after HWY_AFTER_NAMESPACE, in code that is compiled once (HWY_ONCE).
//
// Not HWY_DYNAMIC_DISPATCH: its choice is one for the process, and ASSAY_ISA is read at
// each prepare.
#if HWY_TARGETS & HWY_AVX3
#define ASSAY_CALL_AVX512(f) N_AVX3::f()
#else
#define ASSAY_CALL_AVX512(f) HWY_STATIC_DISPATCH(f)()
#endif
#if HWY_TARGETS & HWY_AVX2
#define ASSAY_CALL_AVX2(f) N_AVX2::f()
#else
#define ASSAY_CALL_AVX2(f) HWY_STATIC_DISPATCH(f)()
#endif
#if HWY_TARGETS & HWY_SSE4
#define ASSAY_CALL_SSE4(f) N_SSE4::f()
#else
#define ASSAY_CALL_SSE4(f) HWY_STATIC_DISPATCH(f)()
#endif
#define ASSAY_CALL_FOR_ISA(isa, f)                      \
  ((isa) == ::assay::Isa::avx512 ? ASSAY_CALL_AVX512(f) \
   : (isa) == ::assay::Isa::avx2 ? ASSAY_CALL_AVX2(f)   \
   : (isa) == ::assay::Isa::sse4 ? ASSAY_CALL_SSE4(f)   \
                                 : HWY_STATIC_DISPATCH(f)())

// The ISA that the namespace it stands in is compiled for.
#define ASSAY_ISA_OF_TARGET                        \
  (HWY_TARGET == HWY_AVX3   ? ::assay::Isa::avx512 \
   : HWY_TARGET == HWY_AVX2 ? ::assay::Isa::avx2   \
   : HWY_TARGET == HWY_SSE4 ? ::assay::Isa::sse4   \
                            : ::assay::Isa::scalar)

// Of a lambda over the registers of a tile: where GCC makes a function of it, they all
// go through memory.
#define ASSAY_INLINE_LAMBDA HWY_ATTR __attribute__((always_inline))

#endif  // ASSAY_KERNELS_COMMON_SIMD_TARGETS_H_
