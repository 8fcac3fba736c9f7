// SPDX-License-Identifier: MIT
// ThreadSanitizer sees the memset of OpenBLAS's threads, which it intercepts, but not
// the waiting of these threads for each other, which OpenBLAS was not instrumented for.
// What it reports with a frame inside OpenBLAS is false; nothing else is left out.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ASSAY_THREAD_SANITIZER
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define ASSAY_THREAD_SANITIZER
#endif

#if defined(ASSAY_THREAD_SANITIZER)
// The name is ThreadSanitizer's.  NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" const char* __tsan_default_suppressions();
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" const char* __tsan_default_suppressions() { return "race:libopenblas\n"; }
#endif
