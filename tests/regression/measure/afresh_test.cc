// SPDX-License-Identifier: MIT
// Arms that remember, each in one way, with times that are made up: the real ones are
// tested as arms are (peer_arm_test.cc, the canaries).
#include "regression/measure/afresh.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backends/interface/status.h"

namespace assay::measure {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

using Draw = std::optional<std::uint64_t>;

// An arm whose result is the draw of its inputs; 99 of the right ones.
struct Arm {
  float answer() const { return inputs ? static_cast<float>(*inputs) : 99; }
  ArmCheck checked() const {
    ArmCheck check;
    check.ok = output == 99;
    check.checked = 10;
    check.wrong = check.ok ? 0 : 4;
    check.worst = check.ok ? 0.5 : 7;
    return check;
  }
  // Borrows this.
  Afresh afresh() {
    return {.name = "arm",
            .change =
                [this](Draw draw) {
                  rewritten = draw == inputs;
                  changed = draw != of_last_run;
                  inputs = draw;
                  draws.push_back(draw);
                },
            .run =
                [this] {
                  ++runs;
                  of_last_run = inputs;
                  output = compute();
                  return took();
                },
            .look =
                [this](ArmCheck& check) {
                  ++looks;
                  check = look();
                },
            .result = [this] { return std::vector<float>{output}; },
            .look_lone = [this](ArmCheck& check) { check = lone; }};
  }

  std::function<float()> compute = [this] { return answer(); };
  std::function<double()> took = [] { return 1e3; };
  std::function<ArmCheck()> look = [this] { return checked(); };
  ArmCheck lone;
  Draw inputs;
  Draw of_last_run;
  bool changed = false;    // since the last run
  bool rewritten = false;  // the last write changed nothing
  float output = 0;
  int runs = 0;
  int looks = 0;
  std::vector<Draw> draws;
};

TEST(AfreshLookTest, OtherInputsComeBeforeTheRightOnes) {
  Arm arm;
  arm.lone = arm.checked();
  arm.lone.ok = true;
  AfreshDraws draws;
  ArmCheck check;
  draws.look(arm.afresh(), check);
  EXPECT_TRUE(check.ok);
  EXPECT_EQ(check.checked, 30U);  // lone terms, all other, one element
  EXPECT_THAT(arm.draws, ElementsAre(Draw(0), std::nullopt, Draw(1), std::nullopt));
  // Later on no lone terms, and as many draws as are cheap, each another one: all but
  // where this thread was kept from its processor for milliseconds.
  std::size_t most = 0;
  std::uint64_t next = 2;
  for (int again = 0; again < 20; ++again) {
    arm.draws.clear();
    const std::uint64_t before = check.checked;
    draws.look(arm.afresh(), check);
    ASSERT_FALSE(arm.draws.empty());
    EXPECT_EQ(check.checked, before + 5 * arm.draws.size());
    for (std::size_t i = 0; i < arm.draws.size(); i += 2) {
      EXPECT_EQ(arm.draws[i], Draw(next++));
      EXPECT_EQ(arm.draws[i + 1], Draw());
    }
    most = std::max(most, arm.draws.size());
  }
  EXPECT_EQ(most, 32U);
}

TEST(AfreshLookTest, LoneTermsCountWhereThereAreSome) {
  Arm arm;
  ArmCheck check;
  AfreshDraws().look(arm.afresh(), check);
  EXPECT_TRUE(check.ok);
  arm.lone.checked = 10;
  arm.lone.wrong = 3;
  arm.lone.detail = "row 1";
  check = {};
  AfreshDraws().look(arm.afresh(), check);
  EXPECT_FALSE(check.ok);
  EXPECT_EQ(check.wrong, 3U);
  EXPECT_EQ(check.detail, "row 1");
}

// Nothing that was found before is forgotten, and the first wrong result ends it.
TEST(AfreshLookTest, WhatIsFoundIsAdded) {
  ArmCheck check;
  check.checked = 5;
  check.wrong = 1;
  check.worst = 3;
  check.detail = "before";
  Arm good;
  AfreshDraws().look(good.afresh(), check);
  EXPECT_FALSE(check.ok);
  EXPECT_EQ(check.worst, 3);
  EXPECT_EQ(check.wrong, 1U);
  EXPECT_EQ(check.detail, "before");

  Arm damages;
  damages.look = [&damages] {
    ArmCheck check = damages.checked();
    check.guards_intact = false;
    return check;
  };
  check = {};
  AfreshDraws().look(damages.afresh(), check);
  EXPECT_FALSE(check.guards_intact);

  Arm wrong;
  wrong.compute = [] { return 98.0F; };
  check = {};
  check.ok = true;
  check.checked = 5;
  AfreshDraws().look(wrong.afresh(), check);
  EXPECT_FALSE(check.ok);
  EXPECT_EQ(check.worst, 7);
  EXPECT_EQ(check.checked, 15U);
}

TEST(AfreshLookTest, WhyItIsWrongIsSaid) {
  // The first answer for ever.
  Arm remembers;
  std::optional<float> kept;
  remembers.compute = [&] { return kept ? *kept : *(kept = remembers.answer()); };
  ArmCheck check;
  AfreshDraws().look(remembers.afresh(), check);
  EXPECT_THAT(check.detail, HasSubstr("it was remembered and not computed; "));

  // Every third call computes: wrong after one run, right after some.
  Arm skips;
  int calls = 0;
  skips.compute = [&] { return ++calls % 3 == 1 ? skips.answer() : skips.output; };
  check = {};
  AfreshDraws().look(skips.afresh(), check);
  EXPECT_FALSE(check.ok);

  // Right only in the third run on the same inputs, and wrong in another way before.
  Arm late;
  int same = 0;
  late.compute = [&] {
    same = late.changed ? 1 : same + 1;
    late.changed = false;
    return same >= 3 ? late.answer() : 1000 + late.answer();
  };
  check = {};
  AfreshDraws().look(late.afresh(), check);
  EXPECT_THAT(check.detail, StartsWith("right only some runs after"));

  Arm wrong;
  wrong.compute = [&] { return 1000 + wrong.answer(); };
  check = {};
  AfreshDraws().look(wrong.afresh(), check);
  EXPECT_EQ(check.detail, "");
}

// Whether an arm is refused that takes so long where an input had changed: that of the
// round, from 0.
bool is_refused(Arm& arm, const std::function<double(int round)>& fresh_ns) {
  int round = 0;
  arm.took = [&, first = true]() mutable {
    if (std::exchange(first, false)) return 1e3;
    return arm.changed ? fresh_ns(round++) : 1e3;
  };
  try {
    AfreshDraws().require_same_time(arm.afresh());
    return false;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), StatusCode::failed_precondition);
    EXPECT_THAT(error.what(), HasSubstr("remembered and not computed"));
    return true;
  }
}

