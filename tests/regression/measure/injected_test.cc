// SPDX-License-Identifier: MIT
#include "regression/measure/injected.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/regression/measure/fake_contestant.h"

namespace assay::measure {
namespace {

TEST(InjectedTest, BothTimesGrowByTheSameFactor) {
  std::string log;
  FakeContestant subject('c', 1e6, 8e5, log);
  Injected injected(subject, 0.5);
  const EpochTime epoch = injected.time(Pass::resident, 2);
  const double factor = epoch.host_ns / 2e6;
  EXPECT_GT(factor, 1.0);
  EXPECT_DOUBLE_EQ(epoch.device_ns, 1.6e6 * factor);
}

TEST(InjectedTest, TheExtraWorkIsWorkAndTakesTheTimeItSays) {
  std::string log;
  FakeContestant subject('c', 5e6, 0, log);
  Injected injected(subject, 1.0);
  double best = 1e18;
  // The shortest of several: an interruption only ever adds.
  for (int i = 0; i < 20; ++i) {
    best = std::min(best, injected.time(Pass::resident, 1).host_ns);
  }
  // No tight bound: a clock that moved between calibration and now scales it. That it
  // is neither nothing nor a multiple is what counts.
  EXPECT_GT(best, 1.2 * 5e6);
  EXPECT_LT(best, 5.0 * 5e6);
}

TEST(InjectedTest, ADeviceWithoutTimestampsStaysWithout) {
  std::string log;
  FakeContestant subject('c', 1e6, 0, log);
  Injected injected(subject, 0.1);
  EXPECT_EQ(injected.time(Pass::resident, 1).device_ns, 0);
}

TEST(InjectedTest, SaysSo) {
  std::string log;
  FakeContestant subject('c', 1e6, 0, log);
  EXPECT_EQ(Injected(subject, 0.03).configuration(), "c with 3 % extra work");
}

}  // namespace
}  // namespace assay::measure
