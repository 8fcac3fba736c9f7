// SPDX-License-Identifier: MIT
// A gate session: the raw samples of many cases measured in one sitting, as plain data
// and as a file.
#ifndef ASSAY_REGRESSION_MEASURE_SESSION_H_
#define ASSAY_REGRESSION_MEASURE_SESSION_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "regression/json/value.h"
#include "regression/measure/results.h"

namespace assay::measure {

// What a session leaves behind; a session file (docs/schema/session.schema.json) holds
// exactly this, so verdicts can be derived again.
struct Session {
  std::string suite;
  // One comparison a gate, and the controls (is_control()). Machine, build, command.
  Results results;
  // Fresh processes of the gates that looked regressed; empty when none did.
  std::vector<Comparison> confirmations;
  // A/B: the same gates measured with the other build's workers, in between ours; its
  // Build; empty when there is no base.
  std::vector<Comparison> base;
  std::vector<Comparison> base_confirmations;
  Build base_build;     // version and commit, as its workers gave them
  double injected = 0;  // fraction of extra work given to the custom arm on purpose
};

// A comparison of an implementation with itself.
bool is_control(const Comparison& comparison) noexcept;
// The comparison with this id; null when there is none.
const Comparison* find_comparison(std::span<const Comparison> comparisons,
                                  std::string_view id) noexcept;

inline constexpr std::string_view kSessionSchema = "assay.session";
inline constexpr int kSessionSchemaMajor = 1;
json::Value to_json(const Session& session);
Session session_from_json(const json::Value& document);  // throws Error(bad_file)
Session load_session(const std::string& path);           // path in every message
void save_session(const std::string& path, const Session& session);  // atomically

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_SESSION_H_
