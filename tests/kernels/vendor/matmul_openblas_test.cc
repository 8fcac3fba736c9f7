// SPDX-License-Identifier: MIT
// The library implementations of matmul compute what the contract says, on every device
// that runs host code, whatever core the environment makes the library choose.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "backends/interface/status.h"
#include "backends/registry.h"
#include "kernels/matmul/matmul.h"
#include "kernels/ops.h"
#include "tests/kernels/matmul_harness.h"
#include "tests/kernels/vendor/installed.h"

namespace assay::matmul {
namespace {

using testing::HasSubstr;
using testing_support::NumericGate;

constexpr std::string_view kContestants[] = {"openblas", "openblas-serial"};

// Three units on any machine: a partition that does not come out even.
const std::string kDevices[] = {"inline://", "vgpu://?cus=1", "vgpu://?cus=2",
                                "vgpu://?cus=3&executor=std"};

constexpr std::string_view kShapes[] = {
    "1x1x1",
    "0x5x3",  // nothing to write
    "5x0x3",
    "5x7x0",  // C = beta * C, and beta is 0
    "5x7x0:beta=2:ldc=9",
    "1x300x65",  // a row, a column, a long sum
    "300x1x65",
    "2x3x4097",
    "64x64x64",     // cut, although small
    "100x100x100",  // the last that OpenBLAS does not pack
    "101x101x101",
    "128x128x128",  // cut into two tiles a unit
    "129x131x127:tn",
    "130x127x67:nt:alpha=-1.5",
    "127x130x93:tt:beta=1",
    "96x80x112:nn:alpha=0:beta=0.5",
    "61x75x33:nt:alpha=2:beta=-1:lda=40:ldb=41:ldc=90",
    "75x61x33:tn:lda=80:ldb=70:ldc=64",
    "31x500x90:tt:alpha=0.5:lda=33:ldb=91:ldc=501",
    "256x256x256",
};

const Implementation& implementation(std::string_view name) {
  return *find_implementation(kOp, name);
}

using Subject = std::tuple<std::string_view, std::string>;  // contestant, device

class MatmulLibraryTest : public testing::TestWithParam<Subject> {};

TEST_P(MatmulLibraryTest, IsRight) {
  const auto& [name, uri] = GetParam();
  const auto library = vendor::load_known(name);
  if (!library) GTEST_SKIP() << vendor::skip_reason(name);
  const auto device = open_device(uri);
  for (const std::string_view shape : kShapes) {
    for (const DataFamily family : kAllDataFamilies) {
      const NumericGate gate(shape, family, 1);
      EXPECT_EQ(implementation(name).unsupported(gate.problem(), device->caps()),
                std::nullopt);
      EXPECT_TRUE(gate.accepts(*device, implementation(name), library.get()));
    }
  }
}

std::string subject_name(const testing::TestParamInfo<Subject>& info) {
  const auto& [name, uri] = info.param;
  return testing_support::test_name(name) + "_" + testing_support::test_name(uri);
}

INSTANTIATE_TEST_SUITE_P(All, MatmulLibraryTest,
                         testing::Combine(testing::ValuesIn(kContestants),
                                          testing::ValuesIn(kDevices)),
                         subject_name);

class MatmulLibraryPrepareTest : public testing::Test {
 protected:
  static std::unique_ptr<Prepared> prepare(std::string_view name, Device& device,
                                           const vendor::Library* library,
                                           const Problem& problem) {
    return implementation(name).prepare({.device = &device, .library = library},
                                        problem);
  }

  const std::shared_ptr<Device> device_ = open_device("vgpu://?cus=2");
  const NumericGate gate_{"512x512x512", DataFamily::integers, 1};
};

TEST_F(MatmulLibraryPrepareTest, TellsHowItIsConfigured) {
  for (const std::string_view name : kContestants) {
    const auto library = vendor::load_known(name);
    if (!library) GTEST_SKIP() << vendor::skip_reason(name);
    const std::string configuration =
        prepare(name, *device_, library.get(), gate_.problem())->configuration();
    EXPECT_THAT(configuration, HasSubstr("core=" + library->identity().core_name));
    EXPECT_THAT(configuration, HasSubstr("threads=2"));
    EXPECT_THAT(configuration,
                HasSubstr(name == "openblas" ? "partition=whole" : "partition=2x1"));
  }
}

// Implementations of CBLAS disagree on them, so that no library is asked: this one
// would crash.
TEST_F(MatmulLibraryPrepareTest, ZeroExtentsNeverReachTheLibrary) {
  const auto library = vendor::Library::load(ASSAY_CANARIES "/crashes.so", "crashes");
  for (const std::string_view shape :
       {"0x5x3", "5x0x3", "5x7x0", "5x7x0:beta=2:ldc=9", "0x0x0:beta=1"}) {
    const NumericGate gate(shape, DataFamily::integers, 1);
    EXPECT_TRUE(gate.accepts(*device_, implementation("openblas"), library.get()));
  }
}

TEST_F(MatmulLibraryPrepareTest, AThreadedLibraryIsNotPartitioned) {
  const auto library = vendor::load_known("openblas");
  if (!library) GTEST_SKIP() << vendor::skip_reason("openblas");
  if (library->identity().threading == "serial") GTEST_SKIP() << "it is serial here";
  try {
    prepare("openblas-serial", *device_, library.get(), gate_.problem());
    ADD_FAILURE() << "a library with threads was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), StatusCode::not_supported);
    EXPECT_THAT(error.what(), HasSubstr("needs a serial library"));
  }
}

TEST_F(MatmulLibraryPrepareTest, WithoutALibraryThereIsNothingToCall) {
  for (const std::string_view name : kContestants) {
    try {
      prepare(name, *device_, nullptr, gate_.problem());
      ADD_FAILURE() << name << " was prepared without a library";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), StatusCode::failed_precondition);
    }
  }
}

// The count is the process's: what was prepared for one unit must still run on one
// after something else was prepared for two.
TEST_F(MatmulLibraryPrepareTest, RunsWithTheThreadsItWasPreparedFor) {
  const auto library = vendor::load_known("openblas");
  if (!library) GTEST_SKIP() << vendor::skip_reason("openblas");
  if (library->identity().threading == "serial") GTEST_SKIP() << "it is serial here";

  const auto one_unit = open_device("vgpu://?cus=1");
  const auto one = prepare("openblas", *one_unit, library.get(), gate_.problem());
  EXPECT_EQ(library->threads(), 1);
  const auto two = prepare("openblas", *device_, library.get(), gate_.problem());
  EXPECT_EQ(library->threads(), 2);

  const auto run = [this](Device& device, const Prepared& prepared) {
    std::vector<BufferSlice> operands;
    for (const Operand& operand : gate_.problem().operands()) {
      operands.push_back({.buffer = device.create_buffer(
                              {operand.bytes(), MemoryKind::device, operand.name})});
    }
    const auto encoder = device.create_encoder();
    for (const BufferSlice& operand : operands) encoder->fill(operand, 0);
    prepared.record(*encoder, operands);
    return device.create_queue()->submit(encoder->finish()).wait();
  };
  EXPECT_TRUE(run(*one_unit, *one).ok());
  EXPECT_EQ(library->threads(), 1);
  EXPECT_TRUE(run(*device_, *two).ok());
  EXPECT_EQ(library->threads(), 2);
}

}  // namespace
}  // namespace assay::matmul
