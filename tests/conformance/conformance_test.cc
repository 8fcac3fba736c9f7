// SPDX-License-Identifier: MIT
#include "tests/conformance/conformance_test.h"

#include <cstdlib>
#include <utility>

#include "backends/registry.h"
#include "backends/runtime/diagnostics.h"
#include "tests/conformance/exclusions.h"
#include "tests/support/patience.h"

namespace assay::conformance {
namespace {

// "BuffersTest.SecondMapIsRefused", without the instantiation and the device.
std::string test_name() {
  const testing::TestInfo& test =
      *testing::UnitTest::GetInstance()->current_test_info();
  std::string suite = test.test_suite_name();
  std::string name = test.name();
  suite.erase(0, suite.find('/') + 1);
  return suite + "." + name.substr(0, name.find('/'));
}

Opener opener = open_device;

}  // namespace

void set_opener(Opener replacement) { opener = replacement; }

bool is_required(std::string_view list, const DeviceUnderTest& device) {
  const std::string_view scheme = device.uri.substr(0, device.uri.find(':'));
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view entry = list.substr(0, comma);
    if (entry == device.family || entry == scheme) return true;
    list = comma == std::string_view::npos ? "" : list.substr(comma + 1);
  }
  return false;
}

std::string device_name(const testing::TestParamInfo<DeviceUnderTest>& info) {
  return std::string(info.param.name);
}

void ConformanceTest::SetUp() {
  const DeviceUnderTest& under_test = GetParam();
  const std::string name = test_name();
  watchdog_.emplace(name + " on " + std::string(under_test.uri),
                    testing_support::kTestLimit);

  const Exclusion* exclusion = find_exclusion(kExclusions, under_test.name, name);
  if (exclusion != nullptr && exclusion->kind == ExclusionKind::unsupported) {
    GTEST_SKIP() << "unsupported on " << under_test.name << ": " << exclusion->reason;
  }
  try {
    device_ = opener(under_test.uri);
  } catch (const Error& error) {
    // Absent is not broken: only this code may skip.
    if (error.code() != StatusCode::unavailable) throw;
    const char* required = std::getenv(kRequireVariable);
    if (required != nullptr && is_required(required, under_test)) {
      FAIL() << kRequireVariable << " asks for " << under_test.uri << ": "
             << error.what();
    }
    GTEST_SKIP() << under_test.uri << ": " << error.what();
  }
  if (exclusion != nullptr) expected_failure_.emplace(exclusion->reason);
}

void ConformanceTest::TearDown() {
  device_.reset();
  for (const std::string& line : runtime::take_diagnostics()) ADD_FAILURE() << line;
  if (expected_failure_) expected_failure_->finish();
  watchdog_.reset();
}

std::shared_ptr<Device> ConformanceTest::open_another() const {
  return opener(GetParam().uri);
}

}  // namespace assay::conformance
