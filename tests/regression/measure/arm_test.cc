// SPDX-License-Identifier: MIT
// An op's own arm: what is checked after an epoch, of each pass.
#include "regression/measure/arm.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "backends/layers/layer.h"
#include "backends/registry.h"
#include "kernels/ops.h"
#include "regression/measure/shared_expected.h"

namespace assay::measure {
namespace {

// A device of the host that says it is a GPU, which is kept busy before each epoch.
class OwnClock : public layers::LayerDevice {
 public:
  explicit OwnClock(std::shared_ptr<Device> inner)
      : LayerDevice(std::move(inner), "own_clock"), caps_(LayerDevice::caps()) {
    caps_.host_kernels = false;
    caps_.simulated_device_memory = false;
  }
  const Caps& caps() const noexcept override { return caps_; }

 private:
  Caps caps_;
};

// The op's first custom implementation for what is below the layer.
std::unique_ptr<Prepared> below(const PrepareContext& context, const Problem& problem) {
  Device& inner = *static_cast<OwnClock&>(*context.device).inner();
  for (const Implementation& row : find_op(problem.op())->implementations()) {
    if (row.provider != Provider::custom) continue;
    if (!row.unsupported(problem, inner.caps())) return row.prepare({&inner}, problem);
  }
  return nullptr;
}
constexpr Implementation kBelow = {
    .name = "below",
    .provider = Provider::custom,
    .idea = "an implementation of the host, for a device that says it is none",
    .library = {},
    .unsupported = [](const Problem& /*problem*/, const Caps& /*caps*/)
        -> std::optional<std::string> { return std::nullopt; },
    .prepare = below};

// axpy adds to what it finds, and a GPU that is to be awake runs it some hundred times:
// what is checked is one run, and over what was there.
TEST(ArmTest, AnOutputThatIsReadIsCheckedAfterOneRun) {
  const auto device = std::make_shared<OwnClock>(open_device("inline://"));
  for (const char* const shape : {"37", "1000:alpha=-0.5"}) {
    const auto problem = find_op("axpy")->make_problem(shape, DType::f32);
    const Expected expected = compute_expected(*problem, DataFamily::integers, 1);
    Workbench workbench(device, *problem, DataFamily::integers, 1, expected);
    measure::Arm arm(workbench, kBelow, nullptr);
    for (const Pass pass : {Pass::resident, Pass::transfer}) {
      arm.warm(pass);
      arm.before_epoch(pass);
      arm.time(pass, 3);
      arm.after_epoch(pass);
      EXPECT_TRUE(arm.check().ok) << shape << ": " << arm.check().detail;
    }
  }
}

// A run with transfers copies its result to where the next one takes the old contents
// from. They stayed there, and whoever updates its output was told wrong by the last
// look at other inputs: axpy, and matmul with beta, in the scopes with_transfer and
// cold.
TEST(ArmTest, AnOutputThatIsReadIsRightAfterEveryPass) {
  const auto device = std::make_shared<OwnClock>(open_device("inline://"));
  const std::pair<const char*, const char*> kUpdated[] = {{"axpy", "37"},
                                                          {"matmul", "5x4x3:beta=2"}};
  for (const auto& [op, shape] : kUpdated) {
    for (const Pass pass : {Pass::resident, Pass::transfer, Pass::cold}) {
      const auto problem = find_op(op)->make_problem(shape, DType::f32);
      const Expected expected = compute_expected(*problem, DataFamily::integers, 1);
      Workbench workbench(device, *problem, DataFamily::integers, 1, expected);
      measure::Arm arm(workbench, kBelow, nullptr);
      arm.check_afresh();
      arm.before_epoch(pass);
      arm.time(pass, 3);
      arm.after_epoch(pass);
      arm.check_afresh();
      EXPECT_TRUE(arm.check().ok)
          << op << ", pass " << static_cast<int>(pass) << ": " << arm.check().detail;
    }
  }
}

// Computes what it records first, and nothing after that.
class OnlyOnce final : public Prepared {
 public:
  explicit OnlyOnce(std::unique_ptr<Prepared> inner) : inner_(std::move(inner)) {}
  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    if (!std::exchange(recorded_, true)) inner_->record(encoder, operands);
  }

 private:
  std::unique_ptr<Prepared> inner_;
  mutable bool recorded_ = false;
};

// What the resident runs left on the device is right, and was copied out as the result
// of runs with transfers that computed nothing.
TEST(ArmTest, ARunWithTransfersThatComputesNothingIsFound) {
  const auto device = std::make_shared<OwnClock>(open_device("inline://"));
  Implementation once = kBelow;
  once.prepare = [](const PrepareContext& context,
                    const Problem& problem) -> std::unique_ptr<Prepared> {
    return std::make_unique<OnlyOnce>(below(context, problem));
  };
  const auto problem = find_op("softmax")->make_problem("3x5", DType::f32);
  const Expected expected = compute_expected(*problem, DataFamily::uniform, 1);
  Workbench workbench(device, *problem, DataFamily::uniform, 1, expected);
  measure::Arm arm(workbench, once, nullptr);
  for (const Pass pass : {Pass::resident, Pass::transfer}) {
    arm.before_epoch(pass);
    arm.time(pass, 2);
    arm.after_epoch(pass);
    EXPECT_EQ(arm.check().ok, pass == Pass::resident);
  }
  EXPECT_EQ(arm.check().never_written, 15U);
}

}  // namespace
}  // namespace assay::measure
