// SPDX-License-Identifier: MIT
#include "kernels/common/op.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

#include "backends/interface/status.h"

namespace assay {

std::string_view to_string(DType type) noexcept {
  switch (type) {
    case DType::f32:
      return "f32";
    case DType::bf16:
      return "bf16";
    case DType::f16:
      return "f16";
  }
  return "?";
}

std::size_t bytes_of(DType type) noexcept {
  switch (type) {
    case DType::f32:
      return 4;
    case DType::bf16:
    case DType::f16:
      return 2;
  }
  return 0;
}

std::string_view to_string(Provider provider) noexcept {
  switch (provider) {
    case Provider::reference:
      return "reference";
    case Provider::custom:
      return "custom";
    case Provider::library:
      return "library";
  }
  return "?";
}

std::string_view to_string(DataFamily family) noexcept {
  switch (family) {
    case DataFamily::integers:
      return "integers";
    case DataFamily::uniform:
      return "uniform";
    case DataFamily::positive:
      return "positive";
    case DataFamily::graded:
      return "graded";
    case DataFamily::cancelling:
      return "cancelling";
  }
  return "?";
}

std::optional<DataFamily> parse_data_family(std::string_view name) noexcept {
  for (const DataFamily family : kAllDataFamilies) {
    if (to_string(family) == name) return family;
  }
  return std::nullopt;
}

DType multiplied_type(const Problem& problem) noexcept {
  for (const Operand& operand : problem.operands()) {
    if (operand.access == Access::read) return operand.type;
  }
  return DType::f32;
}

const Implementation* best_custom(const Op& op, const Problem& problem,
                                  const Caps& caps) {
  const Implementation* best = nullptr;
  const Implementation* last = nullptr;
  for (const Implementation& row : op.implementations()) {
    if (row.provider != Provider::custom) continue;
    last = &row;
    if (!row.unsupported(problem, caps)) best = &row;
  }
  return best == nullptr ? last : best;
}

const Implementation& named_implementation(const Op& op, std::string_view name,
                                           std::initializer_list<Provider> providers) {
  std::string known;
  for (const Implementation& row : op.implementations()) {
    if (std::ranges::find(providers, row.provider) == providers.end()) continue;
    if (row.name == name) return row;
    known.append(known.empty() ? "" : ", ").append(row.name);
  }
  const bool ours =
      std::ranges::equal(providers, std::initializer_list<Provider>{Provider::custom});
  throw Error(StatusCode::invalid_argument,
              "'" + std::string(name) + "' is " + (ours ? "not a custom" : "no") +
                  " implementation of " + std::string(op.name()) + "; there are " +
                  known);
}

namespace {

// |got - value| in units of the bound: at most 1 is right. Everything that is not
// provably right comes out as infinity, never as NaN.
double badness(double value, double bound, float got) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  // The oracle says NaN: any NaN is right (payloads and signs are not part of the
  // contract), nothing else is.
  if (std::isnan(value)) return std::isnan(got) ? 0.0 : kInfinity;
  // What rounding the oracle itself gives is right: exact zeros of a zero bound,
  // infinities, and values beyond the range of f32.
  if (got == static_cast<float>(value)) return 0.0;
  // An infinite bound comes with it, and inf <= inf would accept any finite number.
  if (std::isinf(value)) return kInfinity;
  const double error = std::fabs(static_cast<double>(got) - value);
  if (error <= bound) return error / bound;  // here bound > 0
  const double ratio = error / bound;
  return ratio > 1.0 ? ratio : kInfinity;  // NaN and 0 / 0 are infinitely wrong
}

std::string describe(std::size_t index, const Expected& expected, float got,
                     bool never_written) {
  char text[160];
  std::snprintf(
      text, sizeof text, "element %zu: expected %.9g within %.3g, got %.9g (0x%08x)%s",
      index, expected.value[index], expected.bound[index], static_cast<double>(got),
      std::bit_cast<std::uint32_t>(got), never_written ? ": never written" : "");
  return text;
}

std::string describe_touched(std::size_t index, float before, float got) {
  char text[128];
  std::snprintf(
      text, sizeof text, "element %zu: outside the result, was 0x%08x, now 0x%08x",
      index, std::bit_cast<std::uint32_t>(before), std::bit_cast<std::uint32_t>(got));
  return text;
}

}  // namespace

CheckResult Problem::check_lone(std::uint64_t /*seed*/, std::span<const float> /*got*/,
                                std::span<const float> /*before*/) const {
  throw Error(StatusCode::not_supported, std::string(op()) + " has no lone terms");
}

CheckResult check_f32(const Expected& expected, std::span<const float> got,
                      std::span<const float> before) {
  const std::size_t count = expected.value.size();
  if (expected.bound.size() != count || expected.written.size() != count ||
      got.size() != count || before.size() != count) {
    throw Error(StatusCode::invalid_argument,
                "check_f32: expected, got and before differ in size");
  }
  CheckResult result;
  for (std::size_t i = 0; i < count; ++i) {
    ++result.checked;
    const auto bits = std::bit_cast<std::uint32_t>(got[i]);
    std::string detail;
    if (!expected.written[i]) {
      if (bits == std::bit_cast<std::uint32_t>(before[i])) continue;
      result.worst = std::numeric_limits<double>::infinity();
      if (result.wrong == 0) detail = describe_touched(i, before[i], got[i]);
    } else {
      const bool never_written = bits == kPoisonBits;
      const double units = never_written
                               ? std::numeric_limits<double>::infinity()
                               : badness(expected.value[i], expected.bound[i], got[i]);
      if (units > result.worst) result.worst = units;
      const double error = std::fabs(static_cast<double>(got[i]) - expected.value[i]);
      if (error > result.max_abs_error) result.max_abs_error = error;
      if (units <= 1.0) continue;
      if (never_written) ++result.never_written;
      if (result.wrong == 0) detail = describe(i, expected, got[i], never_written);
    }
    ++result.wrong;
    if (!detail.empty()) result.detail = detail;
  }
  result.ok = result.wrong == 0;
  return result;
}

}  // namespace assay
