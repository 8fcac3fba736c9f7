// SPDX-License-Identifier: MIT
#include "regression/selftest/study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "regression/json/file.h"
#include "tests/regression/baselines/temporary_folder.h"
#include "tests/regression/selftest/made_up_study.h"

namespace assay::selftest {
namespace {

using baselines::TemporaryFolder;
using testing::HasSubstr;

void ignore(const std::string& /*what*/) {}

// Three plain sessions, one at +20 %, one disturbed.
std::vector<RecordedSession> sessions() {
  return {study_session("plain0.json", 0, 1), study_session("plain1.json", 0, 2),
          study_session("plain2.json", 0, 3), study_session("slow.json", 0.2, 4),
          study_session("spinner.json", 0, 5)};
}

TEST(StudyTest, CountsByLevelAndTier) {
  const TemporaryFolder root("study_counts");
  save_study_baseline(root.path());
  const Study result = study(sessions(), root.path(), ignore);
  EXPECT_EQ(result.sessions, 5U);
  EXPECT_EQ(result.plain_sessions, 3U);
  EXPECT_EQ(result.no_baseline, 0U);
  EXPECT_FALSE(result.host_class.empty());

  ASSERT_EQ(result.rows.size(), 6U);
  const StudyRow& plain = result.rows[0];
  EXPECT_EQ(plain.injected, 0);
  EXPECT_FALSE(plain.disturbed);
  EXPECT_EQ(plain.tier, judge::Tier::tight);
  EXPECT_EQ(plain.sessions, 3U);
  EXPECT_EQ(plain.evaluated, 12U);
  EXPECT_EQ(plain.green, 12U);
  EXPECT_EQ(result.rows[1].tier, judge::Tier::standard);
  EXPECT_EQ(result.rows[1].evaluated, 6U);
  const StudyRow& slow = result.rows[2];
  EXPECT_EQ(slow.injected, 0.2);
  EXPECT_EQ(slow.evaluated, 4U);
  EXPECT_EQ(slow.regressed, 4U);
  EXPECT_TRUE(result.rows[4].disturbed);
  EXPECT_EQ(result.rows[4].evaluated, 4U);

  ASSERT_EQ(result.gates.size(), kStudyGates);
  EXPECT_EQ(result.gates[2].id, "gate.2");
  EXPECT_EQ(result.gates[2].tier, judge::Tier::standard);
  EXPECT_EQ(result.gates[2].sessions, 3U);
  for (const StudyGate& gate : result.gates) {
    EXPECT_GT(gate.detectable, 0.005);
    EXPECT_LT(gate.detectable, 0.04);
  }

  // Plain ones beside each other, the others beside the three plain ones.
  ASSERT_EQ(result.common.size(), 3U);
  EXPECT_EQ(result.common[0].pairs, 6U * kStudyGates);
  EXPECT_EQ(result.common[1].pairs, 3U * kStudyGates);
  EXPECT_EQ(result.common[1].alarms[3], 3U * kStudyGates);  // one process' ratio
  EXPECT_TRUE(result.common[2].disturbed);
  EXPECT_EQ(exit_code_of(result), judge::exit_code::kInconclusive);
}

TEST(StudyTest, TheSameSessionsAreTheSamePage) {
  const TemporaryFolder root("study_page");
  save_study_baseline(root.path());
  const std::string page = to_markdown(study(sessions(), root.path(), ignore));
  EXPECT_EQ(page, to_markdown(study(sessions(), root.path(), ignore)));
  EXPECT_THAT(page, HasSubstr("| +20 % | tight | 1 | 4 | 4 (39.8 ... 100.0 %) | 0 | 0 "
                              "(0.0 ... 60.2 %) | 0 |"));
  EXPECT_THAT(page, HasSubstr("| unchanged, spinner | standard |"));
  EXPECT_THAT(page, HasSubstr("| +20 %, standard: regressed >= 95 % | 2 of 2 (15.8 ... "
                              "100.0 %) | lacks data |"));
  EXPECT_THAT(page, HasSubstr("| `gate.5` | standard |"));
}

TEST(StudyTest, IsNotMadeOfWhatTheBaselineLearnedFrom) {
  const TemporaryFolder root("study_learned");
  save_study_baseline(root.path());
  std::vector<RecordedSession> recorded = sessions();
  recorded[1].sha256 = baselines::sha256_hex("3");  // of the baseline's sessions
  recorded[2].sha256 = baselines::sha256_hex("9");
  const Study result = study(recorded, root.path(), ignore);
  EXPECT_EQ(result.in_baseline, 1U);
  EXPECT_EQ(result.sessions, 4U);
  EXPECT_EQ(result.rows[0].sessions, 2U);
  EXPECT_EQ(result.common[0].pairs, 2U * kStudyGates);
  EXPECT_THAT(to_markdown(result),
              HasSubstr("Left out, for the baseline was made of them: 1."));
}

TEST(StudyTest, WithoutABaselineNothingIsEvaluated) {
  const TemporaryFolder root("study_nothing");
  const Study result = study(sessions(), root.path(), ignore);
  EXPECT_TRUE(result.rows.empty());
  EXPECT_EQ(result.no_baseline, 5U * kStudyGates);
  EXPECT_EQ(exit_code_of(result), judge::exit_code::kInconclusive);
  EXPECT_THAT(to_markdown(result), HasSubstr("30 evaluations had no baseline"));
}

TEST(StudyTest, ReadsAFolderByName) {
  const TemporaryFolder folder("study_folder");
  measure::save_session(folder / "b.json", study_session("", 0.05, 1).session);
  measure::save_session(folder / "a.json", study_session("", 0, 2).session);
  json::write_file_atomically(folder / "notes.txt", "no session");
  const std::vector<RecordedSession> read = load_sessions(folder.path());
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].name, "a.json");
  EXPECT_EQ(read[0].sha256, baselines::file_sha256(folder / "a.json"));
  EXPECT_TRUE(read[0].is_plain());
  EXPECT_EQ(read[1].session.injected, 0.05);
  EXPECT_FALSE(read[1].is_plain());
}

