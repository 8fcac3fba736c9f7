// SPDX-License-Identifier: MIT
#include "regression/history/entry.h"

#include <cmath>
#include <set>
#include <utility>

#include "regression/json/cursor.h"
#include "regression/json/value.h"

namespace assay::history {
namespace {

using json::any_double;
using json::Cursor;
using json::Value;
using judge::Verdict;

constexpr Against kAllAgainst[] = {Against::baseline, Against::nothing, Against::base};

// Some 200 bytes a gate: 20,000 gates a session.
constexpr json::Limits kLineLimits = {
    .max_bytes = std::size_t{4} << 20, .max_depth = 8, .max_values = 200'000};
// e^100 is no ratio of two times, and exp() of it stays a number.
constexpr double kMaxLog = 100;

Verdict verdict_at(const Cursor& cursor) {
  const std::string& name = cursor.as_string();
  // The enumeration has no list; its names end where "unknown" begins.
  for (std::uint8_t i = 0;; ++i) {
    const std::string_view known = to_string(static_cast<Verdict>(i));
    if (known == "unknown") cursor.fail("unknown verdict");
    if (known == name) return static_cast<Verdict>(i);
  }
}

Against against_at(const Cursor& cursor) {
  for (const Against against : kAllAgainst) {
    if (to_string(against) == cursor.as_string()) return against;
  }
  cursor.fail("expected baseline, nothing or base");
}

double log_at(const Cursor& cursor) {
  const double value = cursor.as_double();
  if (!(std::abs(value) <= kMaxLog)) cursor.fail("no logarithm of a ratio of times");
  return value;
}

// "2026-01-31T12:00:00Z": it becomes the label of an axis and a key.
const std::string& utc_at(const Cursor& cursor) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:ddZ";
  const std::string& text = cursor.as_string();
  bool good = text.size() == kForm.size();
  for (std::size_t i = 0; good && i < text.size(); ++i) {
    good = kForm[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == kForm[i];
  }
  if (!good) cursor.fail("expected a time like 2026-01-31T12:00:00Z");
  return text;
}

Value to_json(const GatePoint& gate) {
  Value::Object object{{"id", gate.id}, {"verdict", to_string(gate.verdict)}};
  if (gate.log_ratio) {
    object.emplace("log_ratio", *gate.log_ratio);
    object.emplace("half_width", any_double(gate.half_width));
  }
  if (gate.slowdown) object.emplace("slowdown", *gate.slowdown);
  return object;
}

GatePoint gate_at(const Cursor& cursor) {
  cursor.only_keys({"id", "verdict", "log_ratio", "half_width", "slowdown"});
  GatePoint gate;
  gate.id = cursor.at("id").as_string();
  gate.verdict = verdict_at(cursor.at("verdict"));
  if (const auto log_ratio = cursor.find("log_ratio")) {
    gate.log_ratio = log_at(*log_ratio);
    gate.half_width = cursor.at("half_width").as_any_double();
    if (!(gate.half_width >= 0)) cursor.at("half_width").fail("no width");
  }
  if (const auto slowdown = cursor.find("slowdown")) gate.slowdown = log_at(*slowdown);
  return gate;
}

std::optional<double> usable_log(double value) {
  if (!(std::abs(value) <= kMaxLog)) return std::nullopt;
  return value;
}

GatePoint point_of(const judge::GateJudged& gate) {
  GatePoint point;
  point.id = gate.id;
  point.verdict = gate.verdict;
  const judge::Judged& judged = gate.comparison;
  if (judged.speed != judge::Speed::not_compared) {
    point.log_ratio = usable_log(std::log(judged.ratio));
    point.half_width = judged.half_width >= 0 ? judged.half_width : HUGE_VAL;
  }
  const bool drift = gate.drift.half_width != 0 || gate.drift.standard_error != 0;
  if (point.log_ratio && drift) point.slowdown = usable_log(gate.drift.slowdown);
  return point;
}

}  // namespace

std::string_view to_string(Against against) noexcept {
  switch (against) {
    case Against::baseline:
      return "baseline";
    case Against::nothing:
      return "nothing";
    case Against::base:
      return "base";
  }
  return "unknown";
}

bool is_of(const Entry& entry, const measure::Session& session) noexcept {
  return entry.utc == session.results.utc &&
         entry.commit == session.results.build.commit && entry.suite == session.suite;
}

bool counts(const Entry& entry) noexcept { return entry.injected == 0; }

Entry entry_of(const gates::GateReport& report) {
  const measure::Session& session = *report.session;
  Entry entry;
  entry.utc = session.results.utc;
  entry.commit = session.results.build.commit;
  entry.host_class = report.host_class;
  entry.suite = session.suite;
  entry.against = report.against_base                  ? Against::base
                  : report.no_baseline_because.empty() ? Against::baseline
                                                       : Against::nothing;
  entry.complete = session.results.complete;
  entry.injected = session.injected;
  for (const judge::GateJudged& gate : report.gates) {
    entry.gates.push_back(point_of(gate));
  }
  return entry;
}

std::string to_line(const Entry& entry) {
  Value::Array gates;
  for (const GatePoint& gate : entry.gates) gates.push_back(to_json(gate));
  return json::to_text(
      Value::Object{{"schema", json::schema_value(kHistorySchema, kHistorySchemaMajor,
                                                  kHistorySchemaMinor)},
                    {"utc", entry.utc},
                    {"commit", entry.commit},
                    {"host_class", entry.host_class},
                    {"suite", entry.suite},
                    {"against", to_string(entry.against)},
                    {"complete", entry.complete},
                    {"injected", entry.injected},
                    {"gates", std::move(gates)}},
      json::Layout::line);
}

Entry entry_from_line(std::string_view line) {
  const Value document = json::parse(line, kLineLimits);
  const Cursor root(document);
  json::expect_schema(root, kHistorySchema, kHistorySchemaMajor);
  root.only_keys({"schema", "utc", "commit", "host_class", "suite", "against",
                  "complete", "injected", "gates"});
  Entry entry;
  entry.utc = utc_at(root.at("utc"));
  entry.commit = root.at("commit").as_string();
  entry.host_class = root.at("host_class").as_string();
  entry.suite = root.at("suite").as_string();
  entry.against = against_at(root.at("against"));
  entry.complete = root.at("complete").as_bool();
  entry.injected = root.at("injected").as_double();
  std::set<std::string> ids;
  for (const Cursor& item : root.at("gates").items()) {
    entry.gates.push_back(gate_at(item));
    if (!ids.insert(entry.gates.back().id).second) {
      item.at("id").fail("a gate that this session has already");
    }
  }
  return entry;
}

}  // namespace assay::history
