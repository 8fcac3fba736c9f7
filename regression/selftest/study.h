// SPDX-License-Identifier: MIT
// Recorded sessions, judged: the gate's false alarms, misses and power as measured, and
// what the common rules say about the same samples. docs/gate.md shows its table.
#ifndef ASSAY_REGRESSION_SELFTEST_STUDY_H_
#define ASSAY_REGRESSION_SELFTEST_STUDY_H_

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "regression/judge/gate.h"
#include "regression/measure/session.h"
#include "regression/selftest/common_rules.h"

namespace assay::selftest {

// A session file's name starts with this when something was disturbing the machine.
inline constexpr std::string_view kDisturbedPrefix = "spinner";

struct RecordedSession {
  std::string name;    // of the file
  std::string sha256;  // of its content
  measure::Session session;
  bool disturbed() const { return name.starts_with(kDisturbedPrefix); }
  // Neither changed nor disturbed.
  bool is_plain() const { return session.injected == 0 && !disturbed(); }
};

// Gate evaluations of one kind of session: a level of injected work and a tier.
struct StudyRow {
  double injected = 0;
  bool disturbed = false;
  judge::Tier tier = judge::Tier::tight;
  std::uint64_t sessions = 0;
  std::uint64_t evaluated = 0;
  std::uint64_t green = 0;
  std::uint64_t regressed = 0;
  std::uint64_t inconclusive = 0;
  std::uint64_t other = 0;  // a guard, a changed library
};

// Alarms of the common rules, tiers together: each session beside each plain one.
struct CommonRow {
  double injected = 0;
  bool disturbed = false;
  std::uint64_t pairs = 0;
  std::array<std::uint64_t, kCommonRules> alarms{};
};

struct StudyGate {
  std::string id;
  judge::Tier tier = judge::Tier::standard;
  // Over the plain sessions: median of exp(2 half widths) - 1, and on which side the
  // interval left "unchanged" out.
  double detectable = 0;
  std::uint64_t sessions = 0;
  std::uint64_t high = 0;  // seen slower
  std::uint64_t low = 0;   // seen faster
};

enum class BarState : std::uint8_t { met, missed, lacks_data };
std::string_view to_string(BarState state) noexcept;

struct StudyBar {
  std::string what;
  std::string measured;  // with exact 95 % bounds
  BarState state = BarState::lacks_data;
};

struct Study {
  std::string host_class;
  std::uint64_t sessions = 0;
  std::uint64_t plain_sessions = 0;
  std::uint64_t in_baseline = 0;  // sessions left out: the baseline was made of them
  std::uint64_t no_baseline = 0;  // gate evaluations without: in no row
  std::vector<StudyRow> rows;     // plain, by level, disturbed last
  std::vector<CommonRow> common;  // the same
  std::vector<StudyGate> gates;   // by id
  std::vector<StudyBar> bars;
};

// The session files (*.json) of a folder, by name. Throws Error(invalid_argument) when
// there is none, or one that is A/B; Error(bad_file) for a bad one.
std::vector<RecordedSession> load_sessions(const std::string& folder);

// Sessions that the baseline was made of are left out: a gate is not tested on what it
// learned from.
Study study(const std::vector<RecordedSession>& sessions,
            const std::string& baseline_root,
            const std::function<void(const std::string&)>& progress);

// What must hold, from the rows and gates.
std::vector<StudyBar> study_bars(const Study& study);

// 0; 4 when bars lack data; 70 when one is missed.
int exit_code_of(const Study& study) noexcept;

std::string to_markdown(const Study& study);

}  // namespace assay::selftest

#endif  // ASSAY_REGRESSION_SELFTEST_STUDY_H_
