// SPDX-License-Identifier: MIT
#include "regression/baselines/measured_gate.h"

#include <fmt/core.h>

#include <set>
#include <vector>

#include "regression/baselines/figures.h"
#include "regression/judge/arms.h"
#include "regression/judge/statistics.h"

namespace assay::baselines {
namespace {

// Noise that no gate could stand on. NaN is a problem and never a pass.
std::vector<std::string> noise_problems(const std::string& id,
                                        const judge::GateReference& reference,
                                        double half_width) {
  std::vector<std::string> problems;
  const double widest =
      judge::widest_half_width(judge::margins_of(judge::Tier::standard));
  if (!(half_width <= widest)) {
    problems.push_back(fmt::format(
        "{}: a fresh run would know its slowdown to +-{:.2f} %, and can decide nothing "
        "above {:.2f} %: make the gate quieter or leave it out",
        id, 100 * half_width, 100 * widest));
  }
  if (!(reference.session_sd <= kMaxSessionSd)) {
    problems.push_back(
        fmt::format("{}: sessions differ by {:.2f} % (standard deviation), more than "
                    "{:g} %: record "
                    "more on a quiet machine, or leave the gate out",
                    id, 100 * reference.session_sd, 100 * kMaxSessionSd));
  }
  return problems;
}

}  // namespace

MeasuredGate measure_gate(const std::string& id,
                          std::span<const RecordedSession* const> sessions,
                          const judge::GateRules& rules) {
  MeasuredGate result;
  std::vector<std::vector<double>> log_ratios;
  std::vector<double> custom;
  std::vector<double> library;
  std::set<std::string> libraries;
  for (const RecordedSession* recorded : sessions) {
    const measure::Results& results = recorded->session.results;
    const measure::Comparison* comparison =
        measure::find_comparison(results.comparisons, id);
    if (comparison == nullptr) {
      result.problems.push_back(fmt::format(
          "{}: missing in the session of {}: record the whole suite", id, results.utc));
      continue;
    }
    log_ratios.push_back(judge::process_log_ratios(*comparison, rules.rules));
    if (log_ratios.back().empty()) {
      result.problems.push_back(
          fmt::format("{}: no usable block in the session of {}: record it again", id,
                      results.utc));
    }
    const judge::UsableBlocks blocks = judge::usable_blocks(*comparison, rules.rules);
    custom.push_back(judge::cost_of(*comparison, blocks, judge::Arm::custom));
    library.push_back(judge::cost_of(*comparison, blocks, judge::Arm::library));
    libraries.insert(library_identity(*comparison));
  }
  if (!result.problems.empty()) return result;
  if (libraries.size() != 1) {
    result.problems.push_back(fmt::format(
        "{}: the library is not the same in all sessions ({} and {}): record "
        "them again",
        id, *libraries.begin(), *libraries.rbegin()));
    return result;
  }
  result.library = *libraries.begin();
  result.reference = judge::reference_from_sessions(log_ratios);
  result.reference.custom_cost = judge::median(custom);
  result.reference.library_cost = judge::median(library);
  result.reference = six_digits(result.reference);
  result.reference.tier = judge::tier_for(result.reference, {}, rules);
  result.half_width = judge::expected_half_width(result.reference, {}, rules);
  result.noise = noise_problems(id, result.reference, result.half_width);
  return result;
}

}  // namespace assay::baselines
