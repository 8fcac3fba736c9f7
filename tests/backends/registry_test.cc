// SPDX-License-Identifier: MIT
#include "backends/registry.h"

#include <gtest/gtest.h>

#include "backends/runtime/host_caches.h"

namespace assay {
namespace {

TEST(RegistryTest, EveryListedDeviceOpensOrSaysWhyNot) {
  ASSERT_FALSE(known_devices().empty());
  for (const DeviceEntry& entry : known_devices()) {
    if (!entry.absent_because.empty()) continue;
    const auto device = open_device(entry.scheme + "://");
    EXPECT_FALSE(device->caps().name.empty()) << entry.scheme;
    // The canonical URI opens the same device again.
    EXPECT_EQ(open_device(device->caps().uri)->caps().uri, device->caps().uri);
  }
}

// CPUID may tell another size than the kernel does, and rates beyond the cache are
// judged by it.
TEST(RegistryTest, DevicesReportTheCacheThatBlockSizesAreMadeFor) {
  const runtime::CacheInfo& caches = runtime::cache_info();
  for (const char* const uri : {"inline://", "vgpu://?cus=1&executor=std"}) {
    const Caps caps = open_device(uri)->caps();
    EXPECT_EQ(caps.last_level_cache_bytes, caches.l3_found ? caches.l3_bytes : 0);
    EXPECT_GE(caps.limits.max_local_bytes, caches.l2_bytes);
  }
}

TEST(RegistryTest, UnknownDevicesAreRefusedWithTheKnownOnes) {
  try {
    open_device("frob://");
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), StatusCode::invalid_argument);
    EXPECT_NE(std::string(error.what()).find("inline"), std::string::npos);
  }
}

TEST(RegistryTest, ParametersAreChecked) {
  for (const char* uri :
       {"vgpu://?cus=0", "vgpu://?cus=257", "vgpu://?cus=two", "vgpu://?executor=frob",
        "vgpu://?frob=1", "vgpu://7", "inline://?cus=2", "inline://0"}) {
    EXPECT_THROW(open_device(uri), Error) << uri;
  }
}

}  // namespace
}  // namespace assay
