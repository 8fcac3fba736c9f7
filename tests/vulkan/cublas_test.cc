// SPDX-License-Identifier: MIT
// A worker that pairs device code with cuBLAS, on a fake one that says it is this GPU:
// all of a comparison but the launching of processes.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "kernels/ops.h"
#include "regression/measure/child_process.h"
#include "regression/measure/shared_expected.h"
#include "regression/measure/worker.h"
#include "tests/vulkan/vulkan_test.h"

namespace assay::vulkan {
namespace {

// A worker finds the oracle at a fixed descriptor. It is taken before anything else of
// this program, a driver say, can be given that number.
int null_file() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }
const int kTaken = ::dup2(null_file(), measure::kSharedFd);

class CublasTest : public VulkanTest {
 protected:
  void SetUp() override {
    VulkanTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    setenv("FAKE_CUDA_UUID", open()->caps().hardware.c_str(), 1);
    unsetenv("FAKE_CUDA");
  }
  void TearDown() override {
    unsetenv("FAKE_CUDA");
    VulkanTest::TearDown();
  }

  static measure::WorkerRequest request(const std::string& op, const std::string& shape,
                                        const std::string& implementation) {
    measure::WorkerRequest request;
    request.device = "vulkan://0";
    request.library_name = "cublas";
    request.library_path = ASSAY_FAKE_CUBLAS;
    request.op = op;
    request.shape = shape;
    request.dtype = "f32";
    request.data = "uniform";
    request.seed = 3;
    request.implementation = implementation;
    request.library_implementation = "cublas";
    request.scopes = {measure::Scope::kernel, measure::Scope::submit_to_complete};
    request.blocks = 1;
    request.epoch_ms = 1;
    return request;
  }
  static measure::WorkerReply measured(const measure::WorkerRequest& request) {
    const auto problem = find_op(request.op)->make_problem(request.shape, DType::f32);
    const measure::SharedExpected expected(
        measure::compute_expected(*problem, DataFamily::uniform, request.seed));
    EXPECT_EQ(kTaken, measure::kSharedFd);
    ::dup2(expected.fd(), measure::kSharedFd);
    return measure::run_worker(request, all_ops());
  }
};

TEST_F(CublasTest, BothArmsAreTimedAndCheckedInBothScopes) {
  const auto reply = measured(request("matmul", "33x17x20:tn", "staged"));
  ASSERT_EQ(reply.comparisons.size(), 2U);
  for (const measure::Comparison& comparison : reply.comparisons) {
    const measure::ProcessSamples& process = comparison.processes.at(0);
    EXPECT_TRUE(process.custom_check.ok) << process.custom_check.detail;
    EXPECT_TRUE(process.library_check.ok) << process.library_check.detail;
    EXPECT_TRUE(process.library_check.guards_intact);
    EXPECT_GE(process.library_check.checked, 2U * 33 * 17);
    for (const double ns : process.blocks.at(0).library_ns) EXPECT_GT(ns, 0);
    EXPECT_NE(comparison.library.configuration.find("TF32 off"), std::string::npos);
  }
}

TEST_F(CublasTest, F16IsItsOwnCall) {
  const auto reply = measured(request("matmul_f16", "33x17x20:nt:ldb=24", "staged"));
  const measure::ProcessSamples& process = reply.comparisons.at(0).processes.at(0);
  EXPECT_TRUE(process.custom_check.ok) << process.custom_check.detail;
  EXPECT_TRUE(process.library_check.ok) << process.library_check.detail;
  EXPECT_GE(process.library_check.checked, 2U * 33 * 17);
}

TEST_F(CublasTest, ALieIsTheLibrarysAlone) {
  setenv("FAKE_CUDA", "drops_last_k", 1);
  const auto reply = measured(request("matmul", "33x17x20", "staged"));
  const measure::ProcessSamples& process = reply.comparisons.at(0).processes.at(0);
  EXPECT_TRUE(process.custom_check.ok);
  EXPECT_FALSE(process.library_check.ok);
}

TEST_F(CublasTest, AnOutputThatIsReadIsCheckedOnARunOfItsOwn) {
  const auto reply = measured(request("axpy", "1003:alpha=-0.5", "wide"));
  const measure::ProcessSamples& process = reply.comparisons.at(0).processes.at(0);
  EXPECT_TRUE(process.custom_check.ok) << process.custom_check.detail;
  EXPECT_TRUE(process.library_check.ok) << process.library_check.detail;
}

TEST_F(CublasTest, AnotherGpuIsNoPeer) {
  setenv("FAKE_CUDA_UUID", std::string(32, 'f').c_str(), 1);
  EXPECT_THROW(measured(request("axpy", "64", "wide")), Error);
}

}  // namespace
}  // namespace assay::vulkan
