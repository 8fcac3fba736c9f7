// SPDX-License-Identifier: MIT
// Whether this file is compiled for a sanitizer, whose code has another speed.
#ifndef ASSAY_KERNELS_COMMON_SANITIZED_H_
#define ASSAY_KERNELS_COMMON_SANITIZED_H_

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ASSAY_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(undefined_behavior_sanitizer)
#define ASSAY_SANITIZED
#endif
#endif

namespace assay {

#ifdef ASSAY_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_SANITIZED_H_
