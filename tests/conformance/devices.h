// SPDX-License-Identifier: MIT
// The devices the suite runs on. A new device joins with its rows here.
#ifndef TESTS_CONFORMANCE_DEVICES_H_
#define TESTS_CONFORMANCE_DEVICES_H_

#include <cstdint>
#include <ostream>
#include <string_view>

namespace assay::conformance {

struct DeviceUnderTest {
  std::string_view name;            // in test names: letters, digits, underscores
  std::string_view uri;             // for open_device()
  std::string_view family;          // what ASSAY_REQUIRE_DEVICES calls it
  std::uint32_t compute_units = 0;  // what the URI asks for; 0: the device decides
};

// One unit, so that all concurrency is between host and device; two, so that groups and
// queues overlap; four, so that there are more units than cores on a small machine. A
// GPU under its validation layer where that is installed: what the layer says is a
// failure.
inline constexpr DeviceUnderTest kDevices[] = {
    {"inline", "inline://", "inline", 1},
    {"vgpu_tbb_1", "vgpu://?cus=1&executor=tbb", "vgpu-tbb", 1},
    {"vgpu_tbb_2", "vgpu://?cus=2&executor=tbb", "vgpu-tbb", 2},
    {"vgpu_std_1", "vgpu://?cus=1&executor=std", "vgpu-std", 1},
    {"vgpu_std_2", "vgpu://?cus=2&executor=std", "vgpu-std", 2},
    {"vgpu_std_4", "vgpu://?cus=4&executor=std", "vgpu-std", 4},
    {"vulkan_0", "vulkan://0?validate=auto", "vulkan", 0},
};

// The environment variable that turns the absence of a device into a failure: a comma
// list of families ("vgpu-tbb,inline") or schemes ("vgpu").
inline constexpr const char* kRequireVariable = "ASSAY_REQUIRE_DEVICES";

inline void PrintTo(const DeviceUnderTest& device, std::ostream* out) {
  *out << device.uri;
}

}  // namespace assay::conformance

#endif  // TESTS_CONFORMANCE_DEVICES_H_
