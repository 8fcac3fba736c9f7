// SPDX-License-Identifier: MIT
#include "regression/cli/outcome.h"

#include <cstdio>
#include <vector>

#include "regression/cli/console.h"
#include "regression/cli/options.h"
#include "regression/json/file.h"
#include "regression/judge/verdict.h"
#include "regression/report/judged_json.h"
#include "regression/report/rows.h"
#include "regression/report/table.h"
#include "regression/report/text.h"

namespace assay::cli {
namespace {

// Options, with a value each, that choose rows or files and not what is measured.
constexpr const char* kOutputOptions[] = {
    "--only", "--json", "--markdown", "--junit", "--gbench", "--history", "--record"};

}  // namespace

std::string reproducing_command(const std::vector<std::string>& command_line) {
  std::string text = report::shell_quoted(program_name(command_line));
  for (std::size_t i = 1; i < command_line.size(); ++i) {
    const std::string& word = command_line[i];
    bool dropped = false;
    for (const std::string option : kOutputOptions) {
      if (word == option) {
        ++i;  // its value too
        dropped = true;
      }
      dropped = dropped || word.starts_with(option + "=");
    }
    if (!dropped) text += " " + report::shell_quoted(word);
  }
  return text;
}

int finish_results(const measure::Results& results, const OutputOptions& options) {
  const std::vector<report::Row> rows =
      report::judge_all(results, judge::rules_for(results.machine.l3_bytes));
  report::TableOptions table;
  table.color = color_on_stdout();
  table.reproduce = reproducing_command(results.command_line);
  table.incomplete = !results.complete;
  const auto page = [&] {
    if (options.json == "-") return report::results_text(results, rows);
    if (options.markdown == "-") {
      return report::render_markdown(results.machine, rows, table);
    }
    return report::render_table(results.machine, rows, table);
  };
  print_after(
      [&] {
        if (!options.json.empty() && options.json != "-") {
          report::write_results(options.json, results, rows);
        }
        if (!options.markdown.empty() && options.markdown != "-") {
          json::write_file_atomically(
              options.markdown, report::render_markdown(results.machine, rows, table));
        }
      },
      page());
  return report::exit_code_of(rows, options.strict, false);
}

int finish_run(const measure::RunOutcome& outcome, const OutputOptions& options) {
  const int code = finish_results(outcome.results, options);
  switch (outcome.end) {
    case measure::RunEnd::complete:
      return code;
    case measure::RunEnd::out_of_time:
      std::fprintf(stderr,
                   "assay: the time budget is spent; what was measured is shown and "
                   "marked incomplete\n");
      return judge::exit_code::kTimeout;
    case measure::RunEnd::interrupted:
      std::fprintf(stderr,
                   "assay: interrupted; what was measured is shown and marked "
                   "incomplete\n");
      return judge::exit_code::kInterrupted;
  }
  return judge::exit_code::kInternal;
}

}  // namespace assay::cli
