// SPDX-License-Identifier: MIT
// `assay claims`: what somebody says about speed, tested claim by claim; a scorecard
// over all of it.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include "regression/claims/claim.h"
#include "regression/claims/run.h"
#include "regression/claims/scorecard.h"
#include "regression/claims/worker.h"
#include "regression/cli/commands.h"
#include "regression/cli/console.h"
#include "regression/cli/options.h"
#include "regression/json/file.h"
#include "regression/judge/verdict.h"

namespace assay::cli {
namespace {

struct ClaimsOptions {
  std::string file{claims::kDefaultClaims};
  std::string json;
  std::string only;
  std::uint32_t time_budget_s = 0;
  std::uint32_t worker_timeout_s = 120;
  bool quick = false;
  bool show = false;
  bool strict = false;
};

// A claims file of the tool's by its name, or a path.
json::Value document_of(const std::string& file) {
  if (const claims::BuiltIn* const built_in = claims::find_built_in(file)) {
    return json::parse(built_in->text);
  }
  // A word without a folder or an ending was rather meant as a name.
  std::error_code unknown;
  if (file.find_first_of("./") == std::string::npos &&
      !std::filesystem::exists(file, unknown)) {
    invalid("there is no file '" + file +
            "', and the tool's own are originals and project");
  }
  return load_named([&] { return json::load_file(file); });
}

claims::ClaimsFile load(const std::string& file, const json::Value& document) {
  try {
    return claims::claims_from_json(document);
  } catch (const Error& error) {
    throw Error(error.code(), file + ": " + error.what());
  }
}

int finish(const claims::Outcome& outcome, const ClaimsOptions& options) {
  print_with_document(to_text(outcome.scorecard), options.json,
                      [&] { return json::to_text(to_json(outcome.scorecard)); });
  switch (outcome.end) {
    case measure::RunEnd::complete:
      return exit_code_of(outcome.scorecard, options.strict);
    case measure::RunEnd::out_of_time:
      std::fprintf(stderr, "assay: the time budget is spent; the rest is untested\n");
      return judge::exit_code::kTimeout;
    case measure::RunEnd::interrupted:
      std::fprintf(stderr, "assay: interrupted; the rest is untested\n");
      return judge::exit_code::kInterrupted;
  }
  return judge::exit_code::kInternal;
}

int run_claims(const ClaimsOptions& options, const Context& context) {
  const json::Value document = document_of(options.file);
  const claims::ClaimsFile file = load(options.file, document);
  if (options.show) {
    print(json::to_text(document));
    return judge::exit_code::kPass;
  }
  if (!options.json.empty() && options.json != "-") require_writable(options.json);
  watch_signals();
  claims::Request request;
  request.only = options.only;
  request.quick = options.quick;
  request.worker_timeout = std::chrono::seconds(options.worker_timeout_s);
  request.time_budget = std::chrono::seconds(options.time_budget_s);
  ProgressLine progress;
  claims::Outcome outcome =
      claims::run(file, request, context.ops, interrupted(),
                  [&](const std::string& now) { progress.show(now); });
  progress.clear();
  outcome.scorecard.run.command_line = context.arguments;
  return finish(outcome, options);
}

}  // namespace

void add_claims(Command& app, Context& context) {
  Command command = app.add_command(
      "claims", "tests a file of claims about speed; a scorecard over all of them");
  const auto o = std::make_shared<ClaimsOptions>();
  command
      .add_option("file", o->file,
                  "a claims file (docs/claims.md), or one the tool has: originals, "
                  "project")
      .show_default();
  command.add_option("--only", o->only, "only claims whose id contains this");
  command.add_option("--json", o->json, "the scorecard and every sample: a file, or -");
  command.add_option("--time-budget", o->time_budget_s,
                     "seconds; past it nothing new starts (exit 124)");
  command
      .add_option("--worker-timeout", o->worker_timeout_s,
                  "seconds one measuring process may take")
      .between(1U, 86400U)
      .show_default();
  command.add_flag("--quick", o->quick, "shorter samples: for a look, less is decided");
  command.add_flag("--show", o->show, "prints the claims file and tests nothing");
  command.add_flag("--strict", o->strict,
                   "exit 4 when a claim is inconclusive or simulated");
  command.on_parsed([&context, o] {
    context.selected = [&context, o] { return run_claims(*o, context); };
  });
}

void add_claims_worker(Command& app, Context& context) {
  Command command = app.add_command("claims-worker", "a measuring process");
  command.hide();
  const auto parent = std::make_shared<int>(0);
  command.add_option("parent", *parent, "process id of the starter").required();
  command.on_parsed([&context, parent] {
    context.selected = [&context, parent] {
      return claims::worker_main(*parent, context.ops);
    };
  });
}

}  // namespace assay::cli
