// SPDX-License-Identifier: MIT
// Deterministic data, by counter: element i of a stream is a pure function of
// (seed, stream, i), the same on every machine, in any order and from any thread. (The
// distributions of <random> differ between standard libraries.)
#ifndef ASSAY_KERNELS_COMMON_RANDOM_FILL_H_
#define ASSAY_KERNELS_COMMON_RANDOM_FILL_H_

#include <cstddef>
#include <cstdint>

#include "kernels/common/op.h"

namespace assay {

// 64 well mixed bits: SplitMix64's finalizer over the counter, the stream's key added.
constexpr std::uint64_t random_bits(std::uint64_t seed, std::uint64_t stream,
                                    std::uint64_t counter) noexcept {
  constexpr auto mix = [](std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
  };
  // The golden ratio makes neighbouring seeds, streams and counters unrelated inputs.
  constexpr std::uint64_t golden = 0x9e3779b97f4a7c15U;
  return mix(mix(seed + golden * (stream + 1)) + golden * (counter + 1));
}

// Largest absolute value of DataFamily::integers.
inline constexpr int kIntegerAmplitude = 3;

// One value of the family from 64 random bits:
//   integers    uniform on -3 .. 3
//   uniform     uniform on (-1, 1), 24 bits, never 0
//   positive    uniform on (0, 1), never 0
//   graded      sign times [1, 2) times 2^e, e uniform on -20 .. 19
//   cancelling  as uniform; the op arranges the values so that terms cancel
float random_value(DataFamily family, std::uint64_t bits) noexcept;

// Element (outer, l) of factor 0 of a product or (l, outer) of factor 1, where l is the
// summed index. Terms 2p and 2p+1 of a sum share their magnitudes and differ in sign,
// so they cancel but for the last 10 of 24 bits, which are each element's own. Formats
// of fewer bits say how many of the first the two share.
float cancelling_term(std::uint64_t seed, std::size_t factor, std::int64_t outer,
                      std::int64_t l, int shared_bits = 14) noexcept;

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_RANDOM_FILL_H_
