// SPDX-License-Identifier: MIT
// A stored baseline: what a suite's gates were on a class of machines, where that came
// from, and how far it may drift. baselines/<host class>/<suite>.json holds exactly
// this; people review its changes like code.
#ifndef ASSAY_REGRESSION_BASELINES_BASELINE_H_
#define ASSAY_REGRESSION_BASELINES_BASELINE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regression/baselines/host_class.h"
#include "regression/json/cursor.h"
#include "regression/json/value.h"
#include "regression/judge/gate.h"
#include "regression/measure/session.h"

namespace assay::baselines {

// A slower baseline that a person accepted, and why.
struct Accepted {
  std::string reason;
  std::string commit;
  double old_log_ratio = 0;
};

// The best log ratio ever accepted. The tool sets it when a gate is new and never moves
// it; a person may, in review.
struct Anchor {
  double log_ratio = 0;
  std::string commit;
};

struct GateEntry {
  judge::GateReference reference;
  // Who the library was: "OpenBLAS 0.3.21 Cooperlake, 2 threads"; "calibration". A gate
  // against another library has no baseline.
  std::string library;
  Anchor anchor;
  std::optional<Accepted> accepted;
  // The numbers were measured at: a refresh keeps those that did not change.
  std::string commit;
};

// A gate that was left out and that the baseline had before: who took that loss and
// why, and the numbers that it is held against when it comes back. Without them,
// leaving out and putting back would be a way around the ratchet.
struct Loosened {
  std::string reason;
  std::string commit;
  GateEntry last;
};

// A gate whose slowdown a run on these machines would know too badly to decide
// anything, and that a person left out so that the others can decide.
struct LeftOut {
  std::string reason;
  // Spreads and counts alone: a ratio that is known so badly is not quoted.
  judge::GateReference noise;
  std::string commit;  // it was measured at
  std::optional<Loosened> loosened;
};
// What a fresh run was expected to know the slowdown to, and what it must not exceed:
// as a standard gate decides. To six digits.
double half_width_of(const LeftOut& left_out);
double half_width_limit();
// Whether a reason is one: not empty, and not of spaces alone.
bool says_something(std::string_view reason) noexcept;

struct SessionRecord {
  std::string utc;
  std::string commit;
  std::string sha256;  // of the session file it was read from
  std::uint32_t processes = 0;
  double steal_share = 0;
};

struct Provenance {
  std::string commit;  // of the newest numbers
  std::string tool_version;
  std::string compiler;
  // Those that numbers in the file come from: of the last refresh, and earlier ones
  // that kept gates still stand on.
  std::vector<SessionRecord> sessions;
};

struct Baseline {
  std::string suite;
  HostClass host;
  Provenance provenance;
  std::map<std::string, GateEntry> gates;   // by gate id
  std::map<std::string, LeftOut> left_out;  // by gate id; none that is in `gates`
};

inline constexpr std::string_view kBaselineSchema = "assay.baseline";
inline constexpr int kBaselineSchemaMajor = 1;

// Sorted keys, one object a gate, six significant digits: a refresh is a readable diff.
// Derived figures a reader wants (ratio, its interval, smallest detectable slowdown)
// are written beside the stored ones and checked against them when read.
json::Value to_json(const Baseline& baseline);
// Throws Error(bad_file): unknown members, too.
Baseline baseline_from_json(const json::Value& document);
Baseline load_baseline(const std::string& path);  // the path in every message

// A baseline file's bytes, and back; `path` is for messages. Reading accepts any
// layout; verify() wants this one.
std::string baseline_text(const Baseline& baseline);
Baseline baseline_from_text(std::string_view text, const std::string& path);

// One record, as it stands in baselines and proposals.
json::Value to_json(const SessionRecord& session);
SessionRecord session_record_at(const json::Cursor& at);

// A session file's library account of one comparison, as GateEntry::library.
std::string library_identity(const measure::Comparison& comparison);

}  // namespace assay::baselines

#endif  // ASSAY_REGRESSION_BASELINES_BASELINE_H_
