// SPDX-License-Identifier: MIT
// The fixture of every suite: opens the device, skips what is absent or excluded, and
// ends what hangs.
#ifndef TESTS_CONFORMANCE_CONFORMANCE_TEST_H_
#define TESTS_CONFORMANCE_CONFORMANCE_TEST_H_

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "backends/interface/device.h"
#include "tests/conformance/devices.h"
#include "tests/conformance/expected_failure.h"
#include "tests/support/watchdog.h"

namespace assay::conformance {

inline constexpr std::array kMemoryKinds = {MemoryKind::host, MemoryKind::unified,
                                            MemoryKind::device};

class ConformanceTest : public testing::TestWithParam<DeviceUnderTest> {
 protected:
  void SetUp() override;
  void TearDown() override;

  Device& device() const { return *device_; }
  const Caps& caps() const { return device_->caps(); }
  // A second device of the same kind, its objects foreign to the first.
  std::shared_ptr<Device> open_another() const;
  // Hands over the fixture's handle, which may be the last one.
  std::shared_ptr<Device> take_device() { return std::move(device_); }

  // Two queues can be inside a kernel at the same time.
  bool kernels_overlap() const {
    return caps().concurrent_queues && caps().compute_units >= 2;
  }

 private:
  // First, so that it also watches the device close.
  std::optional<testing_support::Watchdog> watchdog_;
  std::optional<ExpectedFailure> expected_failure_;
  std::shared_ptr<Device> device_;
};

// How the suite opens what is under test: open_device(), unless a program that puts
// something between the suite and its devices says otherwise, before the tests start.
using Opener = std::shared_ptr<Device> (*)(std::string_view uri);
void set_opener(Opener opener);

// True when `list` (of kRequireVariable) asks for this device.
bool is_required(std::string_view list, const DeviceUnderTest& device);

std::string device_name(const testing::TestParamInfo<DeviceUnderTest>& info);

}  // namespace assay::conformance

#define RUN_ON_EVERY_DEVICE(suite)                                          \
  INSTANTIATE_TEST_SUITE_P(Device, suite,                                   \
                           testing::ValuesIn(assay::conformance::kDevices), \
                           assay::conformance::device_name)

// For what Caps says a device lacks. Ends the test.
#define SKIP_UNLESS(condition, reason) \
  if (condition) {                     \
  } else                               \
    GTEST_SKIP() << GetParam().name << ": " << (reason)

#endif  // TESTS_CONFORMANCE_CONFORMANCE_TEST_H_
