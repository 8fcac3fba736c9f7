// SPDX-License-Identifier: MIT
#include "regression/measure/figures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <string>

#include "backends/registry.h"

namespace assay::measure {
namespace {

constexpr std::uint64_t kIterations = 100;

class FiguresTest : public ::testing::TestWithParam<std::string> {};

TEST_P(FiguresTest, EveryFigureRunsWhatItSaysAndTakesTime) {
  const auto device = open_device(GetParam());
  for (const Figure& figure : figures()) {
    const auto contestant = make_figure(figure, device);
    contestant->warm(Pass::call);
    contestant->before_epoch(Pass::call);
    EXPECT_GT(contestant->time(Pass::call, kIterations).host_ns, 0) << figure.name;
    contestant->after_epoch(Pass::call);
    EXPECT_TRUE(contestant->check().ok) << figure.name;
    EXPECT_EQ(contestant->check().checked, kIterations * figure.groups) << figure.name;
    EXPECT_GT(contestant->check().checked, 0U) << figure.name;
    EXPECT_EQ(contestant->check().wrong, 0U) << figure.name;
  }
}

TEST_P(FiguresTest, ALostGroupIsAWrongResult) {
  // A row that promises twice the groups it runs.
  Figure lying = *find_figure("round_trip");
  lying.groups = 2;
  const auto contestant = make_figure(lying, open_device(GetParam()));
  contestant->before_epoch(Pass::call);
  contestant->time(Pass::call, kIterations);
  contestant->after_epoch(Pass::call);
  EXPECT_FALSE(contestant->check().ok);
  EXPECT_EQ(contestant->check().wrong, kIterations);
  EXPECT_EQ(contestant->check().detail, "100 groups or hits of 200");
}

INSTANTIATE_TEST_SUITE_P(Devices, FiguresTest,
                         ::testing::Values("inline://", "vgpu://?cus=1&executor=std",
                                           "vgpu://?cus=2&executor=std"),
                         [](const auto& info) {
                           std::string name;
                           for (const char c : info.param) {
                             if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
                               name += c;
                             }
                           }
                           return name;
                         });

TEST(FiguresTableTest, NamesAreFoundAndOthersAreNot) {
  for (const Figure& figure : figures()) EXPECT_EQ(find_figure(figure.name), &figure);
  EXPECT_EQ(find_figure("frob"), nullptr);
}

TEST(CalibrationTest, MoreIterationsTakeLonger) {
  const auto calibration = make_calibration(*find_figure("round_trip"));
  const auto best = [&](std::uint64_t iterations) {
    double shortest = 1e18;
    for (int i = 0; i < 20; ++i) {
      shortest = std::min(shortest, calibration->time(Pass::call, iterations).host_ns);
    }
    return shortest;
  };
  // An order of magnitude apart, so that no machine can turn them around.
  EXPECT_GT(best(1000), 3 * best(100));
}

}  // namespace
}  // namespace assay::measure
