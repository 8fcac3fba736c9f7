// SPDX-License-Identifier: MIT
// What matmul_bf16 and matmul_f16 ask beyond matmul: 16-bit numbers, and the bound.
#include "kernels/matmul/narrow.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "kernels/common/narrow_floats.h"

namespace assay::matmul {
namespace {

// A copy with zeros for subnormal numbers; empty when there are none.
std::vector<float> flushed(const float* values, std::int64_t count) {
  const auto subnormal = [](float x) {
    return x != 0.0F && std::fabs(x) < std::numeric_limits<float>::min();
  };
  if (std::none_of(values, values + count, subnormal)) return {};
  std::vector<float> copy(values, values + count);
  std::replace_if(copy.begin(), copy.end(), subnormal, 0.0F);
  return copy;
}

}  // namespace

float widen(DType type, std::uint16_t bits) noexcept {
  return type == DType::bf16 ? bf16_to_f32(bits) : f16_to_f32(bits);
}

std::uint16_t narrow(DType type, float value) noexcept {
  return type == DType::bf16 ? f32_to_bf16(value) : f32_to_f16(value);
}

void store(DType type, float value, std::byte* out) noexcept {
  if (type == DType::f32) {
    std::memcpy(out, &value, sizeof value);
    return;
  }
  const std::uint16_t bits = narrow(type, value);
  std::memcpy(out, &bits, sizeof bits);
}

std::vector<float> widened(DType type, std::span<const std::byte> elements) {
  std::vector<float> values(elements.size() / sizeof(std::uint16_t));
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, &elements[i * sizeof bits], sizeof bits);
    values[i] = widen(type, bits);
  }
  return values;
}

// f32 and f16: at most half of 2^-149 an operation; without it a correct subnormal
// result would fail, and a correct normal one that alpha makes of subnormal products.
// bf16: each of the sums may be flushed.
double absolute_error(DType type, const Params& p) noexcept {
  const double steps = std::fabs(p.alpha) * (static_cast<double>(p.k) + 1.0) + 2.0;
  return steps * (type == DType::bf16 ? 0x1p-126 : 0x1p-149);
}

// The magnitude that goes when subnormal factors are zeros.
std::vector<double> allowance(DType type, const Params& p, const Arrays& x,
                              const OracleResult& oracle) {
  if (type != DType::bf16) return {};
  const std::vector<float> a = flushed(x.a, a_elements(p));
  const std::vector<float> b = flushed(x.b, b_elements(p));
  if (a.empty() && b.empty()) return {};
  const OracleResult without =
      reference(p, {a.empty() ? x.a : a.data(), b.empty() ? x.b : b.data(), x.c});
  std::vector<double> allowed(oracle.magnitude.size());
  std::transform(oracle.magnitude.begin(), oracle.magnitude.end(),
                 without.magnitude.begin(), allowed.begin(), std::minus<>());
  return allowed;
}

}  // namespace assay::matmul
