// SPDX-License-Identifier: MIT
#include "regression/cli/gate_outputs.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "regression/cli/console.h"
#include "regression/cli/outcome.h"
#include "regression/history/history.h"
#include "regression/history/skip_budget.h"
#include "regression/json/file.h"
#include "regression/report/ctest_lines.h"
#include "regression/report/gate_cells.h"
#include "regression/report/gate_json.h"
#include "regression/report/gate_markdown.h"
#include "regression/report/gate_table.h"
#include "regression/report/gbench_json.h"
#include "regression/report/junit.h"

namespace assay::cli {
namespace {

// CTest's SKIP_RETURN_CODE in assay_add_gates().
constexpr int kSkipped = 77;

// A hosted CI names a file to which a step may add its summary.
void append_step_summary(const std::string& markdown) {
  const char* path = std::getenv("GITHUB_STEP_SUMMARY");
  if (path == nullptr || *path == '\0') return;
  std::ofstream file(path, std::ios::app);
  file << markdown << '\n';
  if (!file.flush()) {
    std::fprintf(stderr, "assay: cannot append to GITHUB_STEP_SUMMARY (%s)\n", path);
  }
}

bool skips(judge::Verdict verdict) {
  return verdict == judge::Verdict::inconclusive ||
         verdict == judge::Verdict::no_baseline || verdict == judge::Verdict::left_out;
}

}  // namespace

std::vector<std::string> GateOutputs::paths() const {
  std::vector<std::string> paths = {json, junit, gbench, markdown};
  if (std::ranges::count(paths, "-") > 1) {
    throw Error(StatusCode::invalid_argument,
                "only one of --json, --junit, --gbench and --markdown can have "
                "standard output");
  }
  std::erase(paths, std::string());
  std::erase(paths, "-");
  return paths;
}

void add_output_options(Command& command, GateOutputs& outputs) {
  command.add_option("--json", outputs.json, "the verdicts as JSON: a file, or -");
  command.add_option("--junit", outputs.junit,
                     "the verdicts as JUnit XML: a file, or -");
  command.add_option("--gbench", outputs.gbench,
                     "times in Google Benchmark's JSON format: a file, or -");
  command.add_option("--markdown", outputs.markdown,
                     "the summary as Markdown, regressions first: a file, or -");
  command.add_option("--history", outputs.history,
                     "folder of the histories that 'assay history' shows; the run is "
                     "appended to its host class's");
}

void write_outputs(const gates::GateReport& report, const GateOutputs& outputs,
                   const std::function<void()>& write_more) {
  const std::string reproduce =
      reproducing_command(report.session->results.command_line);
  const std::string markdown = report::render_gate_markdown(report, reproduce);
  std::string page = report::render_gates(report, {color_on_stdout(), reproduce});
  const auto write = [&page](const std::string& path, const std::string& text) {
    if (path == "-") {
      page = text;
    } else if (!path.empty()) {
      json::write_file_atomically(path, text);
    }
  };
  print_after(
      [&] {
        write(outputs.markdown, markdown);
        write(outputs.json, report::gate_report_text(report));
        write(outputs.junit, report::junit_text(report));
        write(outputs.gbench, report::gbench_text(report));
        append_step_summary(markdown);
        if (write_more) write_more();
      },
      page);
}

void append_history(const gates::GateReport& report, const GateOutputs& outputs) {
  if (outputs.history.empty()) return;
  history::append(history::history_path(outputs.history, report.host_class), report);
}

void append_recorded(const gates::GateReport& report, const GateOutputs& outputs) {
  if (outputs.history.empty()) return;
  const std::string path = history::history_path(outputs.history, report.host_class);
  const history::Entry entry = history::entry_of(report);
  if (std::filesystem::exists(path)) {
    for (const history::Entry& there : history::load(path).entries) {
      if (!history::is_of(there, *report.session)) continue;
      std::fprintf(stderr, "assay: already in %s: the session of %s\n", path.c_str(),
                   entry.utc.c_str());
      return;
    }
  }
  history::append(path, entry);
}

int report_one(const gates::GateReport& report, const std::string& id,
               const OneGate& options) {
  const auto gate = std::ranges::find(report.gates, id, &judge::GateJudged::id);
  if (gate == report.gates.end()) {
    throw Error(StatusCode::invalid_argument, "the record has no gate '" + id +
                                                  "': was it measured with --only, or "
                                                  "by another build?");
  }
  if (options.ctest) {
    print(report::ctest_lines(report, *gate));
    if (skips(gate->verdict)) return kSkipped;
  } else {
    print(report::gate_summary(report, *gate) + "\n");
  }
  return judge::exit_code_of(gate->verdict, options.strict, options.require_baseline);
}

int report_skips(const gates::GateReport& report, const GateOutputs& outputs,
                 bool require_baseline) {
  history::History past;
  const std::string path = history::history_path(outputs.history, report.host_class);
  if (!outputs.history.empty() && std::filesystem::exists(path)) {
    past = history::load(path);
  }
  const history::SkipBudget budget = history::check_skips(report, past);
  print(budget.message + "\n");
  if (require_baseline && !report.against_base && !report.no_baseline_because.empty()) {
    return judge::exit_code::kNoBaseline;
  }
  return budget.ok ? judge::exit_code::kPass : judge::exit_code::kInconclusive;
}

}  // namespace assay::cli
