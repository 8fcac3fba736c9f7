// SPDX-License-Identifier: MIT
#include "regression/baselines/baseline.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "backends/interface/status.h"
#include "regression/baselines/figures.h"
#include "regression/baselines/sha256.h"
#include "regression/json/cursor.h"
#include "regression/json/file.h"
#include "regression/json/utf8.h"

namespace assay::baselines {
namespace {

using json::Cursor;
using json::Value;

// The oldest that can say it: files of before the first gate was left out stay as they
// are, byte for byte. An older program refuses the member it does not know.
int schema_minor(const Baseline& baseline) { return baseline.left_out.empty() ? 0 : 1; }

// A few hundred bytes a gate: ten thousand gates fit, and a hostile file does not.
constexpr json::Limits kLimits = {
    .max_bytes = std::size_t{16} << 20, .max_depth = 8, .max_values = 1'000'000};

// ---- writing ----

Value facts_to_json(const std::map<std::string, std::string>& facts) {
  Value::Object object;
  for (const auto& [name, value] : facts) object.emplace(name, value);
  return object;
}

Value provenance_to_json(const Provenance& provenance) {
  Value::Array sessions;
  for (const SessionRecord& session : provenance.sessions) {
    sessions.push_back(to_json(session));
  }
  return Value::Object{{"commit", provenance.commit},
                       {"tool_version", provenance.tool_version},
                       {"compiler", provenance.compiler},
                       {"sessions", std::move(sessions)}};
}

Value entry_to_json(const GateEntry& entry) {
  const judge::GateReference reference = six_digits(entry.reference);
  const Figures figures = figures_of(reference);
  Value::Object object{
      {"log_ratio", reference.log_ratio},
      {"process_sd", reference.process_sd},
      {"session_sd", reference.session_sd},
      {"processes", reference.processes},
      {"sessions", reference.sessions},
      {"tier", judge::to_string(reference.tier)},
      {"custom_cost", reference.custom_cost},
      {"library_cost", reference.library_cost},
      {"library", entry.library},
      {"commit", entry.commit},
      {"anchor", Value::Object{{"log_ratio", six_digits(entry.anchor.log_ratio)},
                               {"commit", entry.anchor.commit}}},
      {"ratio", figures.ratio},
      {"interval", Value::Array{figures.interval.low, figures.interval.high}},
      {"smallest_detectable_slowdown", figures.smallest_detectable}};
  if (entry.accepted) {
    object.emplace(
        "accepted",
        Value::Object{{"reason", entry.accepted->reason},
                      {"commit", entry.accepted->commit},
                      {"old_log_ratio", six_digits(entry.accepted->old_log_ratio)}});
  }
  return object;
}

Value left_out_to_json(const LeftOut& left_out) {
  const judge::GateReference noise = six_digits(left_out.noise);
  Value::Object object{{"reason", left_out.reason},
                       {"process_sd", noise.process_sd},
                       {"session_sd", noise.session_sd},
                       {"processes", noise.processes},
                       {"sessions", noise.sessions},
                       {"commit", left_out.commit},
                       {"half_width", half_width_of(left_out)},
                       {"limit", half_width_limit()}};
  if (left_out.loosened) {
    object.emplace("loosened",
                   Value::Object{{"reason", left_out.loosened->reason},
                                 {"commit", left_out.loosened->commit},
                                 {"last", entry_to_json(left_out.loosened->last)}});
  }
  return object;
}

// ---- reading ----

// A folder's or a file's name, and nothing that leads elsewhere.
std::string read_name(const Cursor& at) {
  const std::string& name = at.as_string();
  const bool plain =
      !name.empty() && name.front() != '.' && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-' || c == '.';
      });
  if (!plain) {
    at.fail(fmt::format("'{}' is no name: lower case letters, digits, '_', '-', '.'",
                        json::excerpt(name)));
  }
  return name;
}

double read_not_negative(const Cursor& at) {
  const double value = at.as_double();
  if (!(value >= 0)) at.fail(fmt::format("{} is negative", value));
  return value;
}

// Of a log ratio: above 1 it is no measurement, and what follows from it no number.
double read_sd(const Cursor& at) {
  const double value = read_not_negative(at);
  if (!(value <= 1)) at.fail(fmt::format("{} is no standard deviation here", value));
  return value;
}

std::uint32_t read_count(const Cursor& at) {
  const auto count = at.as_integer<std::uint32_t>();
  if (count == 0) at.fail("expected at least 1, found 0");
  return count;
}

// A log ratio whose ratio is a number, too.
double read_log_ratio(const Cursor& at) {
  constexpr double kLargest = 100;
  const double value = at.as_double();
  if (!(std::abs(value) <= kLargest)) {
    at.fail(fmt::format("{} is no log ratio (largest: {})", value, kLargest));
  }
  return value;
}

