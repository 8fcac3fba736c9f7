// SPDX-License-Identifier: MIT
// A device opened, used and closed, ten thousand times in one process, on one processor
// and on two: nothing hangs, and nothing stays behind. ASSAY_SOAK_CYCLES sets how
// often.
#include <dirent.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <ostream>
#include <string>

#include "backends/interface/device.h"
#include "backends/registry.h"
#include "tests/support/patience.h"
#include "tests/support/watchdog.h"

namespace assay {
namespace {

struct Setting {
  const char* name;
  const char* uri;
  int cpus;  // that the process may use
};

void PrintTo(const Setting& setting, std::ostream* out) { *out << setting.uri; }

constexpr Setting kSettings[] = {
    {"inline_1_cpu", "inline://", 1},
    {"inline_2_cpus", "inline://", 2},
    {"tbb_1_cpu", "vgpu://?executor=tbb", 1},
    {"tbb_2_cpus", "vgpu://?executor=tbb", 2},
    {"std_1_cpu", "vgpu://?executor=std", 1},
    {"std_2_cpus", "vgpu://?executor=std", 2},
    // More units than processors.
    {"std_4_units_1_cpu", "vgpu://?cus=4&executor=std", 1},
    {"std_4_units_2_cpus", "vgpu://?cus=4&executor=std", 2},
};

int entries(const char* folder) {
  DIR* const opened = opendir(folder);
  int count = 0;
  while (readdir(opened) != nullptr) ++count;
  closedir(opened);
  return count;
}

// What a process holds of the machine.
struct Holdings {
  int threads = entries("/proc/self/task");
  int descriptors = entries("/proc/self/fd");
  long resident_kib = resident();

 private:
  static long resident() {
    std::ifstream status("/proc/self/status");
    std::string word;
    while (status >> word) {
      if (word == "VmRSS:") break;
    }
    long kib = 0;
    status >> kib;
    return kib;
  }
};

// The first `count` processors that this process may use; false when it has fewer.
bool use_processors(int count) {
  cpu_set_t all;
  cpu_set_t some;
  CPU_ZERO(&some);
  if (sched_getaffinity(0, sizeof(all), &all) != 0) return false;
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE && count > 0; ++cpu) {
    if (!CPU_ISSET(cpu, &all)) continue;
    CPU_SET(cpu, &some);
    --count;
  }
  return count == 0 && sched_setaffinity(0, sizeof(some), &some) == 0;
}

struct Ran {
  mutable std::atomic<std::uint64_t> groups = 0;
};

void count_group(const GroupContext& group) noexcept {
  static_cast<const Ran*>(group.user)->groups.fetch_add(1, std::memory_order_relaxed);
}

constexpr std::uint32_t kGroups = 3;

// Every third cycle waits for its point, every third for its device, and every third
// lets closing do it.
void cycle(const char* uri, const std::shared_ptr<Ran>& ran, int number) {
  const std::shared_ptr<Device> device = open_device(uri);
  KernelDesc desc;
  desc.name = "count";
  desc.host = count_group;
  desc.host_data = ran;
  const auto encoder = device->create_encoder();
  encoder->dispatch(device->create_kernel(desc), {kGroups, 1, 1}, {});
  const std::shared_ptr<Queue> queue = device->create_queue();
  const Point point = queue->submit(encoder->finish());
  if (number % 3 == 0) {
    ASSERT_TRUE(point.wait().ok()) << "cycle " << number;
  } else if (number % 3 == 1) {
    ASSERT_TRUE(device->synchronize().ok()) << "cycle " << number;
  }
}

// A thread that watches is not in every cycle, or it would be half of what runs.
void run_cycles(const char* uri, const std::shared_ptr<Ran>& ran, int from, int to) {
  constexpr int kWatched = 100;
  for (int first = from; first < to; first += kWatched) {
    testing_support::with_deadline("one of 100 cycles from " + std::to_string(first),
                                   testing_support::kPatience, [&] {
                                     const int last = std::min(to, first + kWatched);
                                     for (int i = first; i < last; ++i) {
                                       cycle(uri, ran, i);
                                     }
                                   });
    if (testing::Test::HasFatalFailure()) return;
  }
}

class SoakTest : public testing::TestWithParam<Setting> {};

TEST_P(SoakTest, ADeviceOpensRunsAndClosesAndLeavesNothing) {
  const char* const wanted = std::getenv("ASSAY_SOAK_CYCLES");
  const int cycles = wanted == nullptr ? 10'000 : std::atoi(wanted);
  // What is made once in a process, and the heap's arenas, are there after these.
  const int warm = cycles / 5;
  const Setting setting = GetParam();
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  if (!use_processors(setting.cpus)) {
    GTEST_SKIP() << "fewer than " << setting.cpus << " processors here";
  }
  const auto ran = std::make_shared<Ran>();
  run_cycles(setting.uri, ran, 0, warm);
  const Holdings warmed;
  run_cycles(setting.uri, ran, warm, cycles);
  const Holdings left;
  sched_setaffinity(0, sizeof(before), &before);
  EXPECT_EQ(ran->groups.load(), std::uint64_t{kGroups} * static_cast<unsigned>(cycles));
  EXPECT_EQ(ran.use_count(), 1) << "work outlived its device";
  EXPECT_EQ(left.threads, warmed.threads);
  EXPECT_EQ(left.descriptors, warmed.descriptors);
  // A leak of 256 bytes a cycle is 2 MiB of 8000: above what a heap breathes.
  EXPECT_LE(left.resident_kib, warmed.resident_kib + 2048);
  RecordProperty("resident_kib", std::to_string(left.resident_kib));
}

INSTANTIATE_TEST_SUITE_P(Devices, SoakTest, testing::ValuesIn(kSettings),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace assay
