// SPDX-License-Identifier: MIT
#include "regression/measure/api_cost.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "backends/layers/recorder.h"
#include "backends/layers/trace.h"
#include "backends/registry.h"

namespace assay::measure {
namespace {

constexpr std::uint32_t kRepetitions = 25;

class ApiCostTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ApiCostTest, EveryCallOfEveryThreadIsInItsRow) {
  const auto device = open_device(GetParam());
  for (const bool shared : {false, true}) {
    for (const std::uint32_t threads : {1U, 3U}) {
      const auto rows = measure_calls(*device, {threads, shared}, kRepetitions);
      std::map<std::string, const std::vector<double>*> by_call;
      for (const CallTimes& row : rows) {
        EXPECT_EQ(row.samples_ns.size(), std::size_t{threads} * kRepetitions)
            << row.call;
        EXPECT_GE(*std::ranges::min_element(row.samples_ns), 0) << row.call;
        by_call[row.call] = &row.samples_ns;
      }
      for (std::size_t i = 0; i < by_call.at("encode")->size(); ++i) {
        const auto at = [&](const char* call) { return by_call.at(call)->at(i); };
        EXPECT_EQ(at("encode"), at("create") + at("record") + at("finish"));
        EXPECT_EQ(at("submit_to_wait"), at("submit") + at("wait"));
        // By the device's clock, which is the host's; both lie between the two calls.
        EXPECT_LE(at("queued") + at("device"), at("submit_to_wait"));
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Device, ApiCostTest,
                         ::testing::Values("inline://", "vgpu://?cus=2&executor=std"),
                         [](const auto& info) {
                           return info.param.substr(0, info.param.find(':'));
                         });

// How many queues the calls go to is what the setting is about.
TEST(ApiCostQueuesTest, AreOneOrOneEach) {
  for (const bool shared : {false, true}) {
    const auto device = open_device("trace+inline://");
    measure_calls(*device, {3, shared}, 2);
    const layers::Trace trace = layers::trace_of(*device);
    std::set<std::uint32_t> queues;
    std::set<std::uint32_t> threads;
    for (const auto& submission : trace.submissions) {
      queues.insert(submission.queue);
      threads.insert(submission.thread);
    }
    EXPECT_EQ(queues.size(), shared ? 1U : 3U);
    EXPECT_EQ(threads.size(), 3U);
  }
}

TEST(ApiCostParkedTest, IsAsManySamplesAsAskedFor) {
  const auto device = open_device("inline://");
  EXPECT_EQ(measure_parked(*device, 3).samples_ns.size(), 3U);
}

}  // namespace
}  // namespace assay::measure
