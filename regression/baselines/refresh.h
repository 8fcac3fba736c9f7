// SPDX-License-Identifier: MIT
// From recorded sessions to a proposed baseline. A pure function: what it cannot know
// (git, files) comes in, what it will not do comes out as a reason.
#ifndef ASSAY_REGRESSION_BASELINES_REFRESH_H_
#define ASSAY_REGRESSION_BASELINES_REFRESH_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "regression/baselines/baseline.h"
#include "regression/baselines/proposal.h"
#include "regression/judge/gate.h"
#include "regression/measure/session.h"

namespace assay::baselines {

// A session and the hash of the file it was read from.
struct RecordedSession {
  measure::Session session;
  std::string sha256;
};

// Whether the sessions' commit is an ancestor of where the repository stands.
enum class Ancestry : std::uint8_t { yes, no, unknown };

// Engineering defaults, all of them: three sessions are the fewest that show a spread;
// ten minutes is how long this kind of machine's neighbours were seen to stay; a gate
// that moves by 3 % from one session to the next cannot hold a tolerance of 10 %.
inline constexpr std::size_t kMinSessions = 3;
inline constexpr std::int64_t kMinGapSeconds = 600;
inline constexpr double kMaxSessionSd = 0.03;
inline constexpr double kMaxStealShare = 0.25;
// Slower than the anchor by this much: nine accepted steps of 5 % are a regression.
inline constexpr double kCumulativeLimit = 0.15;

// In a command line that is printed: where a person has to write why.
inline constexpr std::string_view kReasonPlaceholder = "REASON";

struct RefreshOptions {
  judge::GateRules rules;
  std::vector<std::string> gate_ids;  // the registry's, of the sessions' suite
  // Slower gates that a person accepts, and why. A key that ends with '*' stands for
  // all gates that begin so.
  std::map<std::string, std::string> accepted;
  // Gates that a person leaves out because they are known too badly, and why. Exact
  // names: a pattern would take gates along that nobody thought of.
  std::map<std::string, std::string> left_out;
  std::int64_t min_gap_s = kMinGapSeconds;
  Ancestry ancestry = Ancestry::unknown;
};

// The baseline that `sessions` give, gate by gate against `old`. With refusals it is
// not to be written: those that are not `slower` say what is wrong with the sessions,
// and then there may be no changes to show.
//   * Gates whose new interval overlaps the old one keep the old numbers.
//   * A gate slower than the old one by more than its margin needs a reason in
//     `accepted`, as does a gate whose library changed; no reason lifts
//     kCumulativeLimit.
//   * An anchor is set when a gate is new (or its library is), and never moved.
//   * A gate that a fresh run would know too badly is refused, or left out with a
//     reason in `left_out`. When `old` has it, that is a loosening and needs one in
//     `accepted`, too. One that would do is not left out, nor are all of them.
//   * A gate that `old` leaves out stays so while it is known too badly, and is back
//     when it is not: held against the numbers it had, if it had any.
// Throws Error(invalid_argument) for an `accepted` or `left_out` that names no gate or
// no reason.
Proposal propose(std::span<const RecordedSession> sessions,
                 const std::optional<Baseline>& old, const std::string& old_sha256,
                 const RefreshOptions& options);

}  // namespace assay::baselines

#endif  // ASSAY_REGRESSION_BASELINES_REFRESH_H_
