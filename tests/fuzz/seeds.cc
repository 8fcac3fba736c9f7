// SPDX-License-Identifier: MIT
#include "tests/fuzz/seeds.h"

#include <limits>

#include "regression/claims/claim.h"
#include "tests/regression/baselines/made_up_sessions.h"

namespace assay::fuzz {
namespace {

using baselines::Baseline;

Baseline small_baseline() {
  baselines::RefreshOptions options = baselines::made_up_options();
  Baseline baseline =
      baselines::propose(baselines::made_up_sessions(), std::nullopt, "", options)
          .baseline;
  baseline.gates.erase(baselines::kOtherGate);
  baseline.provenance.sessions.resize(1);
  return baseline;
}

measure::Session small_session() {
  measure::Session session = baselines::made_up_session(0).session;
  session.results.comparisons.resize(1);
  measure::Comparison& comparison = session.results.comparisons[0];
  comparison.processes.resize(1);
  comparison.processes[0].blocks.resize(1);
  comparison.processes[0].custom_check.worst = std::numeric_limits<double>::infinity();
  session.results.worker_environment = {{"PATH", "/bin"}};
  session.results.command_line = {"assay", "gate"};
  return session;
}

}  // namespace

std::map<std::string, std::string> seeds() {
  Baseline accepted = small_baseline();
  accepted.gates.begin()->second.accepted = {"checked now", "abcdef012345", 0.25};
  measure::Session against_base = small_session();
  against_base.base = against_base.results.comparisons;
  against_base.confirmations = against_base.base;
  against_base.base_build = baselines::made_up_build();
  const auto line = [](const auto& value) {
    return json::to_text(to_json(value), json::Layout::line);
  };
  return {{"baseline", line(small_baseline())},
          {"baseline_accepted", line(accepted)},
          {"baseline_left_out", line(baselines::made_up_left_out())},
          {"baseline_pretty", baseline_text(small_baseline())},
          {"session", line(small_session())},
          {"session_base", line(against_base)},
          {"claims", std::string(claims::find_built_in("project")->text)},
          {"claims_originals", std::string(claims::find_built_in("originals")->text)},
          {"deep", std::string(40, '[') + std::string(40, ']')},
          {"duplicate", R"({"a":1,"a":2})"},
          {"numbers",
           R"([0,-0,-1,1e308,1e-320,18446744073709551615,-9223372036854775808])"},
          {"strings", R"(["\u0000","\ud83d\ude00","\ud800","é",""])"},
          {"none", "[NaN]"}};
}

}  // namespace assay::fuzz
