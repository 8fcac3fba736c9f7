// SPDX-License-Identifier: MIT
#include "regression/judge/watch.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "regression/judge/arms.h"

namespace assay::judge {
namespace {

// ln of how much an arm's cost grew since the baseline; NaN when today's is unknown.
struct Moves {
  double custom = 0;  // 0 when the baseline does not know the custom arm's
  double library = 0;
};

Moves moves_of(const measure::Comparison& now, const GateReference& reference,
               const GateRules& rules) {
  const UsableBlocks blocks = usable_blocks(now, rules.rules);
  const auto move = [&](Arm arm, double stored) {
    if (stored == 0) return 0.0;
    const double cost = cost_of(now, blocks, arm);
    return cost > 0 ? std::log(cost / stored) : std::nan("");
  };
  return {move(Arm::custom, reference.custom_cost),
          move(Arm::library, reference.library_cost)};
}

}  // namespace

std::optional<std::string> library_changed(const measure::Comparison& now,
                                           const GateReference& reference,
                                           const GateRules& rules) {
  if (reference.library_cost == 0) return std::nullopt;
  const Moves moves = moves_of(now, reference, rules);
  const double limit = std::log(rules.watch_factor);
  if (std::fabs(moves.library) <= limit) return std::nullopt;
  if (std::isnan(moves.library)) {
    return "the reference's cost against the machine's peak is not known: measure the "
           "peak";
  }
  const bool along = moves.library > 0 ? moves.custom > limit : moves.custom < -limit;
  if (along) return std::nullopt;
  return fmt::format(
      "the reference's own cost against the machine's peak moved by {:+.0f} %, the "
      "custom arm's by {:+.0f} %: it is not what the baseline was made with: propose a "
      "new one",
      percent_slower(moves.library), percent_slower(moves.custom));
}

std::optional<std::string> both_slower(const measure::Comparison& now,
                                       const GateReference& reference,
                                       const GateRules& rules) {
  if (reference.library_cost == 0) return std::nullopt;
  const Moves moves = moves_of(now, reference, rules);
  const double slower = std::min(moves.custom, moves.library);
  if (!(slower > std::log(rules.watch_factor))) return std::nullopt;
  return fmt::format(
      "both arms slower against the machine's peak by {:.0f} %: look at what they "
      "share "
      "(allocator, huge pages, host), or repeat the session",
      percent_slower(slower));
}

}  // namespace assay::judge
