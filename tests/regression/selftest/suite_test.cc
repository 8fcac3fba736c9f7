// SPDX-License-Identifier: MIT
// The offline suite, a scenario and a mutant a test: the judge holds, mutants do not.
#include "regression/selftest/suite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cstdio>
#include <string>
#include <vector>

#include "regression/selftest/mutants.h"

namespace assay::selftest {
namespace {

using testing::ValuesIn;

// Fewer than `assay selftest` takes, for the sanitizers: a bar is an exact bound, so it
// holds for any number.
constexpr std::uint32_t kTrials = 100;

std::uint32_t trials_of(const Scenario& scenario) {
  return scenario.kind == Kind::sessions ? kTrials / scenario.gates + 5 : 1000;
}

// "quiet, +2 %" -> "quiet2".
std::string case_name(const std::string& name) {
  std::string result;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) result += c;
  }
  return result;
}

std::string scenario_name(const testing::TestParamInfo<std::string>& info) {
  return case_name(info.param);
}

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const Scenario& scenario : scenarios()) names.emplace_back(scenario.name);
  return names;
}

class ScenarioTest : public testing::TestWithParam<std::string> {};

TEST_P(ScenarioTest, TheJudgeHoldsItsBars) {
  const Scenario& scenario = *find_scenario(GetParam());
  ASSERT_FALSE(scenario.bars.empty());
  const ScenarioResult result =
      run_and_check(scenario, JudgeStatistics(), trials_of(scenario));
  for (const Bar& bar : result.broken) {
    ADD_FAILURE() << describe(bar, result.counts);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ScenarioTest, ValuesIn(scenario_names()), scenario_name);

std::vector<std::string> names_without_guards() {
  std::vector<std::string> names;
  for (const Scenario& scenario : scenarios()) {
    if (scenario.needs_guards || scenario.model.nan_share > 0) continue;
    names.emplace_back(scenario.name);
  }
  return names;
}

class RebuiltTest : public testing::TestWithParam<std::string> {};

// Mutants are rebuilt of the judge's pieces: with none of them changed, the verdicts
// and intervals are the judge's, bit for bit.
TEST_P(RebuiltTest, IsTheJudge) {
  const Scenario& scenario = *find_scenario(GetParam());
  const std::uint32_t trials =
      scenario.kind == Kind::sessions ? 20 / scenario.gates + 1 : 100;
  const Counts judge = run_scenario(scenario, JudgeStatistics(), trials);
  const Counts rebuilt = run_scenario(scenario, RebuiltStatistics(Pieces{}), trials);
  EXPECT_EQ(judge.of, rebuilt.of);
  EXPECT_EQ(judge.fingerprint, rebuilt.fingerprint);
}

INSTANTIATE_TEST_SUITE_P(All, RebuiltTest, ValuesIn(names_without_guards()),
                         scenario_name);

TEST(SuiteTest, TheSameSamplesGiveTheSameVerdicts) {
  for (const char* name : {"loud, +10 %", "spikes"}) {
    const Scenario& scenario = *find_scenario(name);
    const Counts first = run_scenario(scenario, JudgeStatistics(), 20);
    const Counts second = run_scenario(scenario, JudgeStatistics(), 20);
    EXPECT_EQ(first.of, second.of);
    EXPECT_EQ(first.fingerprint, second.fingerprint);
    EXPECT_NE(first.fingerprint,
              run_scenario(scenario, JudgeStatistics(), 19).fingerprint);
  }
}

class MutantTest : public testing::TestWithParam<std::size_t> {};

std::string mutant_name(const testing::TestParamInfo<std::size_t>& info) {
  return case_name(std::string(mutants()[info.param].statistics->name()));
}

TEST_P(MutantTest, IsKilledByItsScenario) {
  const std::vector<Mutant> all = mutants();
  const Mutant& mutant = all[GetParam()];
  const Scenario* scenario = find_scenario(mutant.killed_by);
  ASSERT_NE(scenario, nullptr) << mutant.killed_by;
  ASSERT_FALSE(scenario->needs_guards);
  // As many as it takes to tell; a survivor here survives `assay selftest`, too.
  const ScenarioResult result = run_and_check(*scenario, *mutant.statistics);
  ASSERT_FALSE(result.broken.empty())
      << mutant.statistics->name() << " survived " << scenario->name;
  std::printf("%s: killed by \"%s\": %s\n",
              std::string(mutant.statistics->name()).c_str(),
              std::string(scenario->name).c_str(),
              describe(result.broken.front(), result.counts).c_str());
}

INSTANTIATE_TEST_SUITE_P(All, MutantTest,
                         testing::Range<std::size_t>(0, mutants().size()), mutant_name);

TEST(SuiteTest, EveryWrongStatisticOfTheListHasAMutant) {
  std::vector<std::string> names;
  for (const Mutant& mutant : mutants()) names.emplace_back(mutant.statistics->name());
  EXPECT_THAT(names, testing::IsSupersetOf({"unpaired", "fixed order",
                                            "no session term", "stop on significance",
                                            "strict rank", "NaN-blind"}));
}

TEST(BarTest, ACountIsHeldAgainstAnExactBound) {
  Counts counts;
  counts.gates = 400;
  const auto at = [&](Quantity quantity, std::uint64_t count, const Bar& bar) {
    counts.of[static_cast<std::size_t>(quantity)] = count;
    return holds(bar, counts);
  };
  // P(Bin(400, 0.05) >= 38) = 1.9e-4, >= 39: 9.6e-5.
  const Bar most = {Quantity::regressed, Sense::at_most, 0.05};
  EXPECT_TRUE(at(Quantity::regressed, 38, most));
  EXPECT_FALSE(at(Quantity::regressed, 39, most));
  const Bar least = {Quantity::green, Sense::at_least, 0.95};
  EXPECT_TRUE(at(Quantity::green, 362, least));
  EXPECT_FALSE(at(Quantity::green, 361, least));
  // None and all are meant literally.
  EXPECT_FALSE(at(Quantity::regressed, 1, {Quantity::regressed, Sense::at_most, 0}));
  EXPECT_FALSE(at(Quantity::green, 399, {Quantity::green, Sense::at_least, 1}));
  // 2 x P(Bin(14, 1/2) = 14) = 1.2e-4, of 15: 6.1e-5.
  const Bar balance = {Quantity::low_misses, Sense::balanced, 0};
  counts.of[static_cast<std::size_t>(Quantity::high_misses)] = 0;
  EXPECT_TRUE(at(Quantity::low_misses, 14, balance));
  EXPECT_FALSE(at(Quantity::low_misses, 15, balance));
}

TEST(SuiteTest, ASurvivorOrABrokenBarIsAFailure) {
  SuiteResult result;
  result.scenarios.push_back({.scenario = &scenarios()[0], .counts = {}, .broken = {}});
  result.mutants.push_back(
      {.name = "m", .idea = "i", .killed_by = "s", .because = "b"});
  EXPECT_TRUE(passed(result));
  SuiteResult survivor = result;
  survivor.mutants[0].killed_by.clear();
  EXPECT_FALSE(passed(survivor));
  EXPECT_THAT(to_text(survivor), testing::HasSubstr("SURVIVED"));
  SuiteResult broken = result;
  broken.scenarios[0].broken.push_back({});
  EXPECT_FALSE(passed(broken));
  EXPECT_THAT(to_text(broken), testing::HasSubstr("BROKEN"));
}

}  // namespace
}  // namespace assay::selftest