std::map<std::string, std::string> read_facts(const Cursor& at) {
  std::map<std::string, std::string> facts;
  for (const auto& [name, value] : at.members()) facts.emplace(name, value.as_string());
  return facts;
}

HostClass read_host(const Cursor& at) {
  at.only_keys({"name", "hard", "soft"});
  return {read_name(at.at("name")), read_facts(at.at("hard")),
          read_facts(at.at("soft"))};
}

Provenance read_provenance(const Cursor& at) {
  at.only_keys({"commit", "tool_version", "compiler", "sessions"});
  Provenance provenance;
  provenance.commit = at.at("commit").as_string();
  provenance.tool_version = at.at("tool_version").as_string();
  provenance.compiler = at.at("compiler").as_string();
  for (const Cursor& session : at.at("sessions").items()) {
    provenance.sessions.push_back(session_record_at(session));
  }
  return provenance;
}

// Spreads and counts.
judge::GateReference read_noise(const Cursor& at) {
  judge::GateReference noise;
  noise.process_sd = read_sd(at.at("process_sd"));
  noise.session_sd = read_sd(at.at("session_sd"));
  noise.processes = read_count(at.at("processes"));
  noise.sessions = read_count(at.at("sessions"));
  if (!(noise.sessions < noise.processes)) {
    at.at("processes").fail("expected more processes than sessions");
  }
  return noise;
}

judge::GateReference read_reference(const Cursor& at) {
  judge::GateReference reference = read_noise(at);
  reference.log_ratio = read_log_ratio(at.at("log_ratio"));
  const Cursor tier = at.at("tier");
  const std::optional<judge::Tier> parsed = judge::parse_tier(tier.as_string());
  if (!parsed) tier.fail("expected tight or standard");
  reference.tier = *parsed;
  reference.custom_cost = read_not_negative(at.at("custom_cost"));
  reference.library_cost = read_not_negative(at.at("library_cost"));
  return reference;
}

// A derived figure agrees when it is what the stored ones give, but for the last of six
// digits: another libm may round exp() the other way.
void expect_derived(const Cursor& at, double expected) {
  const double found = at.as_double();
  const double slack = 2e-5 * std::max(std::abs(expected), 1e-6);
  if (std::abs(found - expected) <= slack) return;
  at.fail(fmt::format("{} does not follow from the stored numbers, which give {}",
                      found, expected));
}

void check_figures(const Cursor& at, const judge::GateReference& reference) {
  const Figures figures = figures_of(reference);
  expect_derived(at.at("ratio"), figures.ratio);
  const std::vector<Cursor> interval = at.at("interval").items(2);
  expect_derived(interval[0], figures.interval.low);
  expect_derived(interval[1], figures.interval.high);
  expect_derived(at.at("smallest_detectable_slowdown"), figures.smallest_detectable);
}

GateEntry read_entry(const Cursor& at) {
  at.only_keys({"log_ratio", "process_sd", "session_sd", "processes", "sessions",
                "tier", "custom_cost", "library_cost", "library", "commit", "anchor",
                "accepted", "ratio", "interval", "smallest_detectable_slowdown"});
  GateEntry entry;
  entry.reference = read_reference(at);
  check_figures(at, entry.reference);
  entry.library = at.at("library").as_string();
  entry.commit = at.at("commit").as_string();
  const Cursor anchor = at.at("anchor");
  anchor.only_keys({"log_ratio", "commit"});
  entry.anchor = {read_log_ratio(anchor.at("log_ratio")),
                  anchor.at("commit").as_string()};
  if (const auto accepted = at.find("accepted")) {
    accepted->only_keys({"reason", "commit", "old_log_ratio"});
    entry.accepted = {accepted->at("reason").as_string(),
                      accepted->at("commit").as_string(),
                      read_log_ratio(accepted->at("old_log_ratio"))};
  }
  return entry;
}

std::string read_reason(const Cursor& at) {
  const std::string& reason = at.as_string();
  if (!says_something(reason)) at.fail("a reason is missing");
  return reason;
}

LeftOut read_left_out(const Cursor& at) {
  at.only_keys({"reason", "process_sd", "session_sd", "processes", "sessions", "commit",
                "half_width", "limit", "loosened"});
  LeftOut left_out;
  left_out.reason = read_reason(at.at("reason"));
  left_out.noise = read_noise(at);
  left_out.commit = at.at("commit").as_string();
  expect_derived(at.at("half_width"), half_width_of(left_out));
  expect_derived(at.at("limit"), half_width_limit());
  if (!(half_width_of(left_out) >= half_width_limit())) {
    at.at("half_width").fail("is within the limit: such a gate can decide");
  }
  if (const auto loosened = at.find("loosened")) {
    loosened->only_keys({"reason", "commit", "last"});
    left_out.loosened = {read_reason(loosened->at("reason")),
                         loosened->at("commit").as_string(),
                         read_entry(loosened->at("last"))};
  }
  return left_out;
}

