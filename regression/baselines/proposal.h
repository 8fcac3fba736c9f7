// SPDX-License-Identifier: MIT
// A refresh that waits for a person: the whole new baseline, what it was made from, and
// what it changes. Nothing that is not in here gets written.
#ifndef ASSAY_REGRESSION_BASELINES_PROPOSAL_H_
#define ASSAY_REGRESSION_BASELINES_PROPOSAL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regression/baselines/baseline.h"
#include "regression/baselines/figures.h"
#include "regression/json/value.h"

namespace assay::baselines {

// What a refresh does with a gate; those a reviewer must look at first.
enum class Change : std::uint8_t {
  slower,           // beyond the old tier's indifference margin: needs a reason
  library_changed,  // against another library: no old number to compare with
  left_out,         // known too badly: a person left it out
  dropped,          // the registry has no such gate any more
  added,
  restored,  // was left out and can decide now
  faster,
  moved,           // slower, and by less than the margin
  kept,            // the intervals overlap: the old numbers stay, byte for byte
  still_left_out,  // no better than when it was left out: that record stays
};
std::string_view to_string(Change change) noexcept;

struct GateChange {
  std::string gate;
  Change change = Change::kept;
  std::optional<Figures> before;
  std::optional<Figures> after;  // as measured, of a kept gate too
  // The new time over the old, less one: 0.05 is 5 % slower. 0 without both.
  double slowdown = 0;
  judge::Tier tier = judge::Tier::standard;
  std::uint32_t processes = 0;  // of all sessions together
  std::uint32_t sessions = 0;
  std::string reason;  // as given with --accept or --leave-out; else empty
};

// Why there will be no new baseline: one line, what to do at its end.
struct Refusal {
  // A gate became slower, or would be lost; else the measurement is not good enough.
  bool loosens = false;
  std::string reason;
};

// A gate that these sessions know too badly, and that is not left out already.
struct TooNoisy {
  std::string gate;
  bool wants_reason = false;  // why it is left out
  bool wants_accept = false;  // and why a gate that the stored baseline has is lost
};

struct Proposal {
  Baseline baseline;
  std::string replaces_sha256;  // of the file it was made from; empty: there was none
  std::vector<SessionRecord> sessions;
  std::vector<GateChange>
      changes;                     // in Change's order, then the largest slowdown first
  std::vector<std::string> notes;  // checks that could not be made or were loosened
  std::vector<Refusal> refusals;   // empty in a proposal that can be applied
  // What would have to be left out, all of it; empty when nothing would be left.
  std::vector<TooNoisy> too_noisy;
};

inline constexpr std::string_view kProposalSchema = "assay.baseline_proposal";
inline constexpr int kProposalSchemaMajor = 1;

// With a hash of the content in it. Precondition: no refusals.
json::Value to_json(const Proposal& proposal);
// Throws Error(bad_file): unknown members and a hash that disagrees, too.
Proposal proposal_from_json(const json::Value& document);
Proposal load_proposal(const std::string& path);  // the path in every message

// Writes the proposed baseline to its place below `root` and returns the path. Throws
// Error(failed_precondition) when the file there is not the one the proposal was made
// from: nothing is written then.
std::string apply_proposal(const Proposal& proposal, const std::string& root);

}  // namespace assay::baselines

#endif  // ASSAY_REGRESSION_BASELINES_PROPOSAL_H_