StatusCode code_of(const std::string& folder) {
  try {
    load_sessions(folder);
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.code();
  }
  return StatusCode::ok;
}

TEST(StudyTest, RefusesWhatItCannotStudy) {
  const TemporaryFolder folder("study_refuses");
  EXPECT_EQ(code_of(folder.path()), StatusCode::invalid_argument);
  EXPECT_EQ(code_of(folder / "none"), StatusCode::invalid_argument);
  json::write_file_atomically(folder / "bad.json", "{");
  EXPECT_EQ(code_of(folder.path()), StatusCode::bad_file);
  measure::Session against_base = study_session("", 0, 1).session;
  against_base.base = against_base.results.comparisons;
  measure::save_session(folder / "bad.json", against_base);
  EXPECT_EQ(code_of(folder.path()), StatusCode::invalid_argument);
}

// A study that meets every bar, as counts.
Study good() {
  Study study;
  study.plain_sessions = 5;
  const auto add = [&](double injected, judge::Tier tier, std::uint64_t evaluated,
                       std::uint64_t regressed, std::uint64_t green,
                       bool disturbed = false) {
    StudyRow row;
    row.injected = injected;
    row.disturbed = disturbed;
    row.tier = tier;
    row.evaluated = evaluated;
    row.regressed = regressed;
    row.green = green;
    study.rows.push_back(row);
  };
  using judge::Tier;
  add(0, Tier::tight, 200, 0, 200);
  add(0, Tier::standard, 100, 0, 100);
  add(0.02, Tier::tight, 100, 5, 95);
  add(0.05, Tier::tight, 200, 100, 5);
  add(0.10, Tier::tight, 100, 95, 0);
  add(0.03, Tier::standard, 100, 5, 95);
  add(0.10, Tier::standard, 200, 100, 5);
  add(0.20, Tier::standard, 100, 95, 0);
  add(0, Tier::tight, 60, 0, 60, true);
  // What no bar is about.
  add(0.05, Tier::standard, 100, 100, 0);
  for (int i = 0; i < 6; ++i) {
    StudyGate gate;
    gate.tier = i < 4 ? Tier::tight : Tier::standard;
    study.gates.push_back(gate);
  }
  return study;
}

