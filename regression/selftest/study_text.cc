// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "regression/selftest/binomial.h"
#include "regression/selftest/study.h"
#include "regression/selftest/suite.h"

namespace assay::selftest {
namespace {

std::string level(double injected, bool disturbed) {
  std::string text =
      injected == 0 ? "unchanged" : fmt::format("+{:g} %", 100 * injected);
  if (disturbed) text += ", spinner";
  return text;
}

std::string with_bounds(std::uint64_t count, std::uint64_t all) {
  const Share bounds = clopper_pearson(count, all, 0.95);
  return fmt::format("{} ({:.1f} ... {:.1f} %)", count, 100 * bounds.low,
                     100 * bounds.high);
}

std::string verdict_table(const Study& study) {
  std::string text =
      "| injected work | tier | sessions | evaluated | regressed | inconclusive | "
      "green "
      "| other |\n| --- | --- | --: | --: | --: | --: | --: | --: |\n";
  for (const StudyRow& row : study.rows) {
    text += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n",
                        level(row.injected, row.disturbed), to_string(row.tier),
                        row.sessions, row.evaluated,
                        with_bounds(row.regressed, row.evaluated), row.inconclusive,
                        with_bounds(row.green, row.evaluated), row.other);
  }
  return text;
}

std::string common_table(const Study& study) {
  std::string text = "| injected work | this gate: regressed |";
  for (const CommonRule rule : kAllCommonRules)
    text += fmt::format(" {} |", to_string(rule));
  text += " pairs |\n| --- | --: | --: | --: | --: | --: | --: |\n";
  for (const CommonRow& row : study.common) {
    std::uint64_t regressed = 0;
    std::uint64_t evaluated = 0;
    for (const StudyRow& verdicts : study.rows) {
      if (verdicts.injected != row.injected || verdicts.disturbed != row.disturbed) {
        continue;
      }
      regressed += verdicts.regressed;
      evaluated += verdicts.evaluated;
    }
    text += fmt::format("| {} | {} |", level(row.injected, row.disturbed),
                        share(regressed, evaluated));
    for (const std::uint64_t alarms : row.alarms) {
      text += fmt::format(" {} |", share(alarms, row.pairs));
    }
    text += fmt::format(" {} |\n", row.pairs);
  }
  return text;
}

std::string gate_table(const Study& study) {
  std::string text =
      "| gate | tier | smallest detectable slowdown | sessions | seen slower | seen "
      "faster |\n| --- | --- | --: | --: | --: | --: |\n";
  for (const StudyGate& gate : study.gates) {
    text += fmt::format("| `{}` | {} | {:.1f} % | {} | {} | {} |\n", gate.id,
                        to_string(gate.tier), 100 * gate.detectable, gate.sessions,
                        gate.high, gate.low);
  }
  return text;
}

}  // namespace

std::string to_markdown(const Study& study) {
  std::string text = fmt::format(
      "# The gate on recorded sessions\n\n"
      "`assay selftest --study SESSIONS --markdown FILE` writes this page. {} "
      "sessions, "
      "{} of them unchanged and undisturbed; host class `{}`.\n",
      study.sessions, study.plain_sessions, study.host_class);
  if (study.in_baseline > 0) {
    text += fmt::format("Left out, for the baseline was made of them: {}.\n",
                        study.in_baseline);
  }
  if (study.no_baseline > 0) {
    text += fmt::format("{} evaluations had no baseline and are in no row.\n",
                        study.no_baseline);
  }
  text +=
      "\n## What must hold\n\n| bar | measured (95 % bounds) | |\n| --- | --- | --- "
      "|\n";
  for (const StudyBar& bar : study.bars) {
    text +=
        fmt::format("| {} | {} | {} |\n", bar.what, bar.measured, to_string(bar.state));
  }
  text +=
      "\n## Verdicts\n\nEvery gate of every session is one evaluation; bounds are "
      "exact (Clopper-Pearson, 95 %).\n\n" +
      verdict_table(study);
  text +=
      "\n## What the common rules say on the same samples\n\nShare of alarms, each "
      "session beside each unchanged one as the stored run. The first three see the "
      "custom arm alone, ten times from one process.\n\n" +
      common_table(study);
  text +=
      "\n## Gates\n\nThe smallest detectable slowdown is two half widths: median "
      "over the unchanged sessions. \"Seen slower\" and \"seen faster\" count "
      "intervals that leave out no change.\n\n" +
      gate_table(study);
  return text;
}

}  // namespace assay::selftest
