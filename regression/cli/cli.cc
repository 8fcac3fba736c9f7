// SPDX-License-Identifier: MIT
#include "regression/cli/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>
#include <new>
#include <system_error>
#include <vector>

#include "backends/interface/status.h"
#include "regression/cli/command.h"
#include "regression/cli/commands.h"
#include "regression/cli/console.h"
#include "regression/cli/options.h"
#include "regression/cli/slip.h"
#include "regression/judge/verdict.h"
#include "regression/measure/build_info.h"
#include "regression/measure/choices.h"
#include "regression/report/text.h"

namespace assay::cli {
namespace {

namespace exit_code = judge::exit_code;

constexpr const char* kExitCodes =
    "Exit codes (the worst of a run wins: 70, 7, 3, 6, 1, 5, 4, 0)\n"
    "  0    pass, within tolerance, improved\n"
    "  1    regressed; a claim that fails; a device that 'doctor --check' cannot see\n"
    "  2    usage, nothing matched, or a file that cannot be found or written\n"
    "  3    wrong result, implausible rate, incomplete coverage, unlike scopes\n"
    "  4    inconclusive or left out (0 without --strict)\n"
    "  5    no baseline for this host (0 without --require-baseline)\n"
    "  6    environment refused: library absent, impaired or changed; device absent\n"
    "  7    bad or hostile file, or standard output cannot be written\n"
    "  70   internal error\n"
    "  124  out of time\n"
    "  130  interrupted; partial results are kept, or a line says that none are\n";

// What a thrown Error means for the person at the shell.
int exit_code_of(StatusCode code) {
  switch (code) {
    case StatusCode::ok:
      return exit_code::kPass;
    case StatusCode::invalid_argument:
    case StatusCode::failed_precondition:
    case StatusCode::not_supported:
    case StatusCode::out_of_memory:
    case StatusCode::resource_exhausted:
      return exit_code::kUsage;
    case StatusCode::unavailable:
      return exit_code::kEnvironment;
    case StatusCode::bad_file:
      return exit_code::kBadFile;
    case StatusCode::deadline_exceeded:
      return exit_code::kTimeout;
    case StatusCode::aborted:
    case StatusCode::internal:
    case StatusCode::device_lost:
      return exit_code::kInternal;
  }
  return exit_code::kInternal;
}

// One line on standard error, whatever was on the command line or in a file.
void say_line(const std::string& message) {
  constexpr std::size_t kMost = 1000;  // the shapes that are known, and more
  std::fprintf(stderr, "assay: %s\n",
               report::cut(report::plain(message), kMost).c_str());
}

// The first word of the line that `command` did not take.
std::string first_extra(const CLI::App& command, std::span<char* const> words) {
  const std::vector<std::string> extras = command.remaining();
  for (const char* const word : words) {
    if (std::ranges::find(extras, word) != extras.end()) return word;
  }
  return {};
}

std::string unknown_word(const CLI::App& command, const std::string& word,
                         bool wants_command) {
  const bool option = word.starts_with('-');
  std::vector<std::string> known;
  if (option) {
    for (const CLI::Option* each : command.get_options()) {
      for (const std::string& name : each->get_lnames()) known.push_back("--" + name);
    }
  } else if (wants_command) {
    for (const CLI::App* each : command.get_subcommands({})) {
      if (!each->get_group().empty()) known.push_back(each->get_name());
    }
  }
  const std::string nearest = meant(word.substr(0, word.find('=')), known);
  return "unknown " +
         std::string(option          ? "option"
                     : wants_command ? "command"
                                     : "word") +
         " '" + word + "'" + (nearest.empty() ? "" : ": did you mean " + nearest + "?");
}

// Answers a line that cannot be parsed: what is wrong, and where the right words are.
int refuse_line(const CLI::App& app, const CLI::ParseError& error,
                std::span<char* const> words) {
  const CLI::App* command = &app;
  std::string path = app.get_name();
  std::size_t next = 1;
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    path += " " + command->get_name();
    ++next;
  }
  // CLI11 says only that a command is required, to a word that is none, and lists what
  // it did not expect from the last word to the first.
  const bool wants_command = command->get_require_subcommand_min() > 0;
  std::string word;
  if (wants_command) {
    word = next < words.size() ? words[next] : "";
  } else if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError)) {
    word = first_extra(*command, words.subspan(next));
  }
  say_line(word.empty() ? error.what() : unknown_word(*command, word, wants_command));
  say_line("see '" + path + " --help'");
  return exit_code::kUsage;
}

// In the order of --help.
void add_commands(Command& root, Context& context) {
  add_doctor(root, context);
  add_list(root, context);
  add_compare(root, context);
  add_ladder(root, context);
  add_baseline(root, context);
  add_judge(root, context);
  add_bars(root, context);
  add_gate(root, context);
  add_history(root, context);
  add_selftest(root, context);
  add_api(root, context);
  add_tune(root, context);
  add_trace(root, context);
  add_perturb(root, context);
  add_scaling(root, context);
  add_advise(root, context);
  add_claims(root, context);
  add_worker(root, context);
  add_scaling_worker(root, context);
  add_claims_worker(root, context);
  add_scaling_pool_worker(root, context);
}

// What the parsed line asks for, and its exit code.
int run_selected(const Context& context) {
  try {
    // A folder that cannot be used is found out here, and not by a worker later.
    (void)measure::kernel_cache();
    return context.selected();
  } catch (const Interrupted&) {
    say_line("interrupted; nothing is kept of what had not ended");
    return exit_code::kInterrupted;
  } catch (const Error& error) {
    say_line(error.what());
    return exit_code_of(error.code());
  } catch (const std::bad_alloc&) {
    say_line("out of memory: see 'ulimit -v', or take a smaller size");
    return exit_code_of(StatusCode::out_of_memory);
  } catch (const std::system_error& error) {
    // Of the standard library: a thread that cannot be started, above all.
    say_line(std::string("refused by the system: ") + error.what() +
             " (see 'ulimit -a')");
    return exit_code::kEnvironment;
  } catch (const std::exception& error) {
    say_line(std::string("internal error: ") + error.what());
    return exit_code::kInternal;
  }
}

}  // namespace

int run_cli(int argc, char** argv, std::span<const Op* const> ops,
            std::span<const measure::Suite> suites) {
  hold_standard_streams();
  Context context{ops, suites, {argv, argv + argc}, {}};
  CLI::App app{
      "Assay tests performance claims: is this kernel really faster than the library?",
      program_name(context.arguments)};
  app.set_version_flag("--version", std::string("assay ") + measure::kBuildVersion);
  app.footer(kExitCodes);
  app.require_subcommand(1);
  Command root(app);
  add_commands(root, context);
  for (CLI::App* command : app.get_subcommands({})) command->footer(kExitCodes);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    const int code = app.exit(success);
    if (std::cout.flush()) return code;
    std::fputs("assay: cannot write to standard output\n", stderr);
    return exit_code::kBadFile;
  } catch (const CLI::ParseError& error) {
    return refuse_line(app, error, {argv, static_cast<std::size_t>(argc)});
  }
  return run_selected(context);
}

int run_cli(int argc, char** argv, std::span<const Op* const> ops,
            std::span<const measure::Suite> suites, const measure::Sources& sources) {
  measure::set_sources(sources);
  return run_cli(argc, argv, ops, suites);
}

}  // namespace assay::cli
