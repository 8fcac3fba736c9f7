// SPDX-License-Identifier: MIT
#include "regression/measure/sampler.h"

#include <gtest/gtest.h>

#include <string>

#include "backends/registry.h"
#include "regression/measure/control.h"
#include "tests/regression/measure/fake_contestant.h"

namespace assay::measure {
namespace {

class SamplerTest : public ::testing::Test {
 protected:
  // Parts are not repeated: what a shared machine does is no matter of these tests.
  PassSamples run(Pass pass, SamplerOptions options = {}) {
    options.max_repeats = 1;
    return sample(*device_, custom_, library_, pass, options);
  }

  std::shared_ptr<Device> device_ = open_device("inline://");
  std::string log_;
  FakeContestant custom_{'c', 100e3, 80e3, log_};
  FakeContestant library_{'l', 200e3, 150e3, log_};
};

TEST_F(SamplerTest, BothArmsGetTheSameIterations) {
  const PassSamples samples =
      run(Pass::resident, {.epoch_ms = 10, .max_epoch_ms = 100, .parts = 10});
  // The faster arm's epoch is the wanted one, in ten parts of ten.
  EXPECT_EQ(samples.iterations, 100U);
  EXPECT_EQ(custom_.last_iterations, 10U);
  EXPECT_EQ(library_.last_iterations, 10U);
}

TEST_F(SamplerTest, TheSlowerArmBoundsTheEpoch) {
  FakeContestant slow('l', 50e6, 50e6, log_);
  const PassSamples samples =
      sample(*device_, custom_, slow, Pass::resident, {.epoch_ms = 10});
  EXPECT_EQ(samples.iterations, 2U);  // 100 ms of 50 ms each
}

TEST_F(SamplerTest, BlocksAreBalancedAndEverySwitchIsWarmed) {
  const PassSamples samples = run(Pass::resident, {.blocks = 1, .seed = 3, .parts = 1});
  const bool custom_first =
      samples.blocks.at(Scope::submit_to_complete)[0].custom_first;
  const std::string c = "cw cb ct ca ";
  const std::string l = "lw lb lt la ";
  const std::string expected = custom_first ? c + l + l + c : l + c + c + l;
  ASSERT_GE(log_.size(), expected.size());
  EXPECT_EQ(log_.substr(log_.size() - expected.size()), expected);
}

TEST_F(SamplerTest, TheOrderOfBlocksFollowsTheSeedAndUsesBoth) {
  const auto orders = [&](std::uint64_t seed) {
    std::string text;
    const PassSamples samples = run(Pass::resident, {.blocks = 32, .seed = seed});
    for (const Block& block : samples.blocks.at(Scope::kernel)) {
      text += block.custom_first ? 'A' : 'B';
    }
    return text;
  };
  const std::string first = orders(1);
  EXPECT_EQ(first, orders(1));
  EXPECT_NE(first, orders(2));
  EXPECT_NE(first.find('A'), std::string::npos);
  EXPECT_NE(first.find('B'), std::string::npos);
}

// A contestant whose every ninth part takes ten times as long.
class Interrupted final : public Contestant {
 public:
  void warm(Pass /*pass*/) override {}
  EpochTime time(Pass /*pass*/, std::uint64_t iterations) override {
    const double ns = ++calls_ % 9 == 0 ? 1e6 : 1e5;
    return {ns * static_cast<double>(iterations), 0};
  }
  void before_epoch(Pass /*pass*/) override {}
  void after_epoch(Pass /*pass*/) override {}
  const ArmCheck& check() const noexcept override { return check_; }
  std::string configuration() const override { return "interrupted"; }

 private:
  int calls_ = 0;
  ArmCheck check_;
};

// One of nine is in the minority whichever parts the machine leaves out.
TEST_F(SamplerTest, AnEpochIsTheMedianOfItsParts) {
  Interrupted interrupted;
  const PassSamples samples =
      sample(*device_, interrupted, library_, Pass::call,
             {.blocks = 4, .epoch_ms = 10, .parts = 9, .max_repeats = 1});
  for (const Block& block : samples.blocks.at(Scope::call)) {
    EXPECT_DOUBLE_EQ(block.custom_ns[0], 1e5);
    EXPECT_DOUBLE_EQ(block.custom_ns[1], 1e5);
  }
}

TEST_F(SamplerTest, LongEpochsMakeFewerBlocks) {
  // 4 epochs of 10 or 20 ms: 60 ms a block.
  EXPECT_EQ(
      run(Pass::call, {.blocks = 40, .pass_ms = 650, .min_blocks = 2, .parts = 10})
          .blocks.at(Scope::call)
          .size(),
      10U);
  EXPECT_EQ(run(Pass::call, {.blocks = 40, .pass_ms = 10, .min_blocks = 3})
                .blocks.at(Scope::call)
                .size(),
            3U);
}

TEST_F(SamplerTest, EveryBlockIsProbed) {
  const PassSamples samples = run(Pass::call, {.blocks = 2});
  for (const Block& block : samples.blocks.at(Scope::call)) {
    EXPECT_GT(block.spoilers.probe_ns, 0);
  }
}

TEST_F(SamplerTest, AResidentPassServesBothItsScopes) {
  const PassSamples samples = run(Pass::resident, {.blocks = 2});
  ASSERT_EQ(samples.blocks.size(), 2U);
  for (const Block& block : samples.blocks.at(Scope::submit_to_complete)) {
    EXPECT_DOUBLE_EQ(block.custom_ns[0], 100e3);
    EXPECT_DOUBLE_EQ(block.library_ns[1], 200e3);
  }
  for (const Block& block : samples.blocks.at(Scope::kernel)) {
    EXPECT_DOUBLE_EQ(block.custom_ns[1], 80e3);
    EXPECT_DOUBLE_EQ(block.library_ns[0], 150e3);
  }
}

TEST_F(SamplerTest, ACallPassServesScopeCallAlone) {
  const PassSamples samples = run(Pass::call, {.blocks = 2});
  ASSERT_EQ(samples.blocks.size(), 1U);
  EXPECT_EQ(samples.blocks.begin()->first, Scope::call);
}

TEST_F(SamplerTest, AfterLibraryCallsTheLibraryBeforeItsOwnWarmRun) {
  AfterLibrary after(custom_, library_);
  after.warm(Pass::resident);
  EXPECT_EQ(log_, "lw cw ");
}

}  // namespace
}  // namespace assay::measure
