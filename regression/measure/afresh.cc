// SPDX-License-Identifier: MIT
#include "regression/measure/afresh.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <span>
#include <string>

#include "regression/measure/timing.h"

namespace assay::measure {
namespace {

constexpr std::uint64_t kFirstDraws = 2;  // all other, and one element
constexpr std::uint64_t kMostDraws = 16;
// A gate starts some hundred workers, each with two arms.
constexpr double kCheapNs = 5e6;
constexpr int kMendingRuns = 8;

// How often times of changed and of unchanged inputs are compared, and for how long.
constexpr int kMostRounds = 16;
constexpr int kLeastRounds = 8;
constexpr double kRoundsNs = 25e6;
// Longer runs are left alone: nobody waits for them to be compared.
constexpr double kLongRunNs = 20e6;
// A round tells when the one run took so much longer than the other, and three of four
// rounds must. On a machine so busy that a fifth of the rounds do by chance, six of
// eight do once in 800 times: hence three times over. The second and the third time
// other inputs are written before each run, so that what is timed differs in what came
// before it in nothing but what the last run was given: with 64 units on two processors
// first runs took 1.7 us and second ones 0.6, as the last write had new values or not.
constexpr double kLonger = 1.25;
constexpr int kConfirmations = 3;

double run_on(const Afresh& arm, std::optional<std::uint64_t> draw) {
  arm.change(draw);
  return arm.run();
}

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return std::ranges::equal(a, b, [](float x, float y) {
    return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
  });
}

// A wrong result may be wrong whatever was computed before: then more runs on the right
// inputs do not mend it.
bool is_mended(const Afresh& arm) {
  for (int i = 0; i < kMendingRuns; ++i) {
    run_on(arm, std::nullopt);
    ArmCheck again;
    arm.look(again);
    if (again.ok) return true;
  }
  return false;
}

bool is_remembered(const Afresh& arm, std::uint64_t draw) {
  run_on(arm, draw);
  const std::vector<float> of_others = arm.result();
  run_on(arm, std::nullopt);
  return same_bits(of_others, arm.result());
}

std::string cause_of(const Afresh& arm, std::uint64_t draw) {
  if (is_remembered(arm, draw)) {
    return "the result of other inputs at the same addresses: it was remembered and "
           "not computed; ";
  }
  return is_mended(arm)
             ? "right only some runs after its inputs were replaced in place: "
             : "";
}

void fold(const ArmCheck& afresh, ArmCheck& check) {
  check.ok = afresh.ok && (check.checked == 0 || check.ok);
  check.worst = std::max(check.worst, afresh.worst);
  check.checked += afresh.checked;
  check.wrong += afresh.wrong;
  check.never_written += afresh.never_written;
  check.guards_intact = check.guards_intact && afresh.guards_intact;
  if (check.detail.empty()) check.detail = afresh.detail;
}

}  // namespace

void AfreshDraws::look(const Afresh& arm, ArmCheck& check) {
  const bool first = draw_ == 0;
  if (first) {
    ArmCheck lone;
    arm.look_lone(lone);
    if (lone.checked > 0) fold(lone, check);
  }
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t i = 0; i < (first ? kFirstDraws : kMostDraws); ++i) {
    if (!first && i > 0 && ns_since(begin) > kCheapNs) return;
    const std::uint64_t draw = draw_++;
    run_on(arm, draw);
    run_on(arm, std::nullopt);
    ArmCheck afresh;
    arm.look(afresh);
    if (!afresh.ok && afresh.never_written == 0) {
      afresh.detail = cause_of(arm, draw) + afresh.detail;
    }
    fold(afresh, check);
    if (!afresh.ok) return;
  }
}

AfreshDraws::Rounds AfreshDraws::compare_times(const Afresh& arm, bool alike) {
  Rounds rounds;
  const Clock::time_point begin = Clock::now();
  while (rounds.all < kMostRounds &&
         (rounds.all < kLeastRounds || ns_since(begin) < kRoundsNs)) {
    const std::uint64_t draw = draw_++;
    if (alike) arm.change(std::nullopt);
    const double fresh = run_on(arm, draw);
    if (alike) arm.change(std::nullopt);
    const double again = run_on(arm, draw);
    if (fresh > kLonger * again) ++rounds.longer;
    rounds.fresh_ns = rounds.all == 0 ? fresh : std::min(rounds.fresh_ns, fresh);
    rounds.again_ns = rounds.all == 0 ? again : std::min(rounds.again_ns, again);
    ++rounds.all;
  }
  return rounds;
}

void AfreshDraws::require_same_time(const Afresh& arm) {
  if (run_on(arm, std::nullopt) > kLongRunNs) return;
  Rounds rounds;
  for (int i = 0; i < kConfirmations; ++i) {
    rounds = compare_times(arm, i > 0);
    if (4 * rounds.longer < 3 * rounds.all) {
      arm.change(std::nullopt);
      return;
    }
  }
  throw Error(
      StatusCode::failed_precondition,
      fmt::format("{}: {:.2f} us where an input had changed and {:.2f} us where "
                  "none had: results are remembered and not computed",
                  arm.name, 1e-3 * rounds.fresh_ns, 1e-3 * rounds.again_ns));
}

}  // namespace assay::measure