// No gate both present and left out, and not all of them left out.
void read_left_outs(const Cursor& at, Baseline& baseline) {
  for (const auto& [id, entry] : at.members()) {
    if (baseline.gates.contains(id)) entry.fail("is among the gates, too");
    baseline.left_out.emplace(id, read_left_out(entry));
  }
  if (baseline.left_out.empty()) at.fail("leaves out nothing");
  if (baseline.gates.empty()) at.fail("leaves out every gate");
}

}  // namespace

bool says_something(std::string_view reason) noexcept {
  return reason.find_first_not_of(" \t\r\n") != reason.npos;
}

double half_width_of(const LeftOut& left_out) {
  return six_digits(judge::expected_half_width(left_out.noise, {}, {}));
}

double half_width_limit() {
  return six_digits(judge::widest_half_width(judge::margins_of(judge::Tier::standard)));
}

Value to_json(const SessionRecord& session) {
  return Value::Object{{"utc", session.utc},
                       {"commit", session.commit},
                       {"sha256", session.sha256},
                       {"processes", session.processes},
                       {"steal_share", six_digits(session.steal_share)}};
}

SessionRecord session_record_at(const Cursor& at) {
  at.only_keys({"utc", "commit", "sha256", "processes", "steal_share"});
  SessionRecord session;
  session.utc = at.at("utc").as_string();
  session.commit = at.at("commit").as_string();
  session.sha256 = at.at("sha256").as_string();
  if (!is_sha256_hex(session.sha256)) at.at("sha256").fail("is no SHA-256");
  session.processes = read_count(at.at("processes"));
  session.steal_share = read_not_negative(at.at("steal_share"));
  return session;
}

Value to_json(const Baseline& baseline) {
  Value::Object gates;
  for (const auto& [id, entry] : baseline.gates)
    gates.emplace(id, entry_to_json(entry));
  Value::Object members{
      {"schema", json::schema_value(kBaselineSchema, kBaselineSchemaMajor,
                                    schema_minor(baseline))},
      {"suite", baseline.suite},
      {"host", Value::Object{{"name", baseline.host.name},
                             {"hard", facts_to_json(baseline.host.hard)},
                             {"soft", facts_to_json(baseline.host.soft)}}},
      {"provenance", provenance_to_json(baseline.provenance)},
      {"gates", std::move(gates)}};
  if (!baseline.left_out.empty()) {
    Value::Object left_outs;
    for (const auto& [id, left_out] : baseline.left_out) {
      left_outs.emplace(id, left_out_to_json(left_out));
    }
    members.emplace("left_out", std::move(left_outs));
  }
  return members;
}

Baseline baseline_from_json(const Value& document) {
  const Cursor root(document);
  json::expect_schema(root, kBaselineSchema, kBaselineSchemaMajor);
  root.only_keys({"schema", "suite", "host", "provenance", "gates", "left_out"});
  root.at("schema").only_keys({"name", "major", "minor"});
  Baseline baseline;
  baseline.suite = read_name(root.at("suite"));
  baseline.host = read_host(root.at("host"));
  baseline.provenance = read_provenance(root.at("provenance"));
  for (const auto& [id, entry] : root.at("gates").members()) {
    baseline.gates.emplace(id, read_entry(entry));
  }
  if (const auto at = root.find("left_out")) read_left_outs(*at, baseline);
  return baseline;
}

std::string baseline_text(const Baseline& baseline) {
  return json::to_text(to_json(baseline));
}

Baseline baseline_from_text(std::string_view text, const std::string& path) {
  try {
    return baseline_from_json(json::parse(text, kLimits));
  } catch (const Error& error) {
    throw Error(error.code(), path + ": " + error.what());
  }
}

Baseline load_baseline(const std::string& path) {
  return baseline_from_text(json::read_file(path, kLimits.max_bytes), path);
}

std::string library_identity(const measure::Comparison& comparison) {
  const measure::LibraryAudit& audit = comparison.audit;
  // A calibration loop is part of this program: its name says all.
  if (audit.flavour.empty()) return comparison.library.implementation;
  std::string text = audit.flavour;
  for (const std::string& part : {audit.version, audit.core_name}) {
    if (!part.empty()) text += " " + part;
  }
  return fmt::format("{}, {} thread{}", text, audit.threads,
                     audit.threads == 1 ? "" : "s");
}

}  // namespace assay::baselines
