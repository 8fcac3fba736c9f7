// SPDX-License-Identifier: MIT
// The numeric gates of the ops in device code: sizes around every run, team and chunk,
// integers at 0 ULP, the rest inside the derived bounds, guard pads intact.
#include "kernels/ops.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "kernels/common/device_dispatch.h"
#include "kernels/common/device_rows.h"
#include "tests/kernels/matmul_harness.h"
#include "tests/vulkan/vulkan_test.h"

namespace assay::vulkan {
namespace {

using testing_support::NumericGate;
using testing_support::Operands;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

// Another device in all but what a test changes.
class ForwardingDevice : public Device {
 public:
  explicit ForwardingDevice(Device& device) : device_(device), caps_(device.caps()) {}
  const Caps& caps() const noexcept override { return caps_; }
  std::shared_ptr<Buffer> create_buffer(const BufferDesc& desc) override {
    return device_.create_buffer(desc);
  }
  std::shared_ptr<Kernel> create_kernel(const KernelDesc& desc) override {
    return device_.create_kernel(desc);
  }
  std::unique_ptr<CommandEncoder> create_encoder(const EncoderDesc& desc) override {
    return device_.create_encoder(desc);
  }
  std::shared_ptr<Queue> create_queue(const QueueDesc& desc) override {
    return device_.create_queue(desc);
  }
  std::shared_ptr<Timeline> create_timeline(std::uint64_t initial) override {
    return device_.create_timeline(initial);
  }
  Status synchronize(Timeout timeout) override { return device_.synchronize(timeout); }
  std::uint64_t now_ns() const noexcept override { return device_.now_ns(); }
  Counters counters() const noexcept override { return device_.counters(); }

 private:
  Device& device_;

 protected:
  Caps caps_;
};

// What a small or an odd GPU says of itself.
class LimitedDevice final : public ForwardingDevice {
 public:
  LimitedDevice(Device& device, std::uint32_t most_groups, std::size_t alignment)
      : ForwardingDevice(device) {
    caps_.limits.max_groups_per_dimension = most_groups;
    caps_.limits.binding_alignment = alignment;
  }
};

// Keeps the code of kernels instead of compiling it.
class Collector final : public ForwardingDevice {
 public:
  using ForwardingDevice::ForwardingDevice;
  std::shared_ptr<Kernel> create_kernel(const KernelDesc& desc) override {
    codes.push_back(desc.device_code);
    return nullptr;
  }
  std::vector<std::vector<std::uint32_t>> codes;
};

class VulkanOpsTest : public VulkanTest {
 protected:
  void SetUp() override {
    VulkanTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    device_ = open();
  }
  void TearDown() override {
    device_.reset();
    VulkanTest::TearDown();
  }

  // The row of an op's table that runs here.
  const Implementation& row(const Op& op) const {
    const auto problem = op.make_problem(op.shape_of_size(4), DType::f32);
    for (const Implementation& candidate : op.implementations()) {
      if (!candidate.unsupported(*problem, device_->caps())) return candidate;
    }
    throw Error(StatusCode::internal, std::string(op.name()) + ": nothing runs here");
  }
  void expect_right(const std::string& name, std::initializer_list<const char*> shapes,
                    Device* on = nullptr) {
    const Op& op = *find_op(name);
    std::size_t turn = 0;
    for (const char* const shape : shapes) {
      // Integers for every shape, the others in turn.
      const DataFamily others[] = {DataFamily::integers,
                                   kAllDataFamilies[1 + turn++ % 4]};
      for (const DataFamily family : others) {
        const NumericGate gate(op, shape, family, ++seed_);
        EXPECT_TRUE(gate.accepts(on == nullptr ? *device_ : *on, row(op)))
            << name << " " << shape << ", " << to_string(family) << ", seed " << seed_;
      }
    }
  }
  std::vector<float> output_of(const std::string& name, const std::string& shape,
                               const Operands& operands, Device* on = nullptr) {
    const Op& op = *find_op(name);
    return testing_support::run_once(on == nullptr ? *device_ : *on, row(op),
                                     *op.make_problem(shape, DType::f32), operands)
        .output;
  }
  // Operands of the shape with x of the caller's making.
  Operands with_x(const std::string& name, const std::string& shape,
                  const std::vector<float>& x) {
    Operands operands = testing_support::make_operands(
        *find_op(name)->make_problem(shape, DType::f32), DataFamily::uniform, 1);
    operands[0] = testing_support::bytes_of_floats(x);
    return operands;
  }

