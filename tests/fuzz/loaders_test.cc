// SPDX-License-Identifier: MIT
// The fuzzer's property without the fuzzer: the seeds, and each of them damaged a
// little in many ways, the same ones every time.
#include "tests/fuzz/loaders.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/fuzz/seeds.h"

namespace assay::fuzz {
namespace {

TEST(LoadersTest, GoodSeedsAreTakenForWhatTheyAre) {
  int baselines = 0;
  int sessions = 0;
  int claims = 0;
  for (const auto& [name, text] : seeds()) {
    const Taken taken = check_loaders(text);
    EXPECT_EQ(taken.baseline, name.starts_with("baseline")) << name;
    EXPECT_EQ(taken.session, name.starts_with("session")) << name;
    EXPECT_EQ(taken.claims, name.starts_with("claims")) << name;
    baselines += taken.baseline ? 1 : 0;
    sessions += taken.session ? 1 : 0;
    claims += taken.claims ? 1 : 0;
  }
  EXPECT_EQ(baselines, 4);
  EXPECT_EQ(sessions, 2);
  EXPECT_EQ(claims, 2);
}

TEST(LoadersTest, DamagedSeedsAreRefusedOrSurvive) {
  constexpr int kDamagesOfEach = 300;
  constexpr std::string_view kBytes = "0123456789eE+-.,:[]{}\"\\ nulltruefalse\n\xff";
  std::mt19937 random(1);
  int json = 0;
  for (const auto& [name, text] : seeds()) {
    for (int i = 0; i < kDamagesOfEach; ++i) {
      std::string damaged = text;
      for (int change = 0; change <= i % 3; ++change) {
        const std::size_t at = random() % damaged.size();
        switch (random() % 3) {
          case 0:
            damaged[at] = kBytes[random() % kBytes.size()];
            break;
          case 1:
            damaged.insert(at, 1, kBytes[random() % kBytes.size()]);
            break;
          default:
            damaged.erase(at, 1);
        }
        if (damaged.empty()) damaged = "0";
      }
      json += check_loaders(damaged).json ? 1 : 0;  // throws when the property breaks
    }
  }
  EXPECT_GT(json, 500);  // else the loaders behind the parser saw nothing
}

}  // namespace
}  // namespace assay::fuzz
