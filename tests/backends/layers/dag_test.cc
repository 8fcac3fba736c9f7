// SPDX-License-Identifier: MIT
// Random programs of integer kernels over queues and timelines: on every device, with
// and without layers, bit for bit what the inline device computes, and free of hazards.
// The conformance suite has a few dozen fixed ones; here ASSAY_FUZZ_SECONDS sets for
// how long new ones are made, from ASSAY_FUZZ_SEED on.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "backends/layers/hazard.h"
#include "backends/registry.h"
#include "tests/conformance/recipes.h"
#include "tests/support/status_checks.h"

namespace assay::layers {
namespace {

using conformance::Words;
using testing_support::is_ok;

constexpr std::size_t kQueues = 4;
constexpr std::size_t kBuffers = 4;
constexpr std::size_t kParts = 3;  // a step touches a part of a buffer, or all of it
constexpr std::size_t kPartWords = 64;
constexpr std::size_t kSteps = 48;

struct Range {
  std::size_t buffer = 0;
  std::size_t first = 0;  // part
  std::size_t parts = 1;
};

struct Step {
  std::size_t queue = 0;
  std::uint64_t value = 0;  // its place in its queue
  int kind = 0;             // kernel, copy or fill
  Range source;
  Range target;
  std::uint32_t constant = 0;
  std::uint32_t groups = 1;
  bool concurrent = false;
  bool own_timeline = false;
  std::vector<std::size_t> after;
};

bool overlap(const Range& a, const Range& b) {
  return a.buffer == b.buffer && a.first < b.first + b.parts &&
         b.first < a.first + a.parts;
}

// Whether `later` needs an edge from `earlier`.
bool conflict(const Step& earlier, const Step& later) {
  const bool reads = later.kind != 2 && overlap(earlier.target, later.source);
  const bool overwrites = earlier.kind != 2 && overlap(earlier.source, later.target);
  return reads || overwrites || overlap(earlier.target, later.target);
}

std::vector<Step> make_program(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Step> program;
  std::array<std::uint64_t, kQueues> values = {};
  for (std::size_t i = 0; i < kSteps; ++i) {
    Step step;
    step.queue = random() % kQueues;
    step.value = ++values.at(step.queue);
    step.kind = static_cast<int>(random() % 3);
    const std::size_t parts = 1 + random() % kParts;
    step.source = {random() % kBuffers, random() % (kParts - parts + 1), parts};
    step.target = {random() % kBuffers, random() % (kParts - parts + 1), parts};
    // A copy within overlapping bytes is refused, a kernel's would depend on the order
    // of its groups.
    if (overlap(step.source, step.target)) {
      step.target.buffer = (step.target.buffer + 1) % kBuffers;
    }
    step.constant = static_cast<std::uint32_t>(random());
    step.groups = static_cast<std::uint32_t>(1 + random() % 5);
    step.concurrent = random() % 2 == 0;
    step.own_timeline = random() % 3 == 0;
    for (std::size_t j = 0; j < i; ++j) {
      if (program[j].queue != step.queue && conflict(program[j], step)) {
        step.after.push_back(j);
      }
    }
    program.push_back(step);
  }
  return program;
}

void mix(const GroupContext& context) noexcept {
  const auto constant = context.constants_as<std::uint32_t>();
  const std::span<std::uint32_t> target = conformance::my_words(context, 1);
  const std::span<const std::uint32_t> source = conformance::my_words(context, 0);
  for (std::size_t i = 0; i < target.size(); ++i) {
    target[i] = target[i] * 1664525U + (source[i] ^ constant);
  }
}

BufferSlice slice(const std::vector<std::shared_ptr<Buffer>>& buffers,
                  const Range& range) {
  return {buffers[range.buffer], range.first * kPartWords * 4,
          range.parts * kPartWords * 4};
}

std::vector<Words> run(Device& device, const std::vector<Step>& program,
                       unsigned seed) {
  KernelDesc desc;
  desc.name = "mix";
  desc.bindings = {Access::read, Access::read_write};
  desc.constants_bytes = sizeof(std::uint32_t);
  desc.host = mix;
  const auto kernel = device.create_kernel(desc);
  std::vector<std::shared_ptr<Buffer>> buffers;
  for (std::size_t b = 0; b < kBuffers; ++b) {
    buffers.push_back(conformance::make_words(device, kParts * kPartWords,
                                              static_cast<std::uint32_t>(b + 1)));
  }
  std::vector<std::shared_ptr<Queue>> queues;
  for (std::size_t q = 0; q < kQueues; ++q) queues.push_back(device.create_queue());
  std::vector<Point> points;
  for (const Step& step : program) {
    if (step.own_timeline) {
      points.push_back({device.create_timeline(0), 1});
    } else {
      points.push_back({queues[step.queue]->last().timeline, step.value});
    }
  }
  // Queue by queue in a random interleaving: many waits come before their signals.
  std::mt19937 random(seed);
  std::array<std::size_t, kQueues> next = {};
  for (std::size_t told = 0; told < program.size();) {
    const std::size_t q = random() % kQueues;
    std::size_t& i = next.at(q);
    while (i < program.size() && program[i].queue != q) ++i;
    if (i == program.size()) continue;
    const Step& step = program[i];
    std::vector<Point> waits;
    for (const std::size_t other : step.after) waits.push_back(points[other]);
    std::vector<Point> signals;
    if (step.own_timeline) signals.push_back(points[i]);
    const auto commands = conformance::record(
        device,
        [&](CommandEncoder& encoder) {
          const BufferSlice from = slice(buffers, step.source);
          const BufferSlice to = slice(buffers, step.target);
          if (step.kind == 0) {
            encoder.dispatch(kernel, {step.groups, 1, 1}, {from, to}, step.constant);
          } else if (step.kind == 1) {
            encoder.copy(from, to);
          } else {
            encoder.fill(to, step.constant);
          }
        },
        step.concurrent ? Ordering::concurrent : Ordering::sequential);
    queues[q]->submit(commands, waits, signals);
    ++i;
    ++told;
  }
  EXPECT_TRUE(is_ok(device.synchronize()));
  std::vector<Words> contents;
  for (const auto& buffer : buffers) {
    contents.push_back(conformance::read_words(device, buffer));
  }
  return contents;
}

std::uint64_t environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(DagTest, EveryDeviceComputesWhatTheInlineDeviceDoes) {
  const auto reference = open_device("inline://");
  std::vector<std::shared_ptr<Device>> devices;
  for (const char* uri :
       {"vgpu://?cus=2&executor=std", "vgpu://?cus=3",
        "hazard(quiet=1)+perturb(call=submit,jitter_us=5)+vgpu://?cus=2&executor=std",
        "perturb(call=signal,jitter_us=5)+hazard(quiet=1)+inline://"}) {
    devices.push_back(open_device(uri));
  }
  const auto first = static_cast<unsigned>(environment("ASSAY_FUZZ_SEED", 1));
  const auto seconds = std::chrono::seconds(environment("ASSAY_FUZZ_SECONDS", 0));
  const auto end = std::chrono::steady_clock::now() + seconds;
  constexpr unsigned kAlways = 12;
  for (unsigned seed = first;
       seed < first + kAlways || std::chrono::steady_clock::now() < end; ++seed) {
    const std::vector<Step> program = make_program(seed);
    const std::vector<Words> expected = run(*reference, program, seed);
    for (const auto& device : devices) {
      ASSERT_EQ(run(*device, program, seed + 7), expected)
          << "seed " << seed << " on " << device->caps().uri;
    }
  }
  for (const auto& device : devices) {
    if (device->caps().uri.find("hazard") == std::string::npos) continue;
    const HazardReport report = hazards_of(*device);
    EXPECT_EQ(report.pending, 0U);
    EXPECT_EQ(report.found, 0U)
        << device->caps().uri << ": "
        << (report.races.empty() ? "" : report.races[0].to_string());
  }
}

}  // namespace
}  // namespace assay::layers
