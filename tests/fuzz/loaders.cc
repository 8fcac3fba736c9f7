// SPDX-License-Identifier: MIT
#include "tests/fuzz/loaders.h"

#include <stdexcept>
#include <string>
#include <utility>

#include "backends/interface/status.h"
#include "regression/baselines/baseline.h"
#include "regression/claims/claim.h"
#include "regression/json/cursor.h"
#include "regression/json/value.h"
#include "regression/measure/session.h"

namespace assay::fuzz {
namespace {

// Small, so that an input that only is large takes no time.
constexpr json::Limits kLimits = {
    .max_bytes = std::size_t{1} << 20, .max_depth = 32, .max_values = 100'000};

void expect_same(const std::string& a, const std::string& b, const char* what) {
  if (a != b) throw std::logic_error(std::string(what) + " changed when read again");
}

// A claims file is written by people alone; this is what they would write.
json::Value to_json(const claims::ClaimsFile& file) {
  json::Value::Array all;
  for (const claims::Claim& claim : file.claims) {
    all.push_back(json::Value::Object{
        {"id", claim.id},
        {"statement", claim.statement},
        {"source", claim.source},
        {"experiment", claim.experiment->name},
        {"conditions", to_json(claim.settings)},
        {"comparison", to_string(claim.direction)},
        {"target", claim.target},
    });
  }
  return json::Value::Object{
      {"schema", json::schema_value(claims::kClaimsSchema, claims::kClaimsSchemaMajor,
                                    claims::kClaimsSchemaMinor)},
      {"title", file.title},
      {"claims", std::move(all)},
  };
}

// `from` makes something of a document and may refuse; what it made must survive.
template <class From>
bool round_trip(const json::Value& document, const From& from, const char* what) {
  decltype(from(document)) made;
  try {
    made = from(document);
  } catch (const Error&) {
    return false;
  }
  // From here on no refusal is right: this program wrote it.
  try {
    const std::string written = json::to_text(to_json(made));
    const auto again = from(json::parse(written, kLimits));
    expect_same(written, json::to_text(to_json(again)), what);
  } catch (const Error& error) {
    throw std::logic_error(std::string(what) +
                           " was taken and then refused: " + error.what());
  }
  return true;
}

}  // namespace

Taken check_loaders(std::string_view text) {
  Taken taken;
  json::Value document;
  try {
    document = json::parse(text, kLimits);
  } catch (const Error&) {
    return taken;
  }
  taken.json = true;
  try {
    if (!(json::parse(json::to_text(document), kLimits) == document)) {
      throw std::logic_error("a document changed when read again");
    }
  } catch (const Error& error) {
    // Indenting may take a text that just fitted past the limit.
    if (text.size() < 100'000) {
      throw std::logic_error(std::string("a document was taken and then refused: ") +
                             error.what());
    }
  }
  taken.baseline = round_trip(document, baselines::baseline_from_json, "a baseline");
  taken.session = round_trip(document, measure::session_from_json, "a session");
  taken.claims = round_trip(document, claims::claims_from_json, "a claims file");
  return taken;
}

}  // namespace assay::fuzz
