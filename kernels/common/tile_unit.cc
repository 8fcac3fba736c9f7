// SPDX-License-Identifier: MIT
#include "kernels/common/tile_unit.h"

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace assay {

#if defined(__x86_64__) && defined(__linux__)
namespace {

bool processor_has_tiles() noexcept {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return false;
  constexpr unsigned kBf16 = 1U << 22U;
  constexpr unsigned kTiles = 1U << 24U;
  return (edx & kBf16) != 0 && (edx & kTiles) != 0;
}

// Linux hands out the 8 KiB of tiles a thread to those that ask.
bool system_permits() noexcept {
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

}  // namespace

bool has_bf16_tiles() noexcept {
  static const bool kHas = processor_has_tiles() && system_permits();
  return kHas;
}

#else

bool has_bf16_tiles() noexcept { return false; }

#endif

}  // namespace assay
