// SPDX-License-Identifier: MIT
#include "kernels/vendor/core_isa.h"

#include <algorithm>

namespace assay::vendor {
namespace {

// By the vectors of the sgemm kernel behind the name, not by what the processor of that
// name could do. Isa has nothing between 128-bit vectors and AVX2 with FMA; AVX without
// FMA, and the 128-bit FMA kernels of the Bulldozer family, do at most half the work of
// an AVX2 kernel in a cycle, so they count as the level below.
constexpr CoreIsa kCores[] = {
    {"generic", Isa::scalar},
    {"unknown", Isa::scalar},
    {"katmai", Isa::sse4},
    {"coppermine", Isa::sse4},
    {"northwood", Isa::sse4},
    {"prescott", Isa::sse4},
    {"banias", Isa::sse4},
    {"atom", Isa::sse4},
    {"core2", Isa::sse4},
    {"penryn", Isa::sse4},
    {"dunnington", Isa::sse4},
    {"nehalem", Isa::sse4},
    {"athlon", Isa::sse4},
    {"opteron", Isa::sse4},
    {"opteron_sse3", Isa::sse4},
    {"barcelona", Isa::sse4},
    {"nano", Isa::sse4},
    {"bobcat", Isa::sse4},
    {"sandybridge", Isa::sse4},
    {"bulldozer", Isa::sse4},
    {"piledriver", Isa::sse4},
    {"steamroller", Isa::sse4},
    // The one core with AVX2 whose 128-bit kernels are its best: its vector unit is 128
    // bits wide, so calling it impaired on its own machine would be wrong.
    {"excavator", Isa::avx2},
    {"haswell", Isa::avx2},
    {"zen", Isa::avx2},
    {"zen2", Isa::avx2},
    {"zen3", Isa::avx2},
    {"knc", Isa::avx512},
    {"knl", Isa::avx512},
    {"skx", Isa::avx512},
    {"skylakex", Isa::avx512},
    {"cooperlake", Isa::avx512},
    {"sapphirerapids", Isa::avx512},
    {"zen4", Isa::avx512},
    {"zen5", Isa::avx512},
};

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::span<const CoreIsa> core_isas() noexcept { return kCores; }

std::optional<Isa> isa_of_core(std::string_view core) noexcept {
  const auto* row = std::ranges::find_if(kCores, [core](const CoreIsa& entry) {
    return std::ranges::equal(core, entry.core, {}, lower);
  });
  if (row == std::ranges::end(kCores)) return std::nullopt;
  return row->isa;
}

}  // namespace assay::vendor
