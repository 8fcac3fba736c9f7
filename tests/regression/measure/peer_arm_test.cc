// SPDX-License-Identifier: MIT
// The arm beside the device: held to the oracle, the poison and the pads like any
// other.
#include "regression/measure/peer_arm.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "backends/registry.h"
#include "kernels/ops.h"
#include "regression/measure/shared_expected.h"

namespace assay::measure {
namespace {

enum class Lie {
  none,
  does_nothing,
  wrong_last,
  writes_input,
  writes_pads,
  remembers,
  compares
};

// axpy in memory of its own, with a lie.
class FakePeer final : public Peer {
 public:
  FakePeer(const Problem& problem, Lie lie) : lie_(lie) {
    for (const Operand& operand : problem.operands()) {
      operands_.emplace_back(operand.elements);
    }
  }
  void upload(std::size_t operand, std::span<const std::byte> contents) override {
    std::memcpy(operands_[operand].data(), contents.data(), contents.size());
  }
  void download(std::size_t operand, std::span<std::byte> contents) override {
    std::memcpy(contents.data(), operands_[operand].data(), contents.size());
  }
  bool pads_intact() override { return lie_ != Lie::writes_pads; }
  double run() override {
    ++runs;
    if (lie_ == Lie::does_nothing) return 7;
    if (remembered_.empty()) remembered_ = operands_[0];
    std::vector<float>& x = lie_ == Lie::remembers ? remembered_ : operands_[0];
    std::vector<float>& y = operands_[1];
    for (std::size_t i = 0; i < x.size(); ++i) y[i] += 2 * x[i];
    if (lie_ == Lie::compares) {
      const bool same = remembered_ == operands_[0];
      remembered_ = operands_[0];
      return same ? 7 : 14;
    }
    if (lie_ == Lie::wrong_last) y.back() += 1;
    if (lie_ == Lie::writes_input) x[0] = 1e6F;
    return 7;
  }
  std::string configuration() const override { return "fake"; }

  int runs = 0;

 private:
  Lie lie_;
  std::vector<float> remembered_;
  std::vector<std::vector<float>> operands_;
};

class PeerArmTest : public testing::Test {
 protected:
  PeerArmTest()
      : problem_(find_op("axpy")->make_problem("37", DType::f32)),
        expected_(compute_expected(*problem_, DataFamily::integers, 1)),
        workbench_(open_device("inline://"), *problem_, DataFamily::integers, 1,
                   expected_) {}

  // Two epochs of three iterations, as the sampler has them.
  ArmCheck check_of(Lie lie) {
    PeerArm arm(workbench_, std::make_unique<FakePeer>(*problem_, lie));
    for (int epoch = 0; epoch < 2; ++epoch) {
      arm.warm(Pass::resident);
      arm.before_epoch(Pass::resident);
      arm.time(Pass::resident, 3);
      arm.after_epoch(Pass::resident);
    }
    return arm.check();
  }

  std::unique_ptr<Problem> problem_;
  Expected expected_;
  Workbench workbench_;
};

TEST_F(PeerArmTest, AnHonestPeerIsAccepted) {
  const ArmCheck check = check_of(Lie::none);
  EXPECT_TRUE(check.ok) << check.detail;
  EXPECT_TRUE(check.guards_intact);
  EXPECT_EQ(check.checked, 2U * 37U);
}

TEST_F(PeerArmTest, LiesAreSeen) {
  EXPECT_FALSE(check_of(Lie::does_nothing).ok);
  EXPECT_FALSE(check_of(Lie::wrong_last).ok);
  EXPECT_EQ(check_of(Lie::wrong_last).wrong, 2U);
  EXPECT_FALSE(check_of(Lie::writes_input).guards_intact);
  EXPECT_NE(check_of(Lie::writes_input).detail, "");
  EXPECT_FALSE(check_of(Lie::writes_pads).guards_intact);
}

// Right in every epoch, and the first to compute decides what it is right for.
TEST_F(PeerArmTest, WhatIsRememberedOfOtherInputsIsSeen) {
  EXPECT_TRUE(check_of(Lie::remembers).ok);
  for (const Lie lie : {Lie::none, Lie::remembers}) {
    PeerArm arm(workbench_, std::make_unique<FakePeer>(*problem_, lie));
    arm.check_afresh();
    EXPECT_EQ(arm.check().ok, lie == Lie::none) << arm.check().detail;
    EXPECT_EQ(
        arm.check().detail.find("remembered and not computed") != std::string::npos,
        lie == Lie::remembers);
  }
}

// Right whatever its inputs are, and faster where it has seen them.
TEST_F(PeerArmTest, WhoComparesItsInputsIsSeenByItsTimes) {
  PeerArm honest(workbench_, std::make_unique<FakePeer>(*problem_, Lie::none));
  honest.require_computed();
  PeerArm arm(workbench_, std::make_unique<FakePeer>(*problem_, Lie::compares));
  arm.check_afresh();
  EXPECT_TRUE(arm.check().ok) << arm.check().detail;
  EXPECT_THROW(arm.require_computed(), Error);
}

TEST_F(PeerArmTest, TimesAreSumsOfBothClocks) {
  auto peer = std::make_unique<FakePeer>(*problem_, Lie::none);
  const FakePeer& fake = *peer;
  PeerArm arm(workbench_, std::move(peer));
  const EpochTime time = arm.time(Pass::resident, 5);
  EXPECT_EQ(time.device_ns, 5 * 7);
  EXPECT_GT(time.host_ns, 0);
  EXPECT_EQ(fake.runs, 5);
  EXPECT_EQ(arm.configuration(), "fake");
}

TEST_F(PeerArmTest, OtherScopesAreRefused) {
  PeerArm arm(workbench_, std::make_unique<FakePeer>(*problem_, Lie::none));
  for (const Pass pass : {Pass::transfer, Pass::cold, Pass::call}) {
    EXPECT_THROW(arm.warm(pass), Error);
    EXPECT_THROW(arm.time(pass, 1), Error);
    EXPECT_THROW(arm.before_epoch(pass), Error);
  }
}

}  // namespace
}  // namespace assay::measure
