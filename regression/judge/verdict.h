// SPDX-License-Identifier: MIT
// From samples to a verdict: pure functions, no clock, no randomness, no I/O.
#ifndef ASSAY_REGRESSION_JUDGE_VERDICT_H_
#define ASSAY_REGRESSION_JUDGE_VERDICT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "regression/measure/sample.h"

namespace assay::judge {

enum class Verdict : std::uint8_t {
  pass,              // measured, correct, plausible, and the interval decides
  regressed,         // slower than its baseline by more than the tolerance
  improved,          // faster than its baseline
  within_tolerance,  // slower than its baseline, by less than the tolerance
  inconclusive,      // the interval does not decide
  no_baseline,       // nothing stored for this host class
  left_out,          // stored: that runs on this host class cannot decide it
  wrong_result,      // an arm's timed output is wrong, incomplete, or wrote outside
  implausible,       // a rate above 1.05 x the measured peak
  invalid_run,  // the timed region compiled or allocated, unlike scopes, no samples
  library_impaired,  // the library runs below the machine: no comparison is printed
  library_changed,  // the library is not the one the baseline was made with, or as fast
};
std::string_view to_string(Verdict verdict) noexcept;

// Exit codes of the tool. The worst of a run wins: 70, 7, 3, 6, 1, 5, 4, 0. Usage (2),
// time-out (124) and interruption (130) end a run and are not merged.
namespace exit_code {
inline constexpr int kPass = 0;
inline constexpr int kRegressed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kWrong = 3;
inline constexpr int kInconclusive = 4;
inline constexpr int kNoBaseline = 5;
inline constexpr int kEnvironment = 6;
inline constexpr int kBadFile = 7;
inline constexpr int kInternal = 70;
inline constexpr int kTimeout = 124;
inline constexpr int kInterrupted = 130;
}  // namespace exit_code

// `strict` keeps 4 for what is undecided: inconclusive, left_out; `require_baseline` 5
// for no_baseline; else 0.
int exit_code_of(Verdict verdict, bool strict, bool require_baseline) noexcept;
// The worse of two exit codes in the order above.
int worse(int a, int b) noexcept;

// What a comparison of custom and library says about speed. Only beside Verdict::pass
// or inconclusive. The first that holds:
enum class Speed : std::uint8_t {
  equal,         // the whole interval is within the indifference zone around 1
  faster,        // the whole interval is above 1
  slower,        // the whole interval is below 1
  cannot_tell,   // none of these
  not_compared,  // a guard failed: there is no ratio
};
std::string_view to_string(Speed speed) noexcept;

struct Rules {
  double confidence = 0.95;
  double indifference = 0.02;       // "equal": within 1 / 1.02 ... 1.02
  double plausible_of_peak = 1.05;  // above: an error, not a result
  // Times 4/3: the triad's peak leaves its write-allocate reads uncounted, and an op
  // that only reads has none.
  double plausible_of_bandwidth = 1.10;
  // Last-level cache of the machine, for devices that are its processors; others say
  // their own (Comparison). The default is assumed when nobody says: larger
  // than most, because a rule that believes in too small a cache calls honest runs
  // implausible.
  double cache_bytes = 64.0 * 1024 * 1024;
  double max_steal_share = 0.01;  // of a block's time; above: the block is dropped
  // The counter's resolution, of which one may have been stolen outside of the block.
  double steal_tick_ms = 0;
  // A block is dropped for involuntary switches above the median over all blocks plus
  // so many median absolute deviations, ...
  double switch_deviations = 3;
  // ... but never below this count: an idle machine has a median and a deviation of 0,
  // and about 1 switch in 40 ms for its own housekeeping (6 with three hogs beside).
  std::uint64_t min_switches = 4;
  // A block is dropped when its probe (measure/probe.h) took longer than this factor
  // times the shortest of the comparison's blocks, their 5th percentile. 0: not asked.
  double max_probe_factor = 0;
  // A process with fewer blocks left is left out: its median would be one block's.
  std::size_t min_process_blocks = 1;
  double max_dropped_share = 0.25;  // of all blocks; above: inconclusive
};

// The default rules on a machine with this last-level cache; 0: unknown.
Rules rules_for(std::uint64_t last_level_cache_bytes) noexcept;

struct Interval {
  double low = 0;
  double high = 0;
};

// From an interval of the ratio library time / custom time. `indifference` counts on
// the log scale, so exchanging the arms exchanges faster and slower and nothing else.
// NaN: cannot_tell.
Speed speed_of(const Interval& ratio, double indifference) noexcept;

struct ArmSummary {
  // Median over processes of each process's median epoch; spoiled blocks left out.
  double median_ns = 0;
  double min_ns = 0;
  double gflops = 0;  // flops / median
  double share_of_peak = 0;
  double gbs = 0;          // compulsory bytes / median
  double worst_error = 0;  // |error| / bound, over all processes
};

// A judged comparison. ratio = library time / custom time: above 1, custom is faster.
struct Judged {
  Verdict verdict = Verdict::invalid_run;
  Speed speed = Speed::not_compared;
  std::string reason;  // one line: cause, numbers, what to do; empty for a plain pass
  double ratio = 0;    // 0 when not_compared
  Interval interval;   // of the ratio
  double half_width = 0;      // of ln ratio
  std::string interval_kind;  // "t over 5 processes", "sign test over 8 blocks"
  ArmSummary custom;
  ArmSummary library;
  double peak_gflops = 0;  // the best over the processes
  double peak_gbs = 0;
  std::uint64_t blocks_used = 0;
  std::uint64_t blocks_dropped = 0;
  std::string dropped_because;  // "2 for steal above 1 % of their time"
};

// Guards first, in this order of precedence: unlike scopes, wrong result (also when it
// was found before anything was timed), no samples or a failed worker, times that are
// none, compiled or allocated, implausible, impaired library; then the interval.
Judged judge(const measure::Comparison& comparison, const Rules& rules = {});

// "The library" is the best of its honest configurations. Of several judged comparisons
// that differ in the library alone, the index of the one to quote: the lowest ratio
// among the compared; when there is none, the one with the worst exit code, so that
// nothing is hidden. The first of equals. Precondition: not empty.
std::size_t best_library(std::span<const Judged> judged);

}  // namespace assay::judge

#endif  // ASSAY_REGRESSION_JUDGE_VERDICT_H_