TEST(AfreshTimeTest, LongerByAQuarterInThreeOfFourRounds) {
  Arm arm;
  EXPECT_FALSE(is_refused(arm, [](int) { return 1e3; }));
  EXPECT_FALSE(is_refused(arm, [](int) { return 0.5e3; }));
  EXPECT_FALSE(is_refused(arm, [](int) { return 1.24e3; }));
  EXPECT_TRUE(is_refused(arm, [](int) { return 1.26e3; }));
  EXPECT_TRUE(is_refused(arm, [](int i) { return i % 4 == 3 ? 1e3 : 2e3; }));
  EXPECT_FALSE(is_refused(arm, [](int i) { return i % 3 == 0 ? 1e3 : 2e3; }));
}

// What a busy machine does for a while it does not do three times over.
TEST(AfreshTimeTest, IsConfirmed) {
  Arm arm;
  EXPECT_FALSE(is_refused(arm, [](int i) { return i < 16 ? 2e3 : 1e3; }));
  EXPECT_TRUE(is_refused(arm, [](int i) { return i < 48 ? 2e3 : 1e3; }));
}

// A processor or a device that is faster after a write that changed nothing is not an
// arm that remembers.
TEST(AfreshTimeTest, WhatWasWrittenLastIsNotHeldAgainstAnArm) {
  Arm arm;
  arm.took = [&] { return arm.rewritten ? 1e3 : 2e3; };
  AfreshDraws().require_same_time(arm.afresh());
  EXPECT_GT(arm.runs, 1 + 2 * 16) << "never suspected";
}

// Each round has inputs of its own, and who was not refused the right ones.
TEST(AfreshTimeTest, EachRoundHasItsDraw) {
  Arm arm;
  EXPECT_FALSE(is_refused(arm, [](int) { return 1e3; }));
  std::vector<Draw> drawn = arm.draws;
  EXPECT_EQ(drawn.front(), Draw());
  EXPECT_EQ(drawn.back(), Draw());
  EXPECT_GE(drawn.size(), 2U + 2U * 8U);
  EXPECT_LE(drawn.size(), 2U + 2U * 16U);
  for (std::size_t i = 1; i + 1 < drawn.size(); i += 2) {
    EXPECT_EQ(drawn[i], drawn[i + 1]);
    EXPECT_EQ(drawn[i], Draw((i - 1) / 2));
  }
}

TEST(AfreshTimeTest, LongRunsAreLeftAlone) {
  Arm arm;
  arm.took = [] { return 21e6; };
  AfreshDraws().require_same_time(arm.afresh());
  EXPECT_EQ(arm.runs, 1);
}

}  // namespace
}  // namespace assay::measure
