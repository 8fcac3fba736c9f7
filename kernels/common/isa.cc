// SPDX-License-Identifier: MIT
#include "kernels/common/isa.h"

#include "kernels/common/simd_targets.h"
// After the list of targets.
#include <hwy/targets.h>

#if HWY_ARCH_X86
#include <cpuid.h>
#endif

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "backends/interface/status.h"

namespace assay {
namespace {

struct Row {
  Isa isa;
  std::string_view name;
  std::int64_t target;  // the Highway target that stands for it; 0: the baseline
};

// Best first.
constexpr Row kRows[] = {
    {Isa::avx512, "avx512", HWY_AVX3},
    {Isa::avx2, "avx2", HWY_AVX2},
    {Isa::sse4, "sse4", HWY_SSE4},
    {Isa::scalar, "scalar", 0},
};

// Compiled in, and both the processor and the operating system (which has to save the
// wide registers) have it. Highway asks CPUID and XGETBV.
bool available(const Row& row) {
  if (row.target == 0) return true;
  return (HWY_TARGETS & row.target) != 0 && (hwy::SupportedTargets() & row.target) != 0;
}

struct Available {
  std::array<Isa, std::size(kRows)> isas{};
  std::size_t count = 0;
};

const Available& table() noexcept {
  static const Available result = [] {
    Available list;
    for (const Row& row : kRows) {
      if (available(row)) list.isas[list.count++] = row.isa;
    }
    return list;
  }();
  return result;
}

enum class Maker : std::uint8_t { amd, intel, other };

Maker maker() noexcept {
#if HWY_ARCH_X86
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  if (__get_cpuid(0, &eax, &ebx, &ecx, &edx) == 0) return Maker::other;
  if (ebx == signature_AMD_ebx && ecx == signature_AMD_ecx &&
      edx == signature_AMD_edx) {
    return Maker::amd;
  }
  if (ebx == signature_INTEL_ebx && ecx == signature_INTEL_ecx &&
      edx == signature_INTEL_edx) {
    return Maker::intel;
  }
#endif
  return Maker::other;
}

// What ASSAY_ISA names; empty: nothing.
std::string_view asked_for() {
  const char* const wanted = std::getenv("ASSAY_ISA");
  return wanted == nullptr ? "" : wanted;
}

}  // namespace

std::string_view to_string(Isa isa) noexcept {
  for (const Row& row : kRows) {
    if (row.isa == isa) return row.name;
  }
  return "?";
}

std::optional<Isa> parse_isa(std::string_view name) noexcept {
  for (const Row& row : kRows) {
    if (row.name == name) return row.isa;
  }
  return std::nullopt;
}

std::span<const Isa> available_isas() noexcept {
  return {table().isas.data(), table().count};
}

Isa host_isa() noexcept { return table().isas[0]; }

Isa selected_isa() {
  const std::string_view wanted = asked_for();
  if (wanted.empty()) return host_isa();
  const std::optional<Isa> isa = parse_isa(wanted);
  std::string names;
  for (const Isa candidate : available_isas()) {
    if (isa == candidate) return candidate;
    if (!names.empty()) names += ", ";
    names += to_string(candidate);
  }
  throw Error(StatusCode::invalid_argument,
              "ASSAY_ISA=" + std::string(wanted) +
                  (isa ? ": this machine or build lacks it" : ": no such ISA") +
                  "; use one of " + names);
}

bool has_bf16_dots(Isa isa) noexcept {
#if HWY_ARCH_X86
  // The processor's; that the system saves its registers is part of the ISA.
  return isa == Isa::avx512 && __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

bool bf16_dots_pay(Isa isa) noexcept {
  return has_bf16_dots(isa) && maker() == Maker::amd;
}

bool halves_vectors(Isa isa) noexcept {
#if HWY_ARCH_X86
  if (isa != Isa::avx512 || maker() != Maker::amd) return false;
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0) return false;
  constexpr unsigned kBaseOfExtended = 0xF;
  const unsigned base = (eax >> 8U) & 0xFU;
  const unsigned extended = (eax >> 20U) & 0xFFU;
  constexpr unsigned kZen4 = 0x19;
  return base == kBaseOfExtended && base + extended == kZen4;
#else
  return false;
#endif
}

bool shuffles_displace_multiply_adds(Isa isa) noexcept {
  return isa == Isa::avx512 && maker() == Maker::intel;
}

Isa streaming_isa(bool from_memory) {
  const Isa isa = selected_isa();
  if (isa != Isa::avx512 || !asked_for().empty()) return isa;
  const bool half = halves_vectors(isa) || (from_memory && maker() == Maker::intel);
  return half ? Isa::avx2 : isa;
}

}  // namespace assay
