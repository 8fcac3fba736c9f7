// SPDX-License-Identifier: MIT
#include "regression/judge/examine.h"

#include <algorithm>
#include <utility>

#include "regression/judge/arms.h"
#include "regression/judge/guards.h"
#include "regression/judge/statistics.h"

namespace assay::judge {
namespace {

Examined refused(Examined examined, Finding finding) {
  examined.judged.verdict = finding.verdict;
  examined.judged.speed = Speed::not_compared;
  examined.judged.reason = std::move(finding.reason);
  examined.refused = true;
  return examined;
}

// The machine's ceilings: the best any process saw, for the clock may have moved.
void take_peaks(const measure::Comparison& comparison, Judged& judged) {
  for (const measure::ProcessSamples& process : comparison.processes) {
    judged.peak_gflops = std::max(judged.peak_gflops, process.peak_gflops);
    judged.peak_gbs = std::max(judged.peak_gbs, process.peak_gbs);
  }
}

void take_log_ratios(const UsableBlocks& blocks, Examined& examined) {
  for (const auto& process : blocks.processes) {
    std::vector<double>& values = examined.log_ratios.emplace_back();
    for (const measure::Block* block : process)
      values.push_back(block_log_ratio(*block));
  }
  examined.numbers = blocks.numbers;
}

}  // namespace

Examined examine(const measure::Comparison& comparison, const Rules& rules) {
  Examined examined;
  Judged& judged = examined.judged;
  take_peaks(comparison, judged);
  if (auto finding = check_scopes(comparison)) return refused(examined, *finding);
  if (auto finding = check_results(comparison)) return refused(examined, *finding);
  if (auto finding = check_samples(comparison)) return refused(examined, *finding);
  if (auto finding = check_warm(comparison)) return refused(examined, *finding);

  const UsableBlocks blocks = usable_blocks(comparison, rules);
  judged.blocks_used = blocks.used;
  judged.blocks_dropped = blocks.dropped;
  judged.dropped_because = blocks.dropped_because;
  const UsableBlocks shown = blocks.used > 0 ? blocks : all_blocks(comparison);
  judged.custom = summarize(comparison, shown, Arm::custom, judged.peak_gflops);
  judged.library = summarize(comparison, shown, Arm::library, judged.peak_gflops);

  if (auto finding = check_plausible(comparison, judged, rules)) {
    return refused(examined, *finding);
  }
  if (auto finding = check_library(comparison)) return refused(examined, *finding);
  take_log_ratios(blocks, examined);
  return examined;
}

double dropped_share(const Judged& judged) noexcept {
  const auto all = static_cast<double>(judged.blocks_used + judged.blocks_dropped);
  return all > 0 ? static_cast<double>(judged.blocks_dropped) / all : 1;
}

}  // namespace assay::judge
