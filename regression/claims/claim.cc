// SPDX-License-Identifier: MIT
#include "regression/claims/claim.h"

#include <algorithm>
#include <set>

#include "regression/json/cursor.h"

namespace assay::claims {
namespace {

using json::Cursor;

constexpr std::size_t kMostClaims = 1000;
constexpr std::size_t kMostText = 2000;
constexpr std::size_t kMostId = 64;

// Goes to terminals and into one-line messages.
const std::string& plain_text(const Cursor& at, bool may_be_empty = false) {
  const std::string& text = at.as_string();
  if (text.empty() && !may_be_empty) at.fail("is empty");
  if (text.size() > kMostText) at.fail("is longer than 2000 bytes");
  const auto control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  };
  if (std::ranges::any_of(text, control)) at.fail("has a control character");
  return text;
}

std::string id_at(const Cursor& at) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
  const std::string& id = plain_text(at);
  if (id.size() > kMostId || id.find_first_not_of(kLetters) != std::string::npos) {
    at.fail("an id is up to 64 of a-z, 0-9, '_', '.' and '-'");
  }
  return id;
}

Direction direction_at(const Cursor& at) {
  for (const Direction direction : {Direction::at_least, Direction::at_most}) {
    if (to_string(direction) == at.as_string()) return direction;
  }
  at.fail("must be at_least or at_most");
}

const Experiment& experiment_at(const Cursor& at) {
  const std::string& name = plain_text(at);
  if (const Experiment* found = find_experiment(name)) return *found;
  std::string known;
  for (const Experiment& row : experiments()) {
    known.append(known.empty() ? "" : ", ").append(row.name);
  }
  at.fail("there is no experiment '" + name + "'; there are " + known);
}

void set(Settings& settings, const Parameter& parameter, const Cursor& at) {
  const std::string name(parameter.name);
  if (!parameter.is_text()) {
    const std::uint64_t number = at.as_uint64();
    if (number < parameter.low || number > parameter.high) {
      at.fail("must be from " + std::to_string(parameter.low) + " to " +
              std::to_string(parameter.high));
    }
    settings.numbers[name] = number;
    return;
  }
  const std::string& text = plain_text(at, parameter.text.empty());
  // A library is loaded, and its code runs: only those that Assay knows by name.
  if (name == "library" && text.find('/') != std::string::npos) {
    at.fail("a claims file names no files; take a library's name of 'assay list'");
  }
  settings.texts[name] = text;
}

Settings settings_at(const Cursor& at, const Experiment& experiment) {
  Settings settings;
  for (const Parameter& parameter : experiment.parameters) {
    if (parameter.is_text()) {
      settings.texts.emplace(parameter.name, parameter.text);
    } else {
      settings.numbers.emplace(parameter.name, parameter.number);
    }
  }
  for (const auto& [key, value] : at.members()) {
    const auto found = std::ranges::find(experiment.parameters, key, &Parameter::name);
    if (found == experiment.parameters.end()) {
      value.fail("experiment " + std::string(experiment.name) +
                 " has no such parameter");
    }
    set(settings, *found, value);
  }
  return settings;
}

Claim claim_at(const Cursor& at) {
  at.only_keys({"id", "statement", "source", "experiment", "conditions", "comparison",
                "target"});
  Claim claim;
  claim.id = id_at(at.at("id"));
  claim.statement = plain_text(at.at("statement"));
  claim.source = plain_text(at.at("source"));
  claim.experiment = &experiment_at(at.at("experiment"));
  claim.settings = settings_at(at.at("conditions"), *claim.experiment);
  claim.direction = direction_at(at.at("comparison"));
  claim.target = at.at("target").as_double();
  return claim;
}

}  // namespace

std::string_view to_string(Direction direction) noexcept {
  switch (direction) {
    case Direction::at_least:
      return "at_least";
    case Direction::at_most:
      return "at_most";
  }
  return "unknown";
}

ClaimsFile claims_from_json(const json::Value& document) {
  const Cursor root(document);
  root.only_keys({"schema", "title", "claims"});
  json::expect_schema(root, kClaimsSchema, kClaimsSchemaMajor);
  ClaimsFile file;
  file.title = plain_text(root.at("title"));
  const std::vector<Cursor> items = root.at("claims").items();
  if (items.empty()) root.at("claims").fail("there is nothing to test");
  if (items.size() > kMostClaims) root.at("claims").fail("has more than 1000 claims");
  std::set<std::string> ids;
  for (const Cursor& item : items) {
    file.claims.push_back(claim_at(item));
    if (!ids.insert(file.claims.back().id).second) item.at("id").fail("is taken");
  }
  return file;
}

json::Value to_json(const Settings& settings) {
  json::Value::Object members;
  for (const auto& [name, text] : settings.texts) members.emplace(name, text);
  for (const auto& [name, number] : settings.numbers) members.emplace(name, number);
  return members;
}

Settings settings_from_json(const json::Value& value, const Experiment& experiment) {
  return settings_at(Cursor(value), experiment);
}

}  // namespace assay::claims
