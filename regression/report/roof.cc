// SPDX-License-Identifier: MIT
#include "regression/report/roof.h"

#include <algorithm>
#include <limits>

#include "regression/judge/guards.h"

namespace assay::report {

// Where the machine has dot products of bf16 the peak is theirs: peak/peak.h takes the
// faster of them and FMA.
Roof::Kind arithmetic_of(const measure::Comparison& comparison,
                         const measure::Machine& machine) noexcept {
  const bool dots =
      std::ranges::find(machine.isa_flags, "avx512_bf16") != machine.isa_flags.end();
  return comparison.multiplies == "bf16" && dots ? Roof::Kind::bf16_dots
                                                 : Roof::Kind::multiply_adds;
}

std::string_view to_string(Roof::Kind kind) noexcept {
  switch (kind) {
    case Roof::Kind::unknown:
      return "";
    case Roof::Kind::multiply_adds:
      return "FMA";
    case Roof::Kind::bf16_dots:
      return "bf16 dots";
    case Roof::Kind::triad:
      return "triad";
  }
  return "";
}

Roof roof_of(const measure::Comparison& comparison, const judge::Judged& judged,
             const measure::Machine& machine) noexcept {
  Roof roof;
  // GFLOP/s and GB/s are operations and bytes a nanosecond.
  if (comparison.flops > 0 && judged.peak_gflops > 0) {
    roof = {arithmetic_of(comparison, machine), comparison.flops / judged.peak_gflops};
  }
  const double cache_bytes =
      judge::cache_bytes_of(comparison, judge::rules_for(machine.l3_bytes));
  if (comparison.compulsory_bytes > 2 * cache_bytes && judged.peak_gbs > 0) {
    const double least_ns = comparison.compulsory_bytes / judged.peak_gbs;
    if (least_ns > roof.least_ns) roof = {Roof::Kind::triad, least_ns};
  }
  return roof;
}

double share_of(const Roof& roof, const judge::ArmSummary& arm) noexcept {
  if (roof.kind == Roof::Kind::unknown || !(arm.median_ns > 0)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return roof.least_ns / arm.median_ns;
}

}  // namespace assay::report
