// SPDX-License-Identifier: MIT
// `assay selftest`: does the gate hold what it promises? Offline on synthetic sessions;
// with --study on recorded ones.
#include <fmt/format.h>

#include <memory>

#include "regression/cli/commands.h"
#include "regression/cli/console.h"
#include "regression/cli/options.h"
#include "regression/json/file.h"
#include "regression/judge/verdict.h"
#include "regression/selftest/study.h"
#include "regression/selftest/suite.h"

namespace assay::cli {
namespace {

struct SelftestOptions {
  std::string study;
  std::string baselines = "baselines";
  std::string markdown;
  std::uint32_t trials = 0;
};

int finish(const std::string& text, const SelftestOptions& options, int code) {
  print(text);
  if (!options.markdown.empty()) json::write_file_atomically(options.markdown, text);
  return code;
}

int run_offline(const SelftestOptions& options) {
  ProgressLine line;
  selftest::SuiteOptions suite;
  suite.trials = options.trials;
  suite.progress = [&](const std::string& what) { line.show(what); };
  const selftest::SuiteResult result = selftest::run_suite(suite);
  line.clear();
  return finish(
      selftest::to_text(result), options,
      selftest::passed(result) ? judge::exit_code::kPass : judge::exit_code::kInternal);
}

int run_study(const SelftestOptions& options) {
  ProgressLine line;
  const selftest::Study study =
      selftest::study(selftest::load_sessions(options.study), options.baselines,
                      [&](const std::string& what) { line.show(what); });
  line.clear();
  return finish(selftest::to_markdown(study), options, selftest::exit_code_of(study));
}

}  // namespace

void add_selftest(Command& app, Context& context) {
  Command command = app.add_command(
      "selftest",
      "false alarms, coverage and power of the gate itself; 70 when it does "
      "not hold what it promises");
  const auto o = std::make_shared<SelftestOptions>();
  command.add_option("--study", o->study,
                     "judge the session files in this folder instead; a name that "
                     "starts with 'spinner' is a disturbed session. 4: too few for "
                     "some of the bars");
  command.add_option("--baselines", o->baselines, "folder of the baselines")
      .show_default();
  command.add_option("--markdown", o->markdown, "write the tables to this file, too");
  command
      .add_option("--trials", o->trials,
                  "sessions a scenario, instead of its own number")
      .between(1U, 1'000'000U);
  command.on_parsed([&context, o] {
    context.selected = [o] {
      if (!o->markdown.empty()) require_writable(o->markdown);
      return o->study.empty() ? run_offline(*o) : run_study(*o);
    };
  });
}

}  // namespace assay::cli
