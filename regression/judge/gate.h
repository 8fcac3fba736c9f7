// SPDX-License-Identifier: MIT
// Has a gate moved since its baseline? The drift of a log ratio, its interval, and the
// verdict. Pure functions: no clock, no randomness, no I/O.
//
// All quantities are natural logarithms. A process's log ratio is the median over its
// blocks of ln(library time / custom time): above 0, custom is faster. The slowdown of
// a gate is its baseline's log ratio minus today's: above 0, custom became slower
// against the same reference.
#ifndef ASSAY_REGRESSION_JUDGE_GATE_H_
#define ASSAY_REGRESSION_JUDGE_GATE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "regression/judge/statistics.h"
#include "regression/judge/verdict.h"
#include "regression/measure/sample.h"

namespace assay::judge {

// How fine a gate can be, chosen by its own measured noise when its baseline is made.
enum class Tier : std::uint8_t { tight, standard };
std::string_view to_string(Tier tier) noexcept;
std::optional<Tier> parse_tier(std::string_view name) noexcept;

// Two margins, as fractions: a slowdown inside the first is of no interest, one of the
// second or more must never pass. Between them is the indifference zone.
struct Margins {
  double indifference = 0;
  double tolerance = 0;
};
Margins margins_of(Tier tier) noexcept;  // tight 2 % and 5 %, standard 3 % and 10 %

// The widest interval that can decide: half of the zone between the margins,
//   1/2 ln((1 + tolerance) / (1 + indifference)),
// 1.45 % for tight and 3.29 % for standard. Measuring stops on it, and on nothing else.
double widest_half_width(const Margins& margins) noexcept;

// Worker processes of a gate in a session: those it starts with, and those that adding
// for a narrow enough interval ends at.
inline constexpr std::uint32_t kSessionProcesses = 10;
inline constexpr std::uint32_t kMostProcesses = 2 * kSessionProcesses;
struct ProcessRange {
  std::uint32_t least = kSessionProcesses;
  std::uint32_t most = kMostProcesses;
};

struct GateRules {
  // One-sided, of each end of the interval: P(regressed | slowdown <= indifference) and
  // P(green | slowdown >= tolerance) are both at most this.
  double alpha = 0.025;
  double family_alpha = 0.05;  // Holm, over all gates of a session
  // Between-session standard deviation of a log ratio: the floor that is assumed
  // however alike the sessions of a baseline were, and what is assumed when there are
  // too few to tell.
  double session_sd_floor = 0.003;
  double session_sd_default = 0.01;
  std::uint32_t sessions_to_tell = 5;
  // Of a gate's blocks; above: inconclusive. High, because what decides is counted
  // beside a block and not in it: on a busy machine three of four blocks go, and the
  // rest agrees with quiet sessions to 1 %.
  double max_dropped_share = 0.9;
  // Without anything to compare with, what is measured is a record for a baseline: so
  // many processes with usable blocks make one.
  std::size_t processes_to_record = 10;
  // The reference's own cost against the machine's peak may differ by this factor.
  double watch_factor = 1.25;
  // The guards of one comparison. Blocks of a session are as short as the ticks steal
  // is counted in, and their epochs are medians of parts: only a block whose time was
  // largely taken is dropped. What steal does to the others is in the interval.
  Rules rules = {.max_steal_share = 0.25,
                 .steal_tick_ms = 10,
                 .max_probe_factor = measure::kQuietProbe,
                 .min_process_blocks = 3};
};

// What a baseline says of one gate. From at least one session.
struct GateReference {
  double log_ratio = 0;         // mean over sessions of the mean over processes
  double process_sd = 0;        // pooled, within sessions, between processes
  double session_sd = 0;        // between sessions, what process_sd explains taken out
  std::uint32_t processes = 0;  // of all sessions together
  std::uint32_t sessions = 0;
  Tier tier = Tier::standard;
  // Cost in flops the machine's peak could have done in one iteration's time: moves
  // only when this arm does, whatever the clock does. 0: unknown, not watched.
  double custom_cost = 0;
  double library_cost = 0;
};

// Of a logarithm of a ratio of times: log 1.072 is 7.2.
double percent_slower(double log_ratio);

// A slowdown and how well it is known.
struct Drift {
  double slowdown = 0;
  double standard_error = 0;
  double degrees = 0;  // of freedom (Welch-Satterthwaite)
  double half_width = 0;
  double low = 0;  // slowdown -+ half_width
  double high = 0;
};

// Slowdown = baseline - mean(now), with
//   SE^2 = max(s^2, s0^2) / P + s0^2 / n0 + sigma_S^2 (1 + 1 / S)
// s: sample SD of `now`, P processes; s0, n0, S: process_sd, processes, sessions of the
// baseline: a gate never claims to be quieter than its baseline was. sigma_S is
// session_sd, at least the floor; with fewer than sessions_to_tell sessions at least
// the default. nu by Welch-Satterthwaite over the three terms with P - 1, n0 - S and,
// for a sigma_S that was estimated, its own Satterthwaite degrees
//   sigma_S^4 / ((sigma_S^2 + w)^2 / (S - 1) + w^2 / (n0 - S)),  w = s0^2 S / n0,
// at least 1; an assumed one (default or floor) counts as if it came from
// sessions_to_tell sessions, or S when that is more. Half width t_{nu, 1 - alpha} SE.
// Fewer than 2 processes, or NaN: an infinite half width, or NaN.
Drift drift_from_baseline(std::span<const double> now, const GateReference& reference,
                          const GateRules& rules);

// The interval of the baseline's own log ratio, at 1 - 2 alpha, by the same terms:
//   SE^2 = s0^2 / n0 + sigma_S^2 / S
Interval baseline_interval(const GateReference& reference, const GateRules& rules);

// A/B on one machine: processes of the base and of the candidate in pairs, interleaved.
// Slowdown = mean(base - candidate) over pairs; Student's t over pairs, no baseline
// terms. Precondition: equal lengths.
Drift drift_from_base(std::span<const double> base, std::span<const double> candidate,
                      const GateRules& rules);

// P(T_nu >= (slowdown - ln(1 + indifference)) / SE): of seeing this if the true
// slowdown were within the indifference margin.
double p_value(const Drift& drift, const Margins& margins);

// Where the interval [low, high] lies; e = ln(1 + indifference), t = ln(1 + tolerance).
enum class Zone : std::uint8_t {
  pass,              // low <= e, high < t
  within_tolerance,  // low > e,  high < t: slower, and not by much
  regressed,         // low > e,  high >= t
  inconclusive,      // low <= e, high >= t; or NaN
  improved,          // high < -e
};
Zone zone_of(const Drift& drift, const Margins& margins) noexcept;

// Which of the hypotheses Holm's step-down procedure rejects at family-wise error rate
// `alpha`. NaN is never rejected.
std::vector<bool> holm(std::span<const double> p_values, double alpha);

// Mean and SD of the log ratios of a baseline's sessions, each a list of its processes.
// session_sd^2 = max(0, var(session means) - process_sd^2 / processes per session): the
// method of moments; harmonic mean where sessions differ in length. Costs and tier are
// left alone. Precondition: no session is empty.
GateReference reference_from_sessions(std::span<const std::vector<double>> sessions);

// The narrowest half width on the way of a new session, as noisy as the baseline was,
// through `range`: measuring stops there. Not always its last: with more processes the
// session's part weighs more, which has the fewest degrees. Infinity when there is
// none.
double expected_half_width(const GateReference& reference, const ProcessRange& range,
                           const GateRules& rules);

// The tier that such a session could decide: tight when its expected half width is
// within widest_half_width(tight).
Tier tier_for(const GateReference& reference, const ProcessRange& range,
              const GateRules& rules);

// The log ratio of each process that has usable blocks: what the functions above take.
std::vector<double> process_log_ratios(const measure::Comparison& comparison,
                                       const Rules& rules);

// One gate, everything that is known of it. Pointers are borrowed.
struct GateInput {
  const measure::Comparison* now = nullptr;           // never null
  const measure::Comparison* confirmation = nullptr;  // fresh processes; null: none yet
  const GateReference* reference = nullptr;           // null: no baseline
  std::string no_baseline_because;                    // for reference == null
  // For reference == null: the baseline leaves it out, and why. Empty: it does not.
  std::string left_out_because;
  const measure::Comparison* base = nullptr;  // A/B: the other build
  const measure::Comparison* base_confirmation = nullptr;
};

struct GateJudged {
  std::string id;
  Verdict verdict = Verdict::no_baseline;
  std::string reason;  // one line; empty for a plain pass
  Tier tier = Tier::standard;
  Zone zone = Zone::inconclusive;  // of the first measurement
  Drift drift;                     // of the first measurement
  // A regression that the first measurement shows and Holm lets stand: measure it again
  // in fresh processes. Never true once there is a confirmation.
  bool wants_confirmation = false;
  std::optional<Drift> confirmed;  // of the confirmation
  double baseline_ratio = 0;       // exp(log_ratio); 0: none
  Judged comparison;  // ratio, interval, both arms' figures, dropped blocks
};

// The verdicts of a session, in the order of `gates`. Precedence, first that holds:
//   wrong_result, invalid_run, implausible, library_impaired   the guards of judge()
//   invalid_run        a control failed: every gate of the session
//   left_out           the baseline leaves it out: nothing was to be decided
//   inconclusive       too many blocks were dropped
//   no_baseline        nothing to compare with
//   library_changed    the reference's own cost moved by more than watch_factor
//   regressed          interval past both margins, Holm, and confirmed the same way
//   inconclusive       the same without Holm or without the confirmation's agreement;
//                      an interval that decides nothing; both arms slower by more than
//                      watch_factor (what they share became slower: no ratio shows it)
//   improved, within_tolerance, pass
// `controls` are comparisons of an implementation with itself (GateRules::rules guards
// them too): one whose 95 % interval lies wholly outside of the tight indifference
// margin is a run that finds differences where there are none.
std::vector<GateJudged> judge_gates(
    std::span<const GateInput> gates,
    std::span<const measure::Comparison* const> controls, const GateRules& rules = {});

// Whether `gate` needs another process: its half width is above what its tier can
// decide, or others left too little of what there is. Looks at widths and at what was
// counted beside the blocks alone, so stopping says nothing about the verdict.
bool wants_more_processes(const GateInput& gate, const GateRules& rules);

}  // namespace assay::judge

#endif  // ASSAY_REGRESSION_JUDGE_GATE_H_
