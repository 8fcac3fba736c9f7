// SPDX-License-Identifier: MIT
#include "regression/baselines/proposal.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "backends/interface/status.h"
#include "regression/baselines/sha256.h"
#include "regression/baselines/store.h"
#include "regression/json/cursor.h"
#include "regression/json/file.h"

namespace assay::baselines {
namespace {

using json::Cursor;
using json::Value;

constexpr int kProposalSchemaMinor = 0;
constexpr const char* kHash = "content_sha256";

// In the order of the enumerators.
constexpr std::string_view kChangeNames[] = {
    "slower",   "library_changed", "left_out", "dropped", "added",
    "restored", "faster",          "moved",    "kept",    "still_left_out"};

// ---- writing ----

Value figures_to_json(const Figures& figures) {
  return Value::Object{
      {"ratio", figures.ratio},
      {"interval", Value::Array{figures.interval.low, figures.interval.high}},
      {"smallest_detectable_slowdown", figures.smallest_detectable}};
}

Value change_to_json(const GateChange& change) {
  Value::Object object{
      {"gate", change.gate},           {"change", to_string(change.change)},
      {"slowdown", change.slowdown},   {"tier", judge::to_string(change.tier)},
      {"processes", change.processes}, {"sessions", change.sessions},
      {"reason", change.reason}};
  if (change.before) object.emplace("before", figures_to_json(*change.before));
  if (change.after) object.emplace("after", figures_to_json(*change.after));
  return object;
}

// The hash of everything else in the document, in this program's own layout.
std::string content_hash(Value::Object members) {
  members.erase(kHash);
  return sha256_hex(json::to_text(members));
}

// ---- reading ----

Figures read_figures(const Cursor& at) {
  at.only_keys({"ratio", "interval", "smallest_detectable_slowdown"});
  Figures figures;
  figures.ratio = at.at("ratio").as_double();
  const std::vector<Cursor> interval = at.at("interval").items(2);
  figures.interval = {interval[0].as_double(), interval[1].as_double()};
  figures.smallest_detectable = at.at("smallest_detectable_slowdown").as_double();
  return figures;
}

GateChange read_change(const Cursor& at) {
  at.only_keys({"gate", "change", "before", "after", "slowdown", "tier", "processes",
                "sessions", "reason"});
  GateChange change;
  change.gate = at.at("gate").as_string();
  const Cursor name = at.at("change");
  const auto* found = std::ranges::find(kChangeNames, name.as_string());
  if (found == std::end(kChangeNames)) name.fail("no such kind of change");
  change.change = static_cast<Change>(found - std::begin(kChangeNames));
  if (const auto before = at.find("before")) change.before = read_figures(*before);
  if (const auto after = at.find("after")) change.after = read_figures(*after);
  change.slowdown = at.at("slowdown").as_double();
  const Cursor tier = at.at("tier");
  const std::optional<judge::Tier> parsed = judge::parse_tier(tier.as_string());
  if (!parsed) tier.fail("expected tight or standard");
  change.tier = *parsed;
  change.processes = at.at("processes").as_integer<std::uint32_t>();
  change.sessions = at.at("sessions").as_integer<std::uint32_t>();
  change.reason = at.at("reason").as_string();
  return change;
}

}  // namespace

std::string_view to_string(Change change) noexcept {
  return kChangeNames[static_cast<std::size_t>(change)];
}

Value to_json(const Proposal& proposal) {
  Value::Array sessions;
  for (const SessionRecord& session : proposal.sessions) {
    sessions.push_back(to_json(session));
  }
  Value::Array changes;
  for (const GateChange& change : proposal.changes) {
    changes.push_back(change_to_json(change));
  }
  Value::Array notes;
  for (const std::string& note : proposal.notes) notes.emplace_back(note);
  Value::Object members{
      {"schema",
       json::schema_value(kProposalSchema, kProposalSchemaMajor, kProposalSchemaMinor)},
      {"baseline", to_json(proposal.baseline)},
      {"replaces_sha256", proposal.replaces_sha256},
      {"sessions", std::move(sessions)},
      {"changes", std::move(changes)},
      {"notes", std::move(notes)}};
  members.emplace(kHash, content_hash(members));
  return members;
}

Proposal proposal_from_json(const Value& document) {
  const Cursor root(document);
  json::expect_schema(root, kProposalSchema, kProposalSchemaMajor);
  root.only_keys(
      {"schema", "baseline", "replaces_sha256", "sessions", "changes", "notes", kHash});
  const Cursor hash = root.at(kHash);
  if (hash.as_string() != content_hash(*document.get_if<Value::Object>())) {
    hash.fail("the content is not what was proposed: propose again");
  }
  Proposal proposal;
  proposal.baseline = baseline_from_json(root.at("baseline").value());
  proposal.replaces_sha256 = root.at("replaces_sha256").as_string();
  if (!proposal.replaces_sha256.empty() && !is_sha256_hex(proposal.replaces_sha256)) {
    root.at("replaces_sha256").fail("is no SHA-256");
  }
  for (const Cursor& session : root.at("sessions").items()) {
    proposal.sessions.push_back(session_record_at(session));
  }
  for (const Cursor& change : root.at("changes").items()) {
    proposal.changes.push_back(read_change(change));
  }
  for (const Cursor& note : root.at("notes").items()) {
    proposal.notes.push_back(note.as_string());
  }
  return proposal;
}

Proposal load_proposal(const std::string& path) {
  const Value document = json::load_file(path);
  try {
    return proposal_from_json(document);
  } catch (const Error& error) {
    throw Error(error.code(), path + ": " + error.what());
  }
}

std::string apply_proposal(const Proposal& proposal, const std::string& root) {
  std::string path =
      baseline_path(root, proposal.baseline.suite, proposal.baseline.host);
  save_baseline(path, proposal.baseline, proposal.replaces_sha256);
  return path;
}

}  // namespace assay::baselines
