// SPDX-License-Identifier: MIT
// `assay baseline`: what is stored, and its refresh in two steps with a person between
// them: propose writes a file to look at, apply puts exactly that in its place.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <utility>

#include "backends/interface/status.h"
#include "regression/baselines/diff.h"
#include "regression/baselines/proposal.h"
#include "regression/baselines/refresh.h"
#include "regression/baselines/sha256.h"
#include "regression/baselines/store.h"
#include "regression/baselines/verify.h"
#include "regression/cli/ancestry.h"
#include "regression/cli/commands.h"
#include "regression/cli/console.h"
#include "regression/cli/options.h"
#include "regression/gates/gate_report.h"
#include "regression/json/file.h"
#include "regression/judge/verdict.h"
#include "regression/measure/machine.h"
#include "regression/report/layout.h"
#include "regression/report/text.h"

namespace assay::cli {
namespace {

namespace exit_code = judge::exit_code;

struct BaselineOptions {
  std::string program;
  std::string root = "baselines";
  std::string suite;
  std::string file;  // a baseline or a proposal
  std::vector<std::string> sessions;
  std::string output;
  std::vector<std::string> accepted;
  std::vector<std::string> left_out;
  std::int64_t min_gap_s = baselines::kMinGapSeconds;
};

void complain(const std::string& problem) {
  std::fprintf(stderr, "assay: %s\n", report::plain(problem).c_str());
}

std::string baseline_table(const baselines::Baseline& baseline) {
  using report::Align;
  const std::vector<report::Column> columns = {
      {"gate", Align::left},       {"ratio [95 % interval]", Align::right},
      {"tier", Align::left},       {"detects", Align::right},
      {"processes", Align::right}, {"sessions", Align::right},
      {"commit", Align::left}};
  report::Section section;
  section.title = report::plain(
      fmt::format("{} on {}, at {} ({} {})", baseline.suite, baseline.host.name,
                  baseline.provenance.commit, baseline.provenance.compiler,
                  baseline.provenance.tool_version));
  for (const auto& [id, entry] : baseline.gates) {
    const baselines::Figures figures = baselines::figures_of(entry.reference);
    section.lines.push_back(
        {{report::plain(id), report::format_ratio(figures.ratio, figures.interval),
          std::string(judge::to_string(entry.reference.tier)),
          fmt::format("{:.1f} %", 100 * figures.smallest_detectable),
          std::to_string(entry.reference.processes),
          std::to_string(entry.reference.sessions), report::plain(entry.commit)},
         report::Tone::plain});
  }
  std::string text = report::lay_out(columns, {&section, 1}, false);
  text +=
      "\nratio: library time / custom time. detects: the slowdown that a run can tell "
      "from none.\n";
  const auto tell_accepted = [&](const std::string& id, const std::string& reason,
                                 const std::string& commit, double old_log_ratio) {
    text += report::plain(fmt::format("accepted: {}: {} ({}, ratio was {:.3f})", id,
                                      reason, commit, std::exp(old_log_ratio))) +
            "\n";
  };
  for (const auto& [id, entry] : baseline.gates) {
    if (!entry.accepted) continue;
    tell_accepted(id, entry.accepted->reason, entry.accepted->commit,
                  entry.accepted->old_log_ratio);
  }
  for (const auto& [id, left_out] : baseline.left_out) {
    text += report::plain(fmt::format(
                "left out: {}: {} (a run would know it to +-{:.2f} %, and decides at "
                "{:.2f} %; {} processes in {} sessions, {})",
                id, left_out.reason, 100 * baselines::half_width_of(left_out),
                100 * baselines::half_width_limit(), left_out.noise.processes,
                left_out.noise.sessions, left_out.commit)) +
            "\n";
    if (!left_out.loosened) continue;
    tell_accepted(id, left_out.loosened->reason, left_out.loosened->commit,
                  left_out.loosened->last.reference.log_ratio);
  }
  return text;
}

int show(const BaselineOptions& options, const Context& context) {
  if (!options.file.empty()) {
    print(baseline_table(
        load_named([&] { return baselines::load_baseline(options.file); })));
    return exit_code::kPass;
  }
  const baselines::Lookup lookup = baselines::find_baseline(
      options.root, options.suite,
      baselines::host_class_of(measure::this_machine(), measure::this_build()));
  for (const std::string& warning : lookup.warnings) complain(warning);
  if (!lookup.baseline) {
    // Nobody makes one of a suite that there is not.
    context.named_suite(options.suite);
    complain(lookup.because);
    for (const std::string& difference : lookup.differing) complain(difference);
    return exit_code::kNoBaseline;
  }
  print(baseline_table(*lookup.baseline));
  return exit_code::kPass;
}

int diff(const BaselineOptions& options) {
  print(baselines::markdown_diff(
      load_named([&] { return baselines::load_proposal(options.file); })));
  return exit_code::kPass;
}

// Read once, so that what was hashed is what was loaded.
baselines::RecordedSession read_session(const std::string& path) {
  const std::string text =
      load_named([&] { return json::read_file(path, json::kResultsLimits.max_bytes); });
  try {
    return {measure::session_from_json(json::parse(text, json::kResultsLimits)),
            baselines::sha256_hex(text)};
  } catch (const Error& error) {
    throw Error(error.code(), path + ": " + error.what());
  }
}

std::vector<std::string> gates_of(const Context& context, const std::string& suite) {
  for (const measure::Suite& known : context.suites) {
    if (known.name == suite) return measure::gate_ids(known.cases);
  }
  throw Error(StatusCode::bad_file,
              fmt::format("the sessions are of a suite '{}', which "
                          "this program does not have",
                          report::plain(suite)));
}

// What is stored now for the class and suite of this session.
struct Stored {
  std::optional<baselines::Baseline> baseline;
  std::string sha256;
};

Stored stored_for(const std::string& root, const measure::Session& session) {
  const std::string path = baselines::baseline_path(
      root, session.suite,
      baselines::host_class_of(session.results.machine, session.results.build));
  Stored stored;
  try {
    const std::string text = json::read_file(path);
    stored.baseline = baselines::baseline_from_text(text, path);
    stored.sha256 = baselines::sha256_hex(text);
  } catch (const Error& error) {
    if (error.code() != StatusCode::unavailable) throw;
  }
  return stored;
}

std::map<std::string, std::string> parse_left_out(
    const std::vector<std::string>& assignments) {
  std::map<std::string, std::string> result;
  for (const std::string& assignment : assignments) {
    auto [gate, reason] = parse_assignment(assignment, "--leave-out");
    if (result.contains(gate)) invalid("--leave-out: '" + gate + "' is given twice");
    result.emplace(std::move(gate), std::move(reason));
  }
  return result;
}

// The command line again, with what would leave out the gates that are too noisy and no
// other; a person writes the reasons that are missing.
std::string leave_out_command(const BaselineOptions& options,
                              const baselines::Proposal& proposal,
                              const std::map<std::string, std::string>& reasons) {
  std::string text = options.program + " baseline propose";
  const auto add = [&](const std::string& word) {
    text += " " + report::shell_quoted(word);
  };
  for (const std::string& path : options.sessions) add(path);
  add("-o");
  add(options.output);
  if (options.root != BaselineOptions().root) {
    add("--root");
    add(options.root);
  }
  if (options.min_gap_s != baselines::kMinGapSeconds) {
    add("--min-gap-s");
    add(std::to_string(options.min_gap_s));
  }
  for (const std::string& assignment : options.accepted) {
    add("--accept");
    add(assignment);
  }
  const std::string placeholder(baselines::kReasonPlaceholder);
  for (const baselines::TooNoisy& gate : proposal.too_noisy) {
    add("--leave-out");
    add(gate.gate + "=" + (gate.wants_reason ? placeholder : reasons.at(gate.gate)));
    if (!gate.wants_accept) continue;
    add("--accept");
    add(gate.gate + "=" + placeholder);
  }
  return text;
}

// After the refusals: what would leave out just the gates that need it.
void tell_leave_out(const BaselineOptions& options, const baselines::Proposal& proposal,
                    const std::map<std::string, std::string>& reasons) {
  const auto& gates = proposal.too_noisy;
  const bool missing = std::ranges::any_of(gates, [](const baselines::TooNoisy& gate) {
    return gate.wants_reason || gate.wants_accept;
  });
  if (!missing) return;
  complain(fmt::format(
      "to leave out just {}, with a reason in place of each {}: {}",
      gates.size() == 1 ? "this gate" : fmt::format("these {} gates", gates.size()),
      baselines::kReasonPlaceholder, leave_out_command(options, proposal, reasons)));
}

int propose(const BaselineOptions& options, const Context& context) {
  require_writable(options.output);
  std::vector<baselines::RecordedSession> sessions;
  for (const std::string& path : options.sessions) {
    sessions.push_back(read_session(path));
  }
  const measure::Session& first = sessions.front().session;
  baselines::RefreshOptions refresh;
  refresh.rules = gates::gate_rules_for(first.results.machine);
  refresh.gate_ids = gates_of(context, first.suite);
  refresh.min_gap_s = options.min_gap_s;
  refresh.ancestry = ancestry_of(first.results.build.commit, options.root);
  for (const std::string& assignment : options.accepted) {
    refresh.accepted.insert(parse_assignment(assignment, "--accept"));
  }
  refresh.left_out = parse_left_out(options.left_out);
  const Stored stored = stored_for(options.root, first);
  const baselines::Proposal proposal =
      baselines::propose(sessions, stored.baseline, stored.sha256, refresh);
  if (!proposal.changes.empty()) print(baselines::markdown_diff(proposal));
  int code = exit_code::kPass;
  for (const baselines::Refusal& refusal : proposal.refusals) {
    complain("refused: " + refusal.reason);
    code = judge::worse(
        code, refusal.loosens ? exit_code::kRegressed : exit_code::kEnvironment);
  }
  if (code != exit_code::kPass) {
    tell_leave_out(options, proposal, refresh.left_out);
    return code;
  }
  json::write_file_atomically(options.output,
                              json::to_text(baselines::to_json(proposal)));
  std::string apply =
      fmt::format("review {0}, then: {1} baseline apply {0}",
                  report::shell_quoted(options.output), options.program);
  if (options.root != BaselineOptions().root) {
    apply += " --root " + report::shell_quoted(options.root);
  }
  complain(apply);
  return exit_code::kPass;
}

int verify(const BaselineOptions& options, const Context& context) {
  baselines::Registry registry;
  for (const measure::Suite& suite : context.suites) {
    registry.emplace(suite.name, measure::gate_ids(suite.cases));
  }
  const baselines::Verified verified = baselines::verify(options.root, registry);
  for (const std::string& problem : verified.problems) complain(problem);
  if (!verified.problems.empty()) return exit_code::kBadFile;
  if (verified.files == 0) {
    complain("no baseline below " + options.root + ": --root names another folder");
    return exit_code::kUsage;
  }
  print(fmt::format("{} baseline file{}: as they should be\n", verified.files,
                    verified.files == 1 ? "" : "s"));
  return exit_code::kPass;
}

int apply(const BaselineOptions& options) {
  const baselines::Proposal proposal =
      load_named([&] { return baselines::load_proposal(options.file); });
  try {
    print("wrote " + baselines::apply_proposal(proposal, options.root) + "\n");
  } catch (const Error& error) {
    // The command line was right; the folder, the disk or another writer was not.
    const bool here = error.code() == StatusCode::failed_precondition ||
                      error.code() == StatusCode::resource_exhausted;
    if (!here) throw;
    complain(error.what());
    return exit_code::kEnvironment;
  }
  return exit_code::kPass;
}

void add_root(Command& command, const std::shared_ptr<BaselineOptions>& o) {
  command.add_option("--root,--baselines", o->root, "folder of the baseline files")
      .from_environment("ASSAY_BASELINES")
      .show_default();
}

void add_propose(Command& parent, Context& context,
                 const std::shared_ptr<BaselineOptions>& o) {
  Command command = parent.add_command(
      "propose", "make a new baseline from recorded sessions, to be reviewed");
  command
      .add_option("sessions", o->sessions,
                  "session files, three or more, ten minutes apart: written by "
                  "'assay gate --record'")
      .required();
  command.add_option("-o,--output", o->output, "the proposal").required();
  command.add_option("--accept", o->accepted,
                     "GATE=REASON: accept a slower gate; GATE may end with * "
                     "(repeatable)");
  command.add_option("--leave-out", o->left_out,
                     "GATE=REASON: leave out a gate that a run would know too badly to "
                     "decide anything; an exact name (repeatable)");
  command
      .add_option("--min-gap-s", o->min_gap_s,
                  "seconds between the starts of two sessions, recorded when "
                  "changed")
      .between(std::int64_t{0}, std::int64_t{1'000'000'000})
      .show_default();
  add_root(command, o);
  command.on_parsed([&context, o] {
    context.selected = [&context, o] { return propose(*o, context); };
  });
}

}  // namespace

void add_baseline(Command& app, Context& context) {
  Command command = app.add_command(
      "baseline", "show, refresh and verify what gates are held against");
  command.require_command();
  const auto o = std::make_shared<BaselineOptions>();
  o->suite = context.default_suite();
  o->program = report::shell_quoted(program_name(context.arguments));

  Command shown = command.add_command("show", "the baseline of this host");
  shown.add_option("file", o->file, "a baseline file, instead of this host's");
  shown.add_option("--suite", o->suite, "which gates").show_default();
  add_root(shown, o);
  shown.on_parsed([&context, o] {
    context.selected = [&context, o] { return show(*o, context); };
  });

  Command diffed = command.add_command("diff", "what a proposal changes, as Markdown");
  diffed.add_option("proposal", o->file, "written by propose").required();
  diffed.on_parsed([&context, o] { context.selected = [o] { return diff(*o); }; });

  add_propose(command, context, o);

  Command verified = command.add_command(
      "verify", "are the stored files what this program writes, of the gates it has?");
  add_root(verified, o);
  verified.on_parsed([&context, o] {
    context.selected = [&context, o] { return verify(*o, context); };
  });

  Command applied =
      command.add_command("apply", "put a reviewed proposal in its place");
  applied.add_option("proposal", o->file, "written by propose").required();
  add_root(applied, o);
  applied.on_parsed([&context, o] { context.selected = [o] { return apply(*o); }; });
}

}  // namespace assay::cli