std::vector<BarState> states(const Study& study) {
  std::vector<BarState> result;
  for (const StudyBar& bar : study_bars(study)) result.push_back(bar.state);
  return result;
}

// The only bar that changes when the study does.
void expect_changes(std::size_t bar, BarState state, const Study& study) {
  std::vector<BarState> expected = states(good());
  expected[bar] = state;
  EXPECT_EQ(states(study), expected);
}

TEST(StudyBarsTest, AGoodStudyMeetsThemAll) {
  EXPECT_EQ(states(good()), std::vector<BarState>(10, BarState::met));
  Study study = good();
  study.bars = study_bars(study);
  EXPECT_EQ(exit_code_of(study), 0);
}

TEST(StudyBarsTest, OneFalseAlarmIsTooMany) {
  Study study = good();
  study.rows[1].regressed = 1;
  expect_changes(0, BarState::missed, study);
  study = good();
  study.rows[8].regressed = 1;
  expect_changes(9, BarState::missed, study);
}

TEST(StudyBarsTest, EachPromiseHasItsEdge) {
  for (std::size_t bar = 2; bar < 8; ++bar) {
    Study study = good();
    StudyRow& row = study.rows[bar];
    const bool power = bar == 4 || bar == 7;
    if (power) --row.regressed;
    if (!power) ++row.regressed;
    if (bar == 3 || bar == 6) ++row.green;
    expect_changes(bar, BarState::missed, study);
  }
}

TEST(StudyBarsTest, TooLittleDataIsToldAndNotJudged) {
  for (std::size_t bar = 2; bar < 8; ++bar) {
    Study study = good();
    StudyRow& row = study.rows[bar];
    const bool never = bar == 3 || bar == 6;
    row.evaluated = never ? 118 : 58;
    row.regressed = bar == 4 || bar == 7 ? 0 : row.evaluated;
    row.green = row.evaluated;
    expect_changes(bar, BarState::lacks_data, study);
    study.bars = study_bars(study);
    EXPECT_EQ(exit_code_of(study), judge::exit_code::kInconclusive);
  }
  Study study = good();
  study.rows[0].evaluated = 199;
  EXPECT_EQ(states(study)[0], BarState::lacks_data);
  EXPECT_EQ(states(study)[1], BarState::lacks_data);
  study = good();
  study.plain_sessions = 4;
  EXPECT_EQ(states(study)[0], BarState::lacks_data);
}

// 6 gates on one side: p = 2 / 64.
TEST(StudyBarsTest, OneSidedMissesAreAFingerprint) {
  Study study = good();
  for (StudyGate& gate : study.gates) gate.high = 1;
  expect_changes(1, BarState::missed, study);
  study.gates[0].low = 5;  // one gate votes once, however often it missed
  study.gates[0].high = 0;
  expect_changes(1, BarState::met, study);
}

TEST(StudyBarsTest, TwoThirdsAreTight) {
  Study study = good();
  study.gates[3].tier = judge::Tier::standard;
  expect_changes(8, BarState::missed, study);
  study.gates.clear();
  EXPECT_EQ(states(study)[8], BarState::lacks_data);
}

TEST(StudyBarsTest, AMissedBarIsWorseThanALackingOne) {
  Study study = good();
  study.rows[2].evaluated = 0;
  study.rows[1].regressed = 1;
  study.bars = study_bars(study);
  EXPECT_EQ(exit_code_of(study), judge::exit_code::kInternal);
}

}  // namespace
}  // namespace assay::selftest