  std::shared_ptr<Device> device_;
  std::uint64_t seed_ = 0;
};

// A run is 4, a group's round 4096 elements.
TEST_F(VulkanOpsTest, Axpy) {
  expect_right("axpy", {"0", "1", "3", "4", "5", "1023:alpha=-0.5", "1024", "4095",
                        "4096:alpha=0.3", "4097", "20479:alpha=-1.5", "20483"});
  const std::string shape = "37:alpha=0";
  Operands operands = with_x("axpy", shape, std::vector<float>(37, kNan));
  const std::vector<float> y = testing_support::floats_of(operands[1]);
  EXPECT_EQ(output_of("axpy", shape, operands), y);
}

// A chunk is 4096 elements; from two chunks on there is a second dispatch, and beyond
// 2048 chunks grow.
TEST_F(VulkanOpsTest, Reduce) {
  expect_right("reduce", {"0", "0:dot", "0:max", "1", "1:dot", "1:max", "3:dot",
                          "5:max", "1023", "1027:dot", "4095", "4096:max", "4097",
                          "4099:dot", "8193:max", "70001", "70003:dot", "69999:max"});
  const NumericGate large(*find_op("reduce"), "8392707", DataFamily::uniform, 1);
  EXPECT_TRUE(large.accepts(*device_, row(*find_op("reduce"))));
}

// Wherever it stands: in a round, in the rest of a chunk, in the rest of a run, in the
// partial results.
TEST_F(VulkanOpsTest, ANanIsTheLargest) {
  for (const std::size_t n : {7U, 4096U, 9001U}) {
    const std::string shape = std::to_string(n) + ":max";
    for (const std::size_t at : {std::size_t{0}, n / 2, n - 2, n - 1}) {
      std::vector<float> x(n, -2);
      x[(at + n / 3) % n] = kInf;
      EXPECT_EQ(output_of("reduce", shape, with_x("reduce", shape, x))[0], kInf);
      x[at] = -kNan;
      EXPECT_TRUE(std::isnan(output_of("reduce", shape, with_x("reduce", shape, x))[0]))
          << n << ", " << at;
    }
  }
}

// A tile is 64 x 64; the third row of shapes takes the path without cut runs.
TEST_F(VulkanOpsTest, Transpose) {
  expect_right("transpose",
               {"0x7", "7x0", "1x1", "1x9", "9x1", "3x5:lda=6", "63x65", "65x63:ldb=80",
                "127x130:lda=131:ldb=129", "193x66", "65x64", "64x66:lda=68", "64x64",
                "4x4", "68x132:lda=136:ldb=72", "128x60:ldb=132", "60x128"});
}

// Teams of 1 to 256 threads; rows that are kept and rows that are read again; runs that
// are cut.
TEST_F(VulkanOpsTest, Softmax) {
  expect_right("softmax", {"0x7", "7x0", "1x1", "300x1", "5x3", "4x4", "3x16", "9x17",
                           "3x31", "70x128", "37x301", "3x1000", "2x1022", "3x4096",
                           "2x4100", "2x5003", "1x9001"});
}

TEST_F(VulkanOpsTest, Layernorm) {
  expect_right("layernorm", {"0x7", "7x0", "1x1", "300x1", "5x3", "4x4", "3x16", "9x17",
                             "3x31:eps=1", "70x128", "37x301", "3x1000", "2x1022",
                             "3x4096", "2x4100", "2x5003", "1x9001"});
}

// A tile is 8 x 16, and a round of the depth 512 terms.
TEST_F(VulkanOpsTest, Mlp) {
  expect_right("mlp", {"0x3x4x5", "3x0x4x5", "3x4x0x5", "3x4x5x0", "1x1x1x1", "2x3x4x5",
                       "32x64x128x64", "33x68x132x4", "31x67x65x9", "70x4x8x12",
                       "5x130x7x66", "9x516x20x1028", "7x515x17x3"});
}

// A bad element spoils its own row and no other; softmax is 0 at -Inf, and a row of
// nothing else is NaN.
TEST_F(VulkanOpsTest, BadElementsSpoilTheirRow) {
  for (const std::size_t cols : {3U, 20U, 301U, 4100U}) {
    const std::string shape = "3x" + std::to_string(cols);
    for (const char* const op : {"softmax", "layernorm"}) {
      for (const float bad : {kNan, kInf}) {
        std::vector<float> x(3 * cols, 0.5F);
        x[cols + cols / 2] = bad;
        const auto y = output_of(op, shape, with_x(op, shape, x));
        for (std::size_t i = 0; i < y.size(); ++i) {
          ASSERT_EQ(std::isnan(y[i]), i / cols == 1) << op << shape << ", " << i;
        }
      }
    }
    std::vector<float> x(3 * cols, -kInf);
    x[cols] = 3e38F;
    x[cols + 1] = -3e38F;
    x[2 * cols - 1] = 3e38F;
    const auto y = output_of("softmax", shape, with_x("softmax", shape, x));
    EXPECT_TRUE(std::isnan(y[0]) && std::isnan(y[3 * cols - 1]));
    EXPECT_EQ(y[cols], 0.5F);
    EXPECT_EQ(y[cols + 1], 0.0F);
    EXPECT_EQ(y[2 * cols - 1], 0.5F);
  }
}

// A grid of three groups a dimension is folded, and its last groups have no work; where
// slices start at multiples of four bytes nothing is read 16 at a time.
TEST_F(VulkanOpsTest, OddLimits) {
  LimitedDevice narrow(*device_, 3, 16);
  LimitedDevice unaligned(*device_, 65535, 4);
  for (Device* const device :
       {static_cast<Device*>(&narrow), static_cast<Device*>(&unaligned)}) {
    expect_right("axpy", {"17001", "16384"}, device);
    expect_right("transpose", {"68x260", "65x257"}, device);
    expect_right("softmax", {"5x1024", "1200x3"}, device);
    expect_right("layernorm", {"5x1024", "1200x3"}, device);
  }
  expect_right("reduce", {"1026", "4096:dot", "4098:max"}, &unaligned);
}

TEST_F(VulkanOpsTest, FoldedGrids) {
  Caps caps;
  caps.limits.max_groups_per_dimension = 65535;
  EXPECT_EQ(folded_grid(0, caps), (Dim3{0, 1, 1}));
  EXPECT_EQ(folded_grid(65535, caps), (Dim3{65535, 1, 1}));
  EXPECT_EQ(folded_grid(65536, caps), (Dim3{32768, 2, 1}));
  EXPECT_EQ(folded_grid(131071, caps), (Dim3{43691, 3, 1}));
}

TEST_F(VulkanOpsTest, TeamsFitTheirRows) {
  Caps gpu;
  gpu.limits.max_groups_per_dimension = 65535;
  gpu.limits.binding_alignment = 16;
  EXPECT_EQ(device_rows(10, 1, gpu).text(), "team=1 kept=1 guarded");
  EXPECT_EQ(device_rows(10, 1, gpu).groups, (Dim3{1, 1, 1}));
  EXPECT_EQ(device_rows(10, 64, gpu).text(), "team=4 kept=4 wide");
  EXPECT_EQ(device_rows(130, 68, gpu).text(), "team=8 kept=3 wide");
  EXPECT_EQ(device_rows(130, 68, gpu).groups, (Dim3{5, 1, 1}));
  EXPECT_EQ(device_rows(2, 32768, gpu).text(), "team=256 kept=32 wide");
  EXPECT_EQ(device_rows(2, 32772, gpu).text(), "team=256 kept=0 wide");
}

// The same bits in every run, with a host of groups in any order.
TEST_F(VulkanOpsTest, SameBitsInEveryRun) {
  const std::pair<const char*, const char*> cases[] = {{"axpy", "20483:alpha=0.3"},
                                                       {"reduce", "70001"},
                                                       {"softmax", "37x301"},
                                                       {"layernorm", "37x301"}};
  for (const auto& [name, shape] : cases) {
    const auto problem = find_op(name)->make_problem(shape, DType::f32);
    const Operands operands =
        testing_support::make_operands(*problem, DataFamily::uniform, 9);
    const auto first = output_of(name, shape, operands);
    for (int run = 0; run < 3; ++run) {
      const auto again = output_of(name, shape, operands);
      ASSERT_EQ(again.size(), first.size());
      EXPECT_EQ(std::memcmp(again.data(), first.data(), 4 * first.size()), 0) << name;
    }
  }
}

// 8 threads here, 32 or 64 on a GPU: no code asks, so that none can differ.
TEST_F(VulkanOpsTest, NothingDependsOnTheSubgroup) {
  constexpr std::uint32_t kOpCapability = 17;
  Collector collector(*device_);
  for (const Op* const op : all_ops()) {
    const auto problem = op->make_problem(op->shape_of_size(64), DType::f32);
    for (const Implementation& candidate : op->implementations()) {
      if (candidate.unsupported(*problem, device_->caps())) continue;
      if (candidate.prepare_peer != nullptr) continue;  // no code of ours
      // It asks for a size (Caps::matrix_team): that is what a matrix unit works for.
      if (candidate.name == "fragments") continue;
      candidate.prepare({&collector, nullptr, nullptr}, *problem);
    }
  }
  ASSERT_GE(collector.codes.size(), 6U);
  for (const auto& code : collector.codes) {
    for (std::size_t at = 5; at < code.size(); at += code[at] >> 16) {
      ASSERT_NE(code[at] >> 16, 0U);
      if ((code[at] & 0xffffU) != kOpCapability) continue;
      // GroupNonUniform and its kin.
      EXPECT_FALSE(code[at + 1] >= 61 && code[at + 1] <= 68);
    }
  }
}

}  // namespace
}  // namespace assay::vulkan
