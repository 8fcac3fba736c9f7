// SPDX-License-Identifier: MIT
#include "regression/baselines/figures.h"

#include <charconv>
#include <cmath>
#include <system_error>

namespace assay::baselines {
double six_digits(double value) {
  if (!std::isfinite(value)) return value;
  std::array<char, 32> digits{};
  const auto written = std::to_chars(digits.begin(), digits.end(), value,
                                     std::chars_format::scientific, 5);
  double rounded = 0;
  const auto read = std::from_chars(digits.begin(), written.ptr, rounded);
  if (read.ec != std::errc()) return value;
  return rounded + 0.0;  // no negative zero
}

judge::GateReference six_digits(const judge::GateReference& reference) {
  judge::GateReference result = reference;
  for (double* value : {&result.log_ratio, &result.process_sd, &result.session_sd,
                        &result.custom_cost, &result.library_cost}) {
    *value = six_digits(*value);
  }
  return result;
}

Figures figures_of(const judge::GateReference& reference,
                   const judge::GateRules& rules) {
  Figures figures;
  const judge::Interval own = judge::baseline_interval(reference, rules);
  figures.ratio = six_digits(std::exp(reference.log_ratio));
  figures.interval = {six_digits(std::exp(own.low)), six_digits(std::exp(own.high))};
  figures.smallest_detectable =
      six_digits(std::expm1(2 * judge::expected_half_width(reference, {}, rules)));
  return figures;
}

}  // namespace assay::baselines
