// SPDX-License-Identifier: MIT
// Ten refreshes, each slower by 2 %: what every one of them would let pass, the anchor
// does not (crate-benchmarks #126, the boiling frog).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "regression/baselines/refresh.h"
#include "tests/regression/baselines/made_up_sessions.h"

namespace assay::baselines {
namespace {

// The refresh at which the cumulative limit refuses, of ten; 0: never. Before it, what
// is refused for want of a reason gets one, as a person in a hurry would give.
int alarm_at(double step, int sessions) {
  RefreshOptions options = made_up_options();
  options.accepted = {{kGate, "a little slower"}};
  Baseline stored =
      propose(made_up_sessions(0.2, -0.5, sessions), std::nullopt, "", options)
          .baseline;
  for (int refresh = 1; refresh <= 10; ++refresh) {
    const double now = 0.2 - refresh * std::log1p(step);
    const Proposal proposal =
        propose(made_up_sessions(now, -0.5, sessions), stored, "", options);
    for (const Refusal& refusal : proposal.refusals) {
      EXPECT_THAT(refusal.reason, testing::HasSubstr("slower than its anchor"));
      EXPECT_TRUE(refusal.loosens);
      return refresh;
    }
    stored = proposal.baseline;
    // Whatever was stored is within the limit of what was best.
    const GateEntry& entry = stored.gates.at(kGate);
    EXPECT_LE(entry.anchor.log_ratio - entry.reference.log_ratio, std::log1p(0.15));
    EXPECT_NEAR(entry.anchor.log_ratio, 0.2, 1e-6);
  }
  return 0;
}

// 1.02^7 = 1.149, 1.02^8 = 1.172.
TEST(DriftAlarmTest, TenRefreshesOfTwoPercentDoNotPass) {
  EXPECT_EQ(alarm_at(0.02, 5), 8);
  // Three sessions give wide intervals: numbers are kept until they are far apart, and
  // then the whole distance counts.
  EXPECT_EQ(alarm_at(0.02, 3), 8);
}

TEST(DriftAlarmTest, TenRefreshesOfOnePercentDo) { EXPECT_EQ(alarm_at(0.01, 5), 0); }

// Each step is within the margin, so nobody is ever asked for a reason.
TEST(DriftAlarmTest, StepsThatNeedNoReasonAddUp) {
  RefreshOptions options = made_up_options();
  std::optional<Baseline> stored;
  int refresh = 0;
  for (; refresh <= 10; ++refresh) {
    const double now = 0.2 - refresh * std::log1p(0.019);
    const Proposal proposal = propose(made_up_sessions(now), stored, "", options);
    if (!proposal.refusals.empty()) {
      EXPECT_THAT(proposal.refusals[0].reason, testing::HasSubstr("its anchor"));
      break;
    }
    stored = proposal.baseline;
  }
  EXPECT_EQ(refresh, 8);  // 1.019^7 = 1.141, 1.019^8 = 1.162
}

}  // namespace
}  // namespace assay::baselines
