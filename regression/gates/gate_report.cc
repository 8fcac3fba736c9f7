// SPDX-License-Identifier: MIT
#include "regression/gates/gate_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace assay::gates {
namespace {

using judge::Verdict;

// Worst first: what must not happen, what must be looked at, what is fine.
constexpr std::array kOrder = {
    Verdict::wrong_result,     Verdict::implausible,      Verdict::invalid_run,
    Verdict::regressed,        Verdict::library_impaired, Verdict::library_changed,
    Verdict::inconclusive,     Verdict::no_baseline,      Verdict::left_out,
    Verdict::within_tolerance, Verdict::improved,         Verdict::pass};

std::ptrdiff_t rank(Verdict verdict) {
  return std::ranges::find(kOrder, verdict) - kOrder.begin();
}

// With the figure it was left out for, and the way around.
std::string why_left_out(const std::string& id, const baselines::LeftOut& left_out) {
  return fmt::format(
      "{} (a run would know it to +-{:.2f} %, and decides at {:.2f} %): to decide "
      "anyway: assay gate --base OLD_PROGRAM --only {}",
      left_out.reason, 100 * baselines::half_width_of(left_out),
      100 * baselines::half_width_limit(), id);
}

}  // namespace

References::References(const std::string& baseline_root, const std::string& suite,
                       const measure::Machine& machine, const measure::Build& build)
    : lookup_(baselines::find_baseline(baseline_root, suite,
                                       baselines::host_class_of(machine, build))) {}

judge::GateInput References::input_for(const measure::Comparison& now) const {
  judge::GateInput input;
  input.now = &now;
  if (!lookup_.baseline) {
    input.no_baseline_because = lookup_.because;
    return input;
  }
  const auto entry = lookup_.baseline->gates.find(now.id);
  if (entry == lookup_.baseline->gates.end()) {
    const auto left_out = lookup_.baseline->left_out.find(now.id);
    if (left_out != lookup_.baseline->left_out.end()) {
      input.left_out_because = why_left_out(now.id, left_out->second);
      return input;
    }
    input.no_baseline_because =
        "not in " + lookup_.path + ": propose a refresh with it";
    return input;
  }
  const std::string library = baselines::library_identity(now);
  if (entry->second.library == library) {
    input.reference = &entry->second.reference;
  } else {
    input.no_baseline_because = fmt::format(
        "the library is '{}', the baseline was made with '{}': propose a "
        "refresh",
        library, entry->second.library);
  }
  return input;
}

judge::GateRules gate_rules_for(const measure::Machine& machine) {
  judge::GateRules rules;
  // The cache alone: what spoils a block of a session is another rule than what spoils
  // one of a comparison.
  rules.rules.cache_bytes = judge::rules_for(machine.l3_bytes).cache_bytes;
  return rules;
}

GateReport evaluate(const measure::Session& session, const std::string& baseline_root,
                    const judge::GateRules& rules) {
  GateReport report;
  report.session = &session;
  report.host_class =
      baselines::host_class_of(session.results.machine, session.results.build).name;
  report.against_base = !session.base.empty();
  std::optional<References> references;
  if (!report.against_base) {
    references.emplace(baseline_root, session.suite, session.results.machine,
                       session.results.build);
    report.baseline_path = references->lookup().path;
    report.no_baseline_because = references->lookup().because;
    report.differing = references->lookup().differing;
    report.warnings = references->lookup().warnings;
  }

  std::vector<judge::GateInput> gates;
  std::vector<const measure::Comparison*> controls;
  for (const measure::Comparison& comparison : session.results.comparisons) {
    if (measure::is_control(comparison)) {
      controls.push_back(&comparison);
      continue;
    }
    judge::GateInput& input = gates.emplace_back();
    if (references) input = references->input_for(comparison);
    input.now = &comparison;
    input.confirmation = measure::find_comparison(session.confirmations, comparison.id);
    if (!report.against_base) continue;
    input.base = measure::find_comparison(session.base, comparison.id);
    if (input.base == nullptr) {
      input.no_baseline_because = "the base build has no measurement of it";
    }
    input.base_confirmation =
        measure::find_comparison(session.base_confirmations, comparison.id);
  }
  report.gates = judge::judge_gates(gates, controls, rules);
  std::ranges::stable_sort(report.gates, [](const auto& a, const auto& b) {
    return std::pair(rank(a.verdict), std::string_view(a.id)) <
           std::pair(rank(b.verdict), std::string_view(b.id));
  });
  for (const measure::Comparison* control : controls) {
    report.controls.push_back({control->id, judge::judge(*control, rules.rules)});
  }
  report.skipped = static_cast<std::size_t>(
      std::ranges::count_if(report.gates, [](const judge::GateJudged& gate) {
        return gate.verdict == Verdict::inconclusive ||
               gate.verdict == Verdict::no_baseline;
      }));
  return report;
}

int exit_code_of(const GateReport& report, bool strict, bool require_baseline) {
  if (report.gates.empty()) return judge::exit_code::kUsage;
  // Wanted and not there is an answer of its own, however noisy the run was.
  int code = require_baseline && !report.no_baseline_because.empty()
                 ? judge::exit_code::kNoBaseline
                 : judge::exit_code::kPass;
  for (const judge::GateJudged& gate : report.gates) {
    code =
        judge::worse(code, judge::exit_code_of(gate.verdict, strict, require_baseline));
  }
  return code;
}

}  // namespace assay::gates
