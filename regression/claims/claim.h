// SPDX-License-Identifier: MIT
// A claims file: what somebody says about speed, written so that it can be tested. Such
// files come from strangers, so the loader is strict, and nothing in one names a file
// or runs code.
#ifndef ASSAY_REGRESSION_CLAIMS_CLAIM_H_
#define ASSAY_REGRESSION_CLAIMS_CLAIM_H_

#include <string>
#include <string_view>
#include <vector>

#include "regression/claims/experiment.h"
#include "regression/json/value.h"

namespace assay::claims {

inline constexpr std::string_view kClaimsSchema = "assay.claims";
inline constexpr int kClaimsSchemaMajor = 1;
inline constexpr int kClaimsSchemaMinor = 0;

enum class Direction : std::uint8_t { at_least, at_most };
std::string_view to_string(Direction direction) noexcept;

struct Claim {
  std::string id;         // "kernel_cache": [a-z0-9_.-], unique in the file
  std::string statement;  // what is asserted, for people
  std::string source;     // who said so, in their words
  const Experiment* experiment = nullptr;  // never null in a loaded file
  Settings settings;
  Direction direction = Direction::at_least;
  double target = 0;  // in the experiment's unit
};

struct ClaimsFile {
  std::string title;
  std::vector<Claim> claims;
};

// Throws Error(bad_file), one line with the place, for anything that is not exactly a
// claims file: unknown members, experiments and parameters, doubled ids, control
// characters, numbers out of range, no claims at all. docs/schema/claims.schema.json.
ClaimsFile claims_from_json(const json::Value& document);

// The conditions, in the file's words: what has its default, too.
json::Value to_json(const Settings& settings);
// Reads them back. Throws Error(bad_file).
Settings settings_from_json(const json::Value& value, const Experiment& experiment);

// Files that the tool brings: "originals", the claims of the documents this project
// comes from, and "project", what this project says of itself.
struct BuiltIn {
  std::string_view name;
  std::string_view text;
};
const BuiltIn* find_built_in(std::string_view name) noexcept;  // null: none
inline constexpr std::string_view kDefaultClaims = "originals";

}  // namespace assay::claims

#endif  // ASSAY_REGRESSION_CLAIMS_CLAIM_H_
