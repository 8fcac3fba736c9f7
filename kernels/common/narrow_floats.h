// SPDX-License-Identifier: MIT
// The two 16-bit formats that operands are stored in, one number at a time: bf16 (1
// sign, 8 exponent, 7 fraction bits: the upper half of an f32) and f16 (1, 5, 10: IEEE
// binary16). Every number of either is an f32 number, so widening is exact, subnormals
// included; narrowing rounds to nearest, ties to even. Thread-safe; no error cases.
#ifndef ASSAY_KERNELS_COMMON_NARROW_FLOATS_H_
#define ASSAY_KERNELS_COMMON_NARROW_FLOATS_H_

#include <bit>
#include <cstdint>

namespace assay {

constexpr float bf16_to_f32(std::uint16_t bits) noexcept {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
}

constexpr std::uint16_t f32_to_bf16(float value) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  // The rounding below would carry some NaNs into infinity: a quiet one keeps its sign.
  if ((bits & 0x7fffffffU) > 0x7f800000U) {
    return static_cast<std::uint16_t>((bits >> 16U) | 0x40U);
  }
  // Half of the last place, less one where the kept part is even.
  const std::uint32_t half = 0x7fffU + ((bits >> 16U) & 1U);
  return static_cast<std::uint16_t>((bits + half) >> 16U);
}

// The exponent and fraction, moved to where f32 has them, are the number times 2^-112
// (the difference of the biases, 127 - 15); the product takes that back exactly, and
// makes normal numbers of the subnormal ones. Infinities and NaNs have the exponent 31.
constexpr float f16_to_f32(std::uint16_t bits) noexcept {
  const std::uint32_t sign = (bits & 0x8000U) << 16U;
  const std::uint32_t rest = (bits & 0x7fffU) << 13U;
  if (rest >= 0x0f800000U) return std::bit_cast<float>(sign | 0x7f800000U | rest);
  const float magnitude = std::bit_cast<float>(rest) * 0x1p112F;
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
}

constexpr std::uint16_t f32_to_f16(float value) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16U) & 0x8000U);
  const std::uint32_t rest = bits & 0x7fffffffU;
  if (rest > 0x7f800000U) {  // NaN: quiet, the upper bits of its payload
    return static_cast<std::uint16_t>(sign | 0x7e00U | ((rest >> 13U) & 0x3ffU));
  }
  // 65520 lies halfway between the largest number and what would come after it.
  if (rest >= 0x477ff000U) return static_cast<std::uint16_t>(sign | 0x7c00U);
  // Below 2^-14 the last place is always 2^-24: at 0.5 an f32 has that last place too,
  // and the sum rounds as wanted.
  if (rest < 0x38800000U) {
    const float shifted = std::bit_cast<float>(rest) + 0.5F;
    return static_cast<std::uint16_t>(
        sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3f000000U));
  }
  // The exponent's bias from 127 to 15, and half of the last place.
  const std::uint32_t half = 0xfffU + ((rest >> 13U) & 1U);
  return static_cast<std::uint16_t>(sign | ((rest - 0x38000000U + half) >> 13U));
}

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_NARROW_FLOATS_H_
