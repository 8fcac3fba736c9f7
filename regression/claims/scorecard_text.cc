// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "regression/claims/scorecard.h"

namespace assay::claims {
namespace {

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) {
    return static_cast<char>(std::toupper(c));
  });
  return result;
}

std::string measured_text(const Result& result) {
  const Measurement& m = result.measurement;
  if (m.end != Measurement::End::measured || !(m.value == m.value)) return "-";
  return fmt::format("{:.4g} [{:.4g}, {:.4g}] {}", m.value, m.interval.low,
                     m.interval.high, result.claim->experiment->unit);
}

std::string target_text(const Claim& claim) {
  return fmt::format("{} {:.4g} {}",
                     claim.direction == Direction::at_least ? "at least" : "at most",
                     claim.target, claim.experiment->unit);
}

// "figure_time device=vgpu:// figure=encode"
std::string experiment_text(const Claim& claim) {
  std::string text(claim.experiment->name);
  for (const auto& [name, value] : claim.settings.texts) {
    if (!value.empty()) text += fmt::format(" {}={}", name, value);
  }
  for (const auto& [name, value] : claim.settings.numbers) {
    text += fmt::format(" {}={}", name, value);
  }
  return text;
}

// A peak beside the rate: nobody has more than the machine gives.
std::string ceiling_text(const Result& result) {
  const Measurement& m = result.measurement;
  if (m.end != Measurement::End::measured || !(m.ceiling == m.ceiling)) return {};
  return fmt::format(
      "the machine itself, without a device, in the same rounds: {:.4g} [{:.4g}, "
      "{:.4g}] {}",
      m.ceiling, m.ceiling_interval.low, m.ceiling_interval.high,
      result.claim->experiment->unit);
}

std::string tested_by(const Result& result) {
  const std::string& kind = result.measurement.kind;
  return experiment_text(*result.claim) + (kind.empty() ? "" : "; " + kind);
}

}  // namespace

std::string to_text(const Scorecard& scorecard) {
  std::string text =
      fmt::format("{}\n{}, {}\n\n", scorecard.title, scorecard.run.machine.cpu_model,
                  measure::usable_processors(scorecard.run.machine));
  std::size_t id_width = 0;
  std::size_t measured_width = 0;
  for (const Result& result : scorecard.results) {
    id_width = std::max(id_width, result.claim->id.size());
    measured_width = std::max(measured_width, measured_text(result).size());
  }
  for (const Result& result : scorecard.results) {
    text +=
        fmt::format("  {:<{}}  {:<12}  {:<{}}  claimed: {}\n", result.claim->id,
                    id_width, upper(to_string(result.status)), measured_text(result),
                    measured_width, target_text(*result.claim));
    text += fmt::format("{:{}}{}\n", "", id_width + 4, result.claim->statement);
    text += fmt::format("{:{}}tested by {}\n", "", id_width + 4, tested_by(result));
    if (const std::string ceiling = ceiling_text(result); !ceiling.empty()) {
      text += fmt::format("{:{}}{}\n", "", id_width + 4, ceiling);
    }
    if (!result.reason.empty()) {
      text += fmt::format("{:{}}{}\n", "", id_width + 4, result.reason);
    }
  }
  const std::size_t claims = scorecard.results.size();
  text += fmt::format("\n{} {}:", claims, claims == 1 ? "claim" : "claims");
  for (const ClaimStatus status : kAllStatuses) {
    text += fmt::format("{} {} {}", status == ClaimStatus::pass ? "" : ",",
                        count(scorecard, status), to_string(status));
  }
  text += fmt::format("\nshown to be true: {} of {}\n",
                      count(scorecard, ClaimStatus::pass), scorecard.results.size());
  if (!scorecard.run.complete) text += "NOT COMPLETE\n";
  return text;
}

}  // namespace assay::claims
