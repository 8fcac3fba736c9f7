// SPDX-License-Identifier: MIT
// Each experiment of one process, once: that it gives a number of the right kind, and
// says no where it has to. How large the number is belongs into a claims file.
#include "regression/claims/experiments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "backends/interface/status.h"
#include "kernels/ops.h"
#include "regression/claims/claim.h"
#include "regression/json/value.h"

namespace assay::claims {
namespace {

using testing::AllOf;
using testing::Gt;
using testing::IsEmpty;
using testing::Lt;

const std::atomic<bool> kNever = false;

Job job_of(const std::string& experiment, json::Value::Object conditions) {
  conditions.emplace("device", "vgpu://?cus=2&executor=std");
  Job job;
  job.settings =
      settings_from_json(std::move(conditions), *find_experiment(experiment));
  job.ops = all_ops();
  job.quick = true;
  job.cancel = &kNever;
  return job;
}

Finding find(const std::string& experiment, json::Value::Object conditions = {}) {
  const Job job = job_of(experiment, std::move(conditions));
  return find_experiment(experiment)->once(job);
}

StatusCode refusal(const std::string& experiment, json::Value::Object conditions) {
  try {
    (void)find(experiment, std::move(conditions));
    return StatusCode::ok;
  } catch (const Error& error) {
    return error.code();
  }
}

// What is left when most blocks were dropped is a selection: no claim may rest on it,
// and a machine that took all of them is busy and not broken.
TEST(ExperimentsTest, AComparisonThatLostItsBlocksDecidesNothing) {
  const judge::Rules rules;
  const measure::Comparison comparison;
  report::Row row{&comparison, {}};
  row.judged.verdict = judge::Verdict::inconclusive;
  row.judged.reason = "repeat on a quiet machine";
  row.judged.ratio = 0.25;
  row.judged.interval = {0.2, 0.3};
  row.judged.speed = judge::Speed::cannot_tell;
  row.judged.blocks_used = 12;
  row.judged.blocks_dropped = 4;
  const Measurement kept = speedup_of(row, rules);
  EXPECT_EQ(kept.end, Measurement::End::measured);
  EXPECT_DOUBLE_EQ(kept.value, 4);
  row.judged.blocks_dropped = 5;
  EXPECT_EQ(speedup_of(row, rules).end, Measurement::End::undecided);
  row.judged.speed = judge::Speed::not_compared;
  row.judged.blocks_used = 0;
  const Measurement none = speedup_of(row, rules);
  EXPECT_EQ(none.end, Measurement::End::undecided);
  EXPECT_EQ(none.reason, "repeat on a quiet machine");
}

TEST(ExperimentsTest, FiguresHaveTimesAndRatios) {
  const Finding time = find("figure_time", {{"figure", "kernel_cache_hit"}});
  EXPECT_THAT(time.value, AllOf(Gt(1e-3), Lt(1e4)));  // us
  EXPECT_THAT(time.wrong, IsEmpty());
  // A thing against itself: not far from 1.
  const Finding ratio = find("figure_ratio", {{"slow", "encode"}, {"fast", "encode"}});
  EXPECT_THAT(ratio.value, AllOf(Gt(0.1), Lt(10.0)));
  EXPECT_FALSE(ratio.simulated);
  EXPECT_EQ(refusal("figure_time", {{"figure", "frob"}}), StatusCode::invalid_argument);
}

TEST(ExperimentsTest, AColdStartRunsAKernel) {
  const Finding finding = find("cold_start");
  EXPECT_THAT(finding.value, AllOf(Gt(0.0), Lt(1e5)));
  EXPECT_THAT(finding.wrong, IsEmpty());
}

TEST(ExperimentsTest, MemoryOfACpuDeviceIsSimulated) {
  // More than a period of the numbers sent, and not a multiple of the groups.
  const Finding finding = find("memory_round_trip", {{"elements", 1'100'003}});
  EXPECT_THAT(finding.value, Gt(0.0));
  EXPECT_TRUE(finding.simulated);
  EXPECT_THAT(finding.wrong, IsEmpty());
  EXPECT_THAT(find("memory_round_trip", {{"elements", 1}}).wrong, IsEmpty());
}

TEST(ExperimentsTest, ARoundTripIsTimedWholeOrOnTheDevice) {
  const Finding finding =
      find("memory_round_trip", {{"elements", 1000}, {"timed", "device"}});
  EXPECT_THAT(finding.value, Gt(0.0));
  EXPECT_TRUE(finding.simulated);
  EXPECT_EQ(refusal("memory_round_trip", {{"timed", "frob"}}),
            StatusCode::invalid_argument);
}

// Exact: what the device counts. X and Y of each request, against X and Y once.
TEST(ExperimentsTest, APoolSavesWhatItSays) {
  const Finding finding =
      find("pool_saving", {{"shape", "4x8x16x8"}, {"iterations", 50}});
  EXPECT_THAT(finding.wrong, IsEmpty());
  EXPECT_DOUBLE_EQ(finding.value, 98);
  // One request saves nothing.
  EXPECT_DOUBLE_EQ(
      find("pool_saving", {{"shape", "4x8x16x8"}, {"iterations", 1}}).value, 0);
  // An output that is an input, too.
  EXPECT_THAT(find("pool_saving", {{"op", "axpy"},
                                   {"shape", "1000"},
                                   {"implementation", "unrolled"},
                                   {"iterations", 3}})
                  .wrong,
              IsEmpty());
}

TEST(ExperimentsTest, WhatIsNotHereIsAbsentAndNotFalse) {
  EXPECT_EQ(refusal("cold_start", {{"device", "vulkan://63"}}),
            StatusCode::unavailable);
  EXPECT_EQ(refusal("cold_start", {{"device", "frob://"}}),
            StatusCode::invalid_argument);
  EXPECT_EQ(refusal("pool_saving", {{"op", "frob"}}), StatusCode::invalid_argument);
  EXPECT_EQ(refusal("pool_saving", {{"implementation", "openblas"}}),
            StatusCode::invalid_argument);
}

TEST(ExperimentsTest, EachIsRunInOneWay) {
  for (const Experiment& experiment : experiments()) {
    EXPECT_NE(experiment.once != nullptr, experiment.whole != nullptr)
        << experiment.name;
  }
}

}  // namespace
}  // namespace assay::claims
