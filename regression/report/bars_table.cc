// SPDX-License-Identifier: MIT
#include <fmt/core.h>

#include <cmath>

#include "regression/report/bars.h"
#include "regression/report/cells.h"
#include "regression/report/text.h"

namespace assay::report {
namespace {

std::string case_of(const Score& score) {
  const Bar& bar = *score.bar;
  const std::string_view shape = score.shape;
  if (!shape.empty()) return fmt::format("{} {}", bar.op, shape);
  return fmt::format("{} {}, geometric mean of {}", bar.part, bar.op,
                     bar.shapes.size());
}

std::string bar_text(const Bar& bar) {
  switch (bar.of) {
    case Bar::Of::library:
      return fmt::format(
          "at least {:.2f} x {}", bar.at_least,
          bar.against.empty() ? "the best library" : std::string(bar.against));
    case Bar::Of::peak:
      return fmt::format("at least {:.2f} of the peak", bar.at_least);
    case Bar::Of::triad:
      return fmt::format("at least {:.2f} of the triad", bar.at_least);
    case Bar::Of::f32:
      return fmt::format("at least {:.2f} x our f32", bar.at_least);
  }
  return "";
}

std::string value_text(const Score& score) {
  if (score.value == 0) return score.why;
  const judge::Interval& interval = score.interval;
  if (!std::isfinite(interval.high)) return fmt::format("{:.3f}", score.value);
  return fmt::format("{:.3f} [{:.3f}, {:.3f}]", score.value, interval.low,
                     interval.high);
}

// The rate and the share of the roof of our own.
std::string rate_text(const Score& score) {
  if (score.row == nullptr) return "";
  const Row& row = *score.row;
  const judge::ArmSummary& arm = row.judged.custom;
  if (!(arm.median_ns > 0)) return "";
  return shows_bytes(row) ? format_rate(arm.gbs) + " GB/s"
                          : format_rate(arm.gflops) + " GFLOP/s";
}

std::string share_text(const Score& score) {
  if (score.row == nullptr || score.row->roof.kind == Roof::Kind::unknown) return "";
  const Row& row = *score.row;
  return fmt::format("{} % of {}", format_share(share_of(row.roof, row.judged.custom)),
                     to_string(row.roof.kind));
}

std::string library_of(const Score& score) {
  if (score.row == nullptr || score.bar->of != Bar::Of::library) return "";
  return score.row->comparison->library.implementation;
}

}  // namespace

std::string render_bars(std::span<const Score> scores) {
  std::string text =
      "| case | units | best library | value [95 %] | rate | of the roof | bar | |\n"
      "| --- | ---: | --- | ---: | ---: | ---: | --- | --- |\n";
  std::size_t counts[4] = {};
  for (const Score& score : scores) {
    ++counts[static_cast<std::size_t>(score.standing)];
    if (score.standing == Standing::not_measured) continue;
    text += markdown_line(std::vector<std::string>{
        case_of(score), std::to_string(score.units), library_of(score),
        value_text(score), rate_text(score), share_text(score), bar_text(*score.bar),
        std::string(to_string(score.standing))});
  }
  const auto count = [&](Standing standing) {
    return counts[static_cast<std::size_t>(standing)];
  };
  text += fmt::format("\n{} rows: {} met, {} cannot tell, {} missed, {} not measured\n",
                      scores.size(), count(Standing::met), count(Standing::cannot_tell),
                      count(Standing::missed), count(Standing::not_measured));
  return text;
}

}  // namespace assay::report
