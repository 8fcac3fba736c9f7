// SPDX-License-Identifier: MIT
#include "regression/measure/session.h"

#include <algorithm>

#include "backends/interface/status.h"
#include "regression/json/file.h"
#include "regression/measure/results_io.h"

namespace assay::measure {
namespace {

using json::Cursor;
using json::Value;

constexpr int kSessionSchemaMinor = 0;
constexpr std::string_view kControlProvider = "control";

Value list(const std::vector<Comparison>& comparisons) {
  Value::Array array;
  for (const Comparison& comparison : comparisons) {
    array.push_back(to_json(comparison));
  }
  return array;
}

std::vector<Comparison> list_at(const Cursor& cursor) {
  std::vector<Comparison> comparisons;
  for (const Cursor& item : cursor.items()) comparisons.push_back(comparison_at(item));
  return comparisons;
}

}  // namespace

bool is_control(const Comparison& comparison) noexcept {
  return comparison.library.provider == kControlProvider;
}

const Comparison* find_comparison(std::span<const Comparison> comparisons,
                                  std::string_view id) noexcept {
  const auto found = std::ranges::find(comparisons, id, &Comparison::id);
  return found == comparisons.end() ? nullptr : &*found;
}

Value to_json(const Session& session) {
  return Value::Object{
      {"schema",
       json::schema_value(kSessionSchema, kSessionSchemaMajor, kSessionSchemaMinor)},
      {"suite", session.suite},
      {"results", to_json(session.results)},
      {"confirmations", list(session.confirmations)},
      {"base", list(session.base)},
      {"base_confirmations", list(session.base_confirmations)},
      {"base_build", to_json(session.base_build)},
      {"injected", session.injected},
  };
}

Session session_from_json(const Value& document) {
  const Cursor root(document);
  json::expect_schema(root, kSessionSchema, kSessionSchemaMajor);
  Session session;
  session.suite = root.at("suite").as_string();
  session.results = results_at(root.at("results"));
  session.confirmations = list_at(root.at("confirmations"));
  session.base = list_at(root.at("base"));
  session.base_confirmations = list_at(root.at("base_confirmations"));
  session.base_build = build_at(root.at("base_build"));
  const Cursor injected = root.at("injected");
  session.injected = injected.as_double();
  if (!(session.injected >= 0)) injected.fail("expected a fraction of at least 0");
  return session;
}

Session load_session(const std::string& path) {
  const Value document = json::load_file(path, json::kResultsLimits);
  try {
    return session_from_json(document);
  } catch (const Error& error) {
    throw Error(error.code(), path + ": " + error.what());
  }
}

void save_session(const std::string& path, const Session& session) {
  json::write_file_atomically(path,
                              json::to_text(to_json(session), json::Layout::line));
}

}  // namespace assay::measure
