// SPDX-License-Identifier: MIT
#include "regression/selftest/study.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <system_error>
#include <utility>

#include "backends/interface/status.h"
#include "regression/gates/gate_report.h"
#include "regression/judge/statistics.h"

namespace assay::selftest {
namespace {

// Plain sessions come first, disturbed ones last, in between by level.
using Level = std::pair<bool, double>;

Level level_of(const RecordedSession& recorded) {
  return {recorded.disturbed(), recorded.session.injected};
}

struct Collected {
  std::map<std::pair<Level, judge::Tier>, StudyRow> rows;
  std::map<std::pair<Level, judge::Tier>, std::set<std::string>> sessions;
  std::map<std::string, StudyGate> gates;
  std::map<std::string, std::vector<double>> widths;
};

void add_to_row(const judge::GateJudged& gate, StudyRow& row) {
  ++row.evaluated;
  switch (gate.verdict) {
    case judge::Verdict::pass:
    case judge::Verdict::within_tolerance:
    case judge::Verdict::improved:
      ++row.green;
      break;
    case judge::Verdict::regressed:
      ++row.regressed;
      break;
    case judge::Verdict::inconclusive:
      ++row.inconclusive;
      break;
    default:
      ++row.other;
  }
}

void add_to_gate(const judge::GateJudged& judged, Collected& all) {
  StudyGate& gate = all.gates[judged.id];
  gate.id = judged.id;
  gate.tier = judged.tier;
  ++gate.sessions;
  if (judged.drift.low > 0) ++gate.high;
  if (judged.drift.high < 0) ++gate.low;
  all.widths[judged.id].push_back(std::expm1(2 * judged.drift.half_width));
}

// Whether an interval was looked at: a guard leaves the drift at its default.
bool has_interval(const judge::GateJudged& gate) { return gate.drift.half_width != 0; }

void add_session(const RecordedSession& recorded, const gates::GateReport& report,
                 Collected& all, Study& study) {
  for (const judge::GateJudged& gate : report.gates) {
    if (gate.verdict == judge::Verdict::no_baseline ||
        gate.verdict == judge::Verdict::left_out) {
      ++study.no_baseline;
      continue;
    }
    const std::pair key(level_of(recorded), gate.tier);
    StudyRow& row = all.rows[key];
    row.injected = recorded.session.injected;
    row.disturbed = recorded.disturbed();
    row.tier = gate.tier;
    all.sessions[key].insert(recorded.name);
    add_to_row(gate, row);
    if (recorded.is_plain() && has_interval(gate)) add_to_gate(gate, all);
  }
}

bool made_the_baseline(const RecordedSession& recorded, const std::string& root) {
  const measure::Session& session = recorded.session;
  const gates::References references(root, session.suite, session.results.machine,
                                     session.results.build);
  const auto& baseline = references.lookup().baseline;
  if (!baseline || recorded.sha256.empty()) return false;
  const auto& used = baseline->provenance.sessions;
  return std::ranges::find(used, recorded.sha256, &baselines::SessionRecord::sha256) !=
         used.end();
}

// Each session beside each plain one as the stored run: one stored run alone would make
// every figure depend on its luck.
std::vector<CommonRow> common_rows(std::span<const RecordedSession* const> sessions) {
  std::map<Level, CommonRow> rows;
  for (const RecordedSession* now : sessions) {
    CommonRow& row = rows[level_of(*now)];
    row.injected = now->session.injected;
    row.disturbed = now->disturbed();
    for (const RecordedSession* stored : sessions) {
      if (!stored->is_plain() || stored == now) continue;
      for (const measure::Comparison& gate : now->session.results.comparisons) {
        if (measure::is_control(gate)) continue;
        const measure::Comparison* before =
            measure::find_comparison(stored->session.results.comparisons, gate.id);
        if (before == nullptr) continue;
        ++row.pairs;
        for (const CommonRule rule : kAllCommonRules) {
          if (alarm(rule, *before, gate)) ++row.alarms[static_cast<std::size_t>(rule)];
        }
      }
    }
  }
  std::vector<CommonRow> list;
  list.reserve(rows.size());
  for (const auto& [level, row] : rows) list.push_back(row);
  return list;
}

}  // namespace

std::vector<RecordedSession> load_sessions(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().filename());
  }
  if (error) {
    throw Error(StatusCode::invalid_argument, folder + ": " + error.message());
  }
  if (names.empty()) {
    throw Error(
        StatusCode::invalid_argument,
        folder +
            ": no session file (*.json): record some with 'assay gate --record FILE'");
  }
  std::ranges::sort(names);
  std::vector<RecordedSession> sessions;
  for (const std::string& name : names) {
    RecordedSession& recorded = sessions.emplace_back();
    recorded.name = name;
    const std::string path = (fs::path(folder) / name).string();
    recorded.session = measure::load_session(path);
    recorded.sha256 = baselines::file_sha256(path);
    if (recorded.session.base.empty()) continue;
    throw Error(StatusCode::invalid_argument,
                name +
                    ": an A/B session has no baseline to be studied against: move it "
                    "elsewhere");
  }
  return sessions;
}

Study study(const std::vector<RecordedSession>& sessions,
            const std::string& baseline_root,
            const std::function<void(const std::string&)>& progress) {
  Study study;
  Collected all;
  std::vector<const RecordedSession*> studied;
  for (const RecordedSession& recorded : sessions) {
    progress("judging " + recorded.name);
    if (made_the_baseline(recorded, baseline_root)) {
      ++study.in_baseline;
      continue;
    }
    studied.push_back(&recorded);
    const gates::GateReport report =
        gates::evaluate(recorded.session, baseline_root,
                        gates::gate_rules_for(recorded.session.results.machine));
    if (study.sessions == 0) study.host_class = report.host_class;
    ++study.sessions;
    if (recorded.is_plain()) ++study.plain_sessions;
    add_session(recorded, report, all, study);
  }
  for (auto& [key, row] : all.rows) {
    row.sessions = all.sessions[key].size();
    study.rows.push_back(row);
  }
  for (auto& [id, gate] : all.gates) {
    gate.detectable = judge::median(all.widths[id]);
    study.gates.push_back(gate);
  }
  progress("common rules");
  study.common = common_rows(studied);
  study.bars = study_bars(study);
  return study;
}

}  // namespace assay::selftest
