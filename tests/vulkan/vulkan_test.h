// SPDX-License-Identifier: MIT
// The fixture of the tests that look behind the Device interface: skips with the reason
// where there is no driver, unless ASSAY_REQUIRE_DEVICES asks for one, and fails on
// whatever the validation layer says.
#ifndef TESTS_VULKAN_VULKAN_TEST_H_
#define TESTS_VULKAN_VULKAN_TEST_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "backends/runtime/diagnostics.h"
#include "backends/vulkan/device.h"
#include "backends/vulkan/gpu.h"
#include "tests/support/patience.h"
#include "tests/support/watchdog.h"

namespace assay::vulkan {

class VulkanTest : public testing::Test {
 protected:
  void SetUp() override {
    watchdog_.emplace(testing::UnitTest::GetInstance()->current_test_info()->name(),
                      testing_support::kTestLimit);
    try {
      const Gpu probe(options());
      validated_ = probe.validated();
    } catch (const Error& error) {
      if (error.code() != StatusCode::unavailable) throw;
      if (required()) FAIL() << error.what();
      GTEST_SKIP() << error.what();
    }
  }
  void TearDown() override {
    for (const std::string& line : runtime::take_diagnostics()) ADD_FAILURE() << line;
    watchdog_.reset();
  }

  static Options options() {
    Options options;
    options.validation = Validation::automatic;
    return options;
  }
  static std::shared_ptr<Device> open(void (*patch)(VolkDeviceTable&) = nullptr) {
    return open_with(options(), patch);
  }
  static std::shared_ptr<Device> open_with(const Options& options,
                                           void (*patch)(VolkDeviceTable&) = nullptr) {
    Options with_patch = options;
    with_patch.patch = patch;
    return make_device(std::make_shared<Gpu>(with_patch));
  }
  static bool required() {
    const char* list = std::getenv("ASSAY_REQUIRE_DEVICES");
    return list != nullptr &&
           std::string_view(list).find("vulkan") != std::string_view::npos;
  }

  bool validated_ = false;

 private:
  std::optional<testing_support::Watchdog> watchdog_;
};

}  // namespace assay::vulkan

#endif  // TESTS_VULKAN_VULKAN_TEST_H_
