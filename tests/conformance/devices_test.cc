// SPDX-License-Identifier: MIT
// Which devices were there at all, one CTest line each: an absent one shows as skipped
// here, where the other suites hide it in their output.
#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "backends/registry.h"
#include "tests/conformance/conformance_test.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::thrown_code;

class DevicesTest : public ConformanceTest {};
RUN_ON_EVERY_DEVICE(DevicesTest);

TEST_P(DevicesTest, Opens) { EXPECT_FALSE(caps().uri.empty()); }

TEST(DeviceTableTest, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const DeviceUnderTest& device : kDevices) {
    EXPECT_TRUE(names.insert(device.name).second) << device.name;
  }
}

TEST(DeviceTableTest, EveryRequiredFamilyExists) {
  // A misspelt family would require nothing.
  const char* required = std::getenv(kRequireVariable);
  if (required == nullptr) return;
  std::string_view list = required;
  while (!list.empty()) {
    const std::string_view entry = list.substr(0, list.find(','));
    bool known = false;
    for (const DeviceUnderTest& device : kDevices) known |= is_required(entry, device);
    EXPECT_TRUE(known) << kRequireVariable << " names \"" << entry << '"';
    list.remove_prefix(std::min(entry.size() + 1, list.size()));
  }
}

TEST(DeviceTableTest, RequirementsMatchFamilyOrScheme) {
  constexpr DeviceUnderTest kTbb = {"vgpu_tbb_1", "vgpu://?cus=1", "vgpu-tbb", 1};
  EXPECT_TRUE(is_required("vgpu-tbb", kTbb));
  EXPECT_TRUE(is_required("inline,vgpu-tbb", kTbb));
  EXPECT_TRUE(is_required("vgpu", kTbb));
  EXPECT_FALSE(is_required("", kTbb));
  EXPECT_FALSE(is_required("vgpu-std,inline", kTbb));
  EXPECT_FALSE(is_required("vgpu-tb", kTbb));
}

TEST(RegistryTest, KnowsTheSchemeOfEveryDeviceUnderTest) {
  std::set<std::string> schemes;
  for (const DeviceEntry& entry : known_devices()) {
    EXPECT_TRUE(schemes.insert(entry.scheme).second)
        << entry.scheme << " is there twice";
    EXPECT_TRUE(entry.uri_form.starts_with(entry.scheme + "://")) << entry.uri_form;
    EXPECT_FALSE(entry.summary.empty()) << entry.scheme;
  }
  for (const DeviceUnderTest& device : kDevices) {
    const std::string scheme(device.uri.substr(0, device.uri.find(':')));
    EXPECT_TRUE(schemes.contains(scheme)) << scheme;
  }
}

TEST(RegistryTest, RefusesWhatItDoesNotUnderstand) {
  for (const std::string_view uri : {"",
                                     "://",
                                     "inline",
                                     "inline:/",
                                     "nowhere://",
                                     "Inline://",
                                     " inline://",
                                     "inline://?cus=2",
                                     "vgpu://?cus=0",
                                     "vgpu://?cus=-1",
                                     "vgpu://?cus=two",
                                     "vgpu://?cus=2x",
                                     "vgpu://?cus= 2",
                                     "vgpu://?cus=",
                                     "vgpu://?cus",
                                     "vgpu://?cus=99999999999999999999",
                                     "vgpu://?=2",
                                     "vgpu://?cus=2&color=red",
                                     "vgpu://?executor=nobody",
                                     "vgpu://?executor="}) {
    EXPECT_EQ(thrown_code([&] { open_device(uri); }), StatusCode::invalid_argument)
        << '"' << uri << '"';
  }
}

}  // namespace
}  // namespace assay::conformance
