// SPDX-License-Identifier: MIT
// cuBLAS as a peer, on a fake one: that it is found on the right GPU, called as its
// documentation says, held to the oracle, and let go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/ops.h"
#include "kernels/vendor/cuda/cublas.h"
#include "kernels/vendor/known_libraries.h"
#include "tests/kernels/matmul_harness.h"

// Of the fake library, which this program is linked with: what it opens by path is the
// same.
extern "C" {
int fake_cuda_alive();  // objects that nobody has destroyed
int fake_cuda_math();   // the mode that was set last
}

namespace assay::vendor::cuda {
namespace {

using testing::HasSubstr;
using testing_support::NumericGate;

constexpr const char* kUuid = "00112233445566778899aabbccddeeff";

class CudaTest : public testing::Test {
 protected:
  CudaTest() {
    setenv("FAKE_CUDA_UUID", kUuid, 1);
    unsetenv("FAKE_CUDA");
  }
  ~CudaTest() override {
    EXPECT_EQ(fake_cuda_alive(), 0);
    unsetenv("FAKE_CUDA");
  }
  static void breaks(const char* how) { setenv("FAKE_CUDA", how, 1); }
  static std::string error_of_loading(const std::string& path,
                                      const std::string& hardware) {
    try {
      const Cublas library(path, hardware);
      return "none";
    } catch (const Error& error) {
      return error.what();
    }
  }

  // The peer's answer to a problem; `pads` whether its pads held.
  static std::vector<float> answer(const Cublas& library, const NumericGate& gate,
                                   bool* pads) {
    const Op& op = *find_op(gate.problem().op());
    for (const Implementation& row : op.implementations()) {
      if (row.prepare_peer == nullptr) continue;
      const auto peer = row.prepare_peer(library, gate.problem());
      for (std::size_t i = 0; i < gate.operands().size(); ++i) {
        peer->upload(i, gate.operands()[i]);
      }
      EXPECT_GE(peer->run(), 0);
      std::vector<std::byte> output(gate.operands()[gate.problem().output()].size());
      peer->download(gate.problem().output(), output);
      *pads = peer->pads_intact();
      return testing_support::floats_of(output);
    }
    ADD_FAILURE() << op.name() << " has no peer";
    return {};
  }
  static bool right(const Cublas& library, const char* op, const char* shape) {
    const NumericGate gate(*find_op(op), shape, DataFamily::uniform, 7);
    bool pads = false;
    const std::vector<float> output = answer(library, gate, &pads);
    return gate.check(output).ok && pads;
  }
};

TEST_F(CudaTest, SaysWhatItIs) {
  const Cublas library(ASSAY_FAKE_CUBLAS, kUuid);
  EXPECT_EQ(library.identity().flavour, "cuBLAS");
  EXPECT_EQ(library.identity().version, "12.3.4");
  EXPECT_EQ(library.identity().core_name, "a processor that poses as a GPU");
  EXPECT_THAT(library.identity().config, HasSubstr("12.4"));
  // TF32 would be 3.
  EXPECT_EQ(fake_cuda_math(), 0);
}

TEST_F(CudaTest, RunsOnTheDeviceOrNotAtAll) {
  EXPECT_THAT(error_of_loading(ASSAY_FAKE_CUBLAS, std::string(32, 'f')),
              HasSubstr("none of the 2 GPUs"));
  EXPECT_THAT(error_of_loading(ASSAY_FAKE_CUBLAS, ""), HasSubstr("none of the 2 GPUs"));
  breaks("no_init");
  EXPECT_THAT(error_of_loading(ASSAY_FAKE_CUBLAS, kUuid), HasSubstr("cuInit"));
}

TEST_F(CudaTest, OtherFilesAreRefused) {
  EXPECT_THAT(error_of_loading("/nowhere/libcublas.so", kUuid),
              HasSubstr("does not exist"));
  EXPECT_THAT(error_of_loading("/proc/self/exe", kUuid), HasSubstr("cannot be loaded"));
  EXPECT_THAT(error_of_loading(ASSAY_CANARIES "/no_sgemm.so", kUuid),
              HasSubstr("is no cuBLAS"));
}

TEST_F(CudaTest, EveryOpIsCalledAsItsContractSays) {
  const Cublas library(ASSAY_FAKE_CUBLAS, kUuid);
  for (const char* const shape :
       {"3x5x7", "5x3x7:nt", "4x6x5:tn:alpha=-0.5", "6x4x3:tt:beta=2",
        "5x4x3:lda=9:ldb=8:ldc=7:beta=-1", "0x3x2", "4x3x0:beta=2"}) {
    EXPECT_TRUE(right(library, "matmul", shape)) << shape;
  }
  EXPECT_TRUE(right(library, "axpy", "37:alpha=-0.5"));
  EXPECT_TRUE(right(library, "reduce", "1003:dot"));
  EXPECT_TRUE(right(library, "transpose", "5x7"));
  EXPECT_TRUE(right(library, "transpose", "9x4:lda=6:ldb=11"));
}

// Narrowed without a word, 2^32 + 4 would be a product of 4.
TEST_F(CudaTest, ExtentsThatItCannotCountAreRefused) {
  EXPECT_EQ(extent(0), 0);
  EXPECT_EQ(extent((std::int64_t{1} << 31) - 1), 2147483647);
  for (const std::int64_t size :
       {std::int64_t{1} << 31, (std::int64_t{1} << 32) + 4, std::int64_t{-1}}) {
    EXPECT_THROW(extent(size), Error) << size;
  }
}

TEST_F(CudaTest, LiesAreSeen) {
  const Cublas library(ASSAY_FAKE_CUBLAS, kUuid);
  EXPECT_TRUE(right(library, "matmul", "8x8x8"));
  breaks("drops_last_k");
  EXPECT_FALSE(right(library, "matmul", "8x8x8"));
  breaks("writes_outside");
  EXPECT_FALSE(right(library, "matmul", "8x8x8"));
}

TEST_F(CudaTest, FailuresAreErrors) {
  const Cublas library(ASSAY_FAKE_CUBLAS, kUuid);
  breaks("refuses");
  EXPECT_THROW(right(library, "matmul", "8x8x8"), Error);
  breaks("lost");
  EXPECT_THROW(right(library, "matmul", "8x8x8"), Error);
  breaks("out_of_memory");
  try {
    right(library, "matmul", "8x8x8");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), StatusCode::out_of_memory);
  }
}

