// SPDX-License-Identifier: MIT
#include "kernels/common/random_fill.h"

#include <cmath>

namespace assay {
namespace {

// (0, 1), exact in f32: odd multiples of 2^-24, so that 0 and 1 never occur.
float unit(std::uint64_t bits) noexcept {
  const auto odd = static_cast<std::uint32_t>((bits >> 41) * 2 + 1);  // < 2^24
  return std::ldexp(static_cast<float>(odd), -24);
}

// Uniform on 0 .. count-1; the bias of 2^-32 * count is of no matter here.
int below(std::uint64_t bits, int count) noexcept {
  const std::uint64_t low = bits & 0xffffffffU;
  return static_cast<int>((low * static_cast<std::uint64_t>(count)) >> 32);
}

}  // namespace

float random_value(DataFamily family, std::uint64_t bits) noexcept {
  switch (family) {
    case DataFamily::integers:
      return static_cast<float>(below(bits, 2 * kIntegerAmplitude + 1) -
                                kIntegerAmplitude);
    case DataFamily::positive:
      return unit(bits);
    case DataFamily::uniform:
    case DataFamily::cancelling:
      return (bits & 1U) != 0 ? unit(bits) : -unit(bits);
    case DataFamily::graded: {
      const float magnitude = std::ldexp(1.0F + unit(bits) / 2, below(bits, 40) - 20);
      return ((bits >> 40) & 1U) != 0 ? magnitude : -magnitude;
    }
  }
  return 0.0F;
}

float cancelling_term(std::uint64_t seed, std::size_t factor, std::int64_t outer,
                      std::int64_t l, int shared_bits) noexcept {
  const auto line = static_cast<std::uint64_t>(outer) << 32;
  const std::uint64_t pair = line | static_cast<std::uint64_t>(l / 2);
  const std::uint64_t own = line | static_cast<std::uint64_t>(l);
  const float shared =
      random_value(DataFamily::cancelling, random_bits(seed, factor, pair));
  const float noise =
      random_value(DataFamily::uniform, random_bits(seed, factor + 8, own));
  const float value = shared * (1.0F + std::ldexp(noise, -shared_bits));
  return factor == 1 && l % 2 == 1 ? -value : value;
}

}  // namespace assay
