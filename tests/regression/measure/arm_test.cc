// SPDX-License-Identifier: MIT
// An op's own arm on hardware that has a clock of its own.
#include "regression/measure/arm.h"

#include <gtest/gtest.h>

#include <memory>
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

}  // namespace
}  // namespace assay::measure