TEST_F(CudaTest, IsFoundByNameAndByPath) {
  const LibrarySpec by_path = resolve_library(ASSAY_FAKE_CUBLAS);
  EXPECT_EQ(by_path.name, "cublas");
  EXPECT_EQ(by_path.calling, Calling::beside);
  const std::string nowhere[] = {"/nowhere"};
  const LibrarySpec absent = resolve_library_in("cublas", nowhere);
  EXPECT_THAT(absent.absent_because, HasSubstr("CUDA"));
  EXPECT_THAT(by_path.environment(2),
              testing::ElementsAre(testing::Pair("NVIDIA_TF32_OVERRIDE", "0")));
  EXPECT_TRUE(is_library_variable("NVIDIA_TF32_OVERRIDE"));
  EXPECT_TRUE(is_peer("cublas"));
  EXPECT_FALSE(is_peer("openblas"));
}

// No host device has one, and nobody records it into commands.
TEST_F(CudaTest, HostDevicesHaveNoPeer) {
  Device* const device = testing_support::device_or_skip("inline://");
  std::size_t peers = 0;
  for (const Op* const op : all_ops()) {
    const auto problem = op->make_problem(op->shape_of_size(4), DType::f32);
    for (const Implementation& row : op->implementations()) {
      if (row.prepare_peer == nullptr) continue;
      ++peers;
      EXPECT_TRUE(row.unsupported(*problem, device->caps()));
      EXPECT_THROW(row.prepare({device, nullptr, nullptr}, *problem), Error);
    }
  }
  EXPECT_EQ(peers, 5U);
}

}  // namespace
}  // namespace assay::vendor::cuda
