// SPDX-License-Identifier: MIT
#include "tests/fuzz/loaders.h"

#include <stdexcept>
#include <string>

#include "backends/interface/status.h"
#include "regression/baselines/baseline.h"
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
  return taken;
}

}  // namespace assay::fuzz
