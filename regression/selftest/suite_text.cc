// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "regression/selftest/suite.h"

namespace assay::selftest {
namespace {

std::string scenario_row(const ScenarioResult& row) {
  const Counts& counts = row.counts;
  if (row.scenario->kind != Kind::sessions) {
    const Bar& bar = row.scenario->bars.front();
    return fmt::format(
        "| {:<22} | {:<8} | {:>7} | {:>9} | {:>7} | {:>7} | {:>6} | "
        "{:>6} | {:>6} | {:>6} | {:>6} | {} |\n",
        row.scenario->name, "", "", "", "", "", "", "", "", "", "",
        describe(bar, counts));
  }
  std::string text = fmt::format(
      "| {:<22} | {:<8} | {:>7} | {:>9} | {:>7} | {:>7} | {:>6} |", row.scenario->name,
      to_string(row.scenario->tier), counts.gates,
      share(counts.at(Quantity::regressed), counts.gates),
      share(counts.at(Quantity::green), counts.gates),
      share(counts.gates - counts.at(Quantity::regressed) - counts.at(Quantity::green),
            counts.gates),
      share(counts.at(Quantity::misses), counts.gates));
  for (const std::uint64_t alarms : counts.alarms) {
    text += fmt::format(" {:>6} |", share(alarms, counts.gates));
  }
  text += row.broken.empty() ? " held |" : " BROKEN |";
  return text + "\n";
}

}  // namespace

std::string share(std::uint64_t count, std::uint64_t all) {
  if (all == 0) return "-";
  return fmt::format("{:.1f} %",
                     100 * static_cast<double>(count) / static_cast<double>(all));
}

std::string describe(const Bar& bar, const Counts& counts) {
  const std::uint64_t count = counts.at(bar.quantity);
  switch (bar.sense) {
    case Sense::at_most:
      return fmt::format("{}: {} of {}, at most {:g} %", to_string(bar.quantity), count,
                         counts.out_of(bar.quantity), 100 * bar.limit);
    case Sense::at_least:
      return fmt::format("{}: {} of {}, at least {:g} %", to_string(bar.quantity),
                         count, counts.out_of(bar.quantity), 100 * bar.limit);
    case Sense::balanced:
      return fmt::format(
          "{} {} times, {} {} times, to be balanced", to_string(Quantity::low_misses),
          count, to_string(Quantity::high_misses), counts.at(Quantity::high_misses));
  }
  return "";
}

std::string to_text(const SuiteResult& result) {
  std::string text =
      "Synthetic sessions. \"undecided\" is everything neither red nor green; "
      "\"misses\": "
      "the first interval leaves the truth out (nominal 5 %). On the right what the "
      "common rules say on the same samples: alarms, against one session of the "
      "baseline.\n\n"
      "| scenario               | tier     |   gates | regressed |   green | undec'd | "
      "misses | mean10 |  min10 |    MWU | 1 proc | bars |\n"
      "| ---------------------- | -------- | ------: | --------: | ------: | ------: | "
      "-----: | -----: | -----: | -----: | -----: | ---- |\n";
  for (const ScenarioResult& row : result.scenarios) text += scenario_row(row);
  for (const ScenarioResult& row : result.scenarios) {
    for (const Bar& bar : row.broken) {
      text +=
          fmt::format("BROKEN {}: {}\n", row.scenario->name, describe(bar, row.counts));
    }
  }
  text +=
      "\n| mutant               | what is wrong with it                        | "
      "killed "
      "by              | because |\n"
      "| -------------------- | -------------------------------------------- | "
      "---------------------- | ------- |\n";
  for (const MutantResult& row : result.mutants) {
    text +=
        fmt::format("| {:<20} | {:<44} | {:<22} | {} |\n", row.name, row.idea,
                    row.killed_by.empty() ? "SURVIVED" : row.killed_by, row.because);
  }
  return text;
}

}  // namespace assay::selftest
