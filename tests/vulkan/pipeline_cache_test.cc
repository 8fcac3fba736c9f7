// SPDX-License-Identifier: MIT
// Pipelines on disk: compiled once, handed to the driver when they are whole, compiled
// again when anything about them is not.
#include "backends/vulkan/pipeline_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "tests/conformance/recipes.h"
#include "tests/support/status_checks.h"
#include "tests/vulkan/faults.h"
#include "tests/vulkan/vulkan_test.h"

namespace assay::vulkan {
namespace {

using testing_support::is_ok;
using testing_support::thrown_code;

// What drivers were handed: bytes of each VkPipelineCache since the last look.
std::vector<std::size_t> handed;
PFN_vkCreatePipelineCache real_create = nullptr;
VkResult watch(VkDevice device, const VkPipelineCacheCreateInfo* info,
               const VkAllocationCallbacks* callbacks, VkPipelineCache* cache) {
  handed.push_back(info->initialDataSize);
  return real_create(device, info, callbacks, cache);
}
void watch_caches(VolkDeviceTable& table) {
  real_create = table.vkCreatePipelineCache;
  table.vkCreatePipelineCache = watch;
}

class PipelineCacheTest : public VulkanTest {
 protected:
  PipelineCacheTest() {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("assay-pipelines-" + std::to_string(::getpid()) + "-" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
  }
  ~PipelineCacheTest() override { std::filesystem::remove_all(folder_); }
  void TearDown() override {
    disarm();
    VulkanTest::TearDown();
  }

  Options cached() const {
    Options with_cache = options();
    with_cache.cache_folder = folder_.string();
    return with_cache;
  }
  struct Use {
    KernelCacheStats stats;
    std::vector<std::size_t> handed;
  };
  // Opens a device, compiles a kernel and runs it.
  Use use(std::uint32_t scale = 3) const {
    handed.clear();
    Options options = cached();
    options.patch = watch_caches;
    const auto gpu = std::make_shared<Gpu>(options);
    const std::shared_ptr<Device> device = make_device(gpu);
    const auto data = conformance::make_words(*device, 64, 1);
    const auto kernel = device->create_kernel(conformance::affine_kernel());
    const auto commands = conformance::record(*device, [&](CommandEncoder& encoder) {
      encoder.dispatch(kernel, {1, 1, 1}, {{data}},
                       conformance::AffineConstants{scale, 1});
    });
    EXPECT_TRUE(is_ok(device->create_queue()->submit(commands).wait()));
    EXPECT_EQ(conformance::read_words(*device, data)[63], scale + 1);
    return {gpu->pipelines()->stats(), handed};
  }
  std::filesystem::path entry() const {
    std::vector<std::filesystem::path> entries;
    for (const auto& file : std::filesystem::directory_iterator(folder_)) {
      entries.push_back(file.path());
    }
    EXPECT_EQ(entries.size(), 1U);
    return entries.empty() ? folder_ : entries.front();
  }
  static std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void write(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }

  std::filesystem::path folder_;
};

TEST_F(PipelineCacheTest, IsCompiledOnceForAllProcesses) {
  const Use cold = use();
  EXPECT_EQ(cold.stats.compiles, 1U);
  EXPECT_EQ(cold.stats.unwritten, 0U);
  EXPECT_EQ(cold.handed, std::vector<std::size_t>{0});
  const Use warm = use();
  EXPECT_EQ(warm.stats.compiles, 0U);
  EXPECT_EQ(warm.stats.disk_hits, 1U);
  ASSERT_EQ(warm.handed.size(), 1U);
  // At least the header that Vulkan prescribes.
  EXPECT_GE(warm.handed[0], sizeof(VkPipelineCacheHeaderVersionOne));
  struct stat info {};
  ASSERT_EQ(::stat(folder_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
}

TEST_F(PipelineCacheTest, AnythingThatIsNotWholeIsAMiss) {
  use();
  const std::filesystem::path path = entry();
  const std::string whole = read(path);
  ASSERT_GT(whole.size(), 64U);
  std::vector<std::string> damaged = {"", whole + "x", std::string(whole.size(), '\0')};
  for (std::size_t i = 0; i < 8; ++i) {
    const std::size_t at = i * (whole.size() - 1) / 7;
    damaged.push_back(whole);
    damaged.back()[at] = static_cast<char>(damaged.back()[at] ^ (1 << i));
    damaged.push_back(whole.substr(0, at));
  }
  for (const std::string& bytes : damaged) {
    write(path, bytes);
    const Use after = use();
    EXPECT_EQ(after.stats.compiles, 1U);
    EXPECT_EQ(after.stats.damaged, 1U);
    EXPECT_EQ(after.handed, std::vector<std::size_t>{0}) << bytes.size() << " bytes";
    // Replaced by a whole one, though a driver need not say the same twice: NVIDIA's
    // differs by a byte or two.
    EXPECT_EQ(use().stats.disk_hits, 1U);
  }
}

TEST_F(PipelineCacheTest, AFailedCompilationIsNotKept) {
  Options options = cached();
  options.patch = [](VolkDeviceTable& table) {
    install_faults<&VolkDeviceTable::vkCreateComputePipelines,
                   &VolkDeviceTable::vkCreatePipelineCache>(table);
  };
  const std::shared_ptr<Device> device = open_with(options, options.patch);
  for (const int nth : {1, 2}) {
    arm(nth, VK_ERROR_OUT_OF_DEVICE_MEMORY);
    EXPECT_EQ(thrown_code([&] { device->create_kernel(conformance::affine_kernel()); }),
              StatusCode::out_of_memory);
  }
  disarm();
  EXPECT_EQ(use().stats.compiles, 1U);
}

// A driver that cannot say what it compiled leaves nothing, and everything works.
TEST_F(PipelineCacheTest, NoDataIsNotHandedBack) {
  Options options = cached();
  const auto silent = [](VolkDeviceTable& table) {
    table.vkGetPipelineCacheData = [](VkDevice, VkPipelineCache, std::size_t*, void*) {
      return VK_INCOMPLETE;
    };
  };
  open_with(options, silent)->create_kernel(conformance::affine_kernel());
  const Use next = use();
  EXPECT_EQ(next.handed, std::vector<std::size_t>{0});
}

TEST_F(PipelineCacheTest, AFolderForAllIsRefused) {
  std::filesystem::create_directory(folder_);
  ::chmod(folder_.c_str(), 0777);
  EXPECT_EQ(thrown_code([&] { open_with(cached()); }), StatusCode::failed_precondition);
}

// The header is the driver's own: another device's, or another driver's, is not used.
TEST(PipelineCacheHeaderTest, OnlyTheSameDriverAndDeviceAreUsable) {
  VkPhysicalDeviceProperties properties = {};
  properties.vendorID = 0x10de;
  properties.deviceID = 0x2335;
  for (std::size_t i = 0; i < VK_UUID_SIZE; ++i) {
    properties.pipelineCacheUUID[i] = static_cast<std::uint8_t>(i);
  }
  VkPipelineCacheHeaderVersionOne header = {};
  header.headerSize = sizeof(header);
  header.headerVersion = VK_PIPELINE_CACHE_HEADER_VERSION_ONE;
  header.vendorID = properties.vendorID;
  header.deviceID = properties.deviceID;
  std::memcpy(header.pipelineCacheUUID, properties.pipelineCacheUUID, VK_UUID_SIZE);
  std::string data(sizeof(header), '\0');
  std::memcpy(data.data(), &header, sizeof(header));
  EXPECT_TRUE(PipelineCache::is_usable(data, properties));
  EXPECT_TRUE(PipelineCache::is_usable(data + "payload", properties));
  EXPECT_FALSE(PipelineCache::is_usable(data.substr(1), properties));
  EXPECT_FALSE(PipelineCache::is_usable("", properties));
  // Every field of it.
  for (std::size_t at = 0; at < sizeof(header); ++at) {
    std::string other = data;
    other[at] = static_cast<char>(other[at] ^ 0x40);
    EXPECT_FALSE(PipelineCache::is_usable(other, properties)) << at;
  }
}

}  // namespace
}  // namespace assay::vulkan
