// SPDX-License-Identifier: MIT
// NaN, infinities, signed zeros and denormals, with the alpha and beta rules of BLAS.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "kernels/matmul/problem.h"
#include "tests/kernels/matmul_harness.h"

namespace assay {
namespace {

using testing_support::bytes_of_floats;
using testing_support::floats_of;
using testing_support::NumericGate;
using testing_support::Operands;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kDenormal = std::numeric_limits<float>::denorm_min() * 1000;

class MatmulSpecialValuesTest : public testing::TestWithParam<const Implementation*> {
 protected:
  void SetUp() override { device_ = testing_support::device_or_skip("inline://"); }

  Operands operands(const std::string& shape) const {
    const auto problem = matmul::kOp.make_problem(shape, DType::f32);
    Operands result =
        testing_support::make_operands(*problem, DataFamily::integers, 11);
    // Integers without zeros: 0 * inf would be NaN where infinity is meant.
    for (std::size_t i = 0; i < 2; ++i) {
      std::vector<float> values = floats_of(result[i]);
      for (float& value : values) {
        if (value == 0.0F) value = 2.0F;
      }
      result[i] = bytes_of_floats(values);
    }
    return result;
  }
  static void set(Operands& operands, std::size_t which, std::size_t at, float value) {
    std::vector<float> values = floats_of(operands[which]);
    values[at] = value;
    operands[which] = bytes_of_floats(values);
  }
  static void set_all(Operands& operands, std::size_t which, float value) {
    operands[which] = bytes_of_floats(
        std::vector<float>(operands[which].size() / sizeof(float), value));
  }
  // Gives the output, after the gate and on every ISA.
  std::vector<float> expect_right(const std::string& shape, const Operands& data) {
    const NumericGate gate(shape, DataFamily::uniform, data);
    std::vector<float> output;
    for (const Isa isa : available_isas()) {
      const testing_support::IsaOverride override_isa(isa);
      EXPECT_TRUE(gate.accepts(*device_, *GetParam())) << to_string(isa);
      output =
          testing_support::run_once(*device_, *GetParam(), gate.problem(), data).output;
    }
    return output;
  }

  Device* device_ = nullptr;
};

// One bad element of A reaches its row of C and nothing else; one of B its column.
TEST_P(MatmulSpecialValuesTest, BadElementsReachTheirRowAndColumnOnly) {
  const std::string shape = "37x45x29";
  for (const float bad : {kNan, kInf, -kInf}) {
    Operands data = operands(shape);
    set(data, matmul::kA, 20 * 29 + 28, bad);  // row 20, last step
    set(data, matmul::kB, 28 * 45 + 44, bad);  // column 44, last step
    const std::vector<float> c = expect_right(shape, data);
    for (std::size_t i = 0; i < 37; ++i) {
      for (std::size_t j = 0; j < 45; ++j) {
        EXPECT_EQ(!std::isfinite(c[i * 45 + j]), i == 20 || j == 44) << i << "," << j;
      }
    }
  }
}

TEST_P(MatmulSpecialValuesTest, OppositeInfinitiesAreNan) {
  Operands data = operands("5x6x7");
  set_all(data, matmul::kB, 1.0F);
  set(data, matmul::kA, 0, kInf);
  set(data, matmul::kA, 3, -kInf);
  const std::vector<float> c = expect_right("5x6x7", data);
  EXPECT_TRUE(std::isnan(c[0]));
}

TEST_P(MatmulSpecialValuesTest, AlphaZeroReadsNeitherInput) {
  for (const std::string shape :
       {"17x33x9:alpha=0", "17x33x9:alpha=0:beta=1", "17x33x9:alpha=0:beta=-2"}) {
    Operands data = operands(shape);
    set_all(data, matmul::kA, kNan);
    set_all(data, matmul::kB, kInf);
    expect_right(shape, data);
  }
}

TEST_P(MatmulSpecialValuesTest, BetaZeroDoesNotReadTheOutput) {
  // make_operands() fills an output that is only written with NaN (the poison); here
  // infinities as well, which 0 * c would turn into NaN.
  for (const float old : {kNan, kInf}) {
    for (const std::string shape : {"17x33x9", "17x33x0", "17x33x300"}) {
      Operands data = operands(shape);
      set_all(data, matmul::kC, old);
      expect_right(shape, data);
    }
  }
}

TEST_P(MatmulSpecialValuesTest, BetaCarriesBadOldValues) {
  const std::string shape = "17x33x9:beta=1";
  Operands data = operands(shape);
  set(data, matmul::kC, 0, kNan);
  set(data, matmul::kC, 100, -kInf);
  const std::vector<float> c = expect_right(shape, data);
  EXPECT_TRUE(std::isnan(c[0]));
  EXPECT_EQ(c[100], -kInf);
}

TEST_P(MatmulSpecialValuesTest, DenormalsAreNotFlushed) {
  Operands data = operands("6x5x3");
  set_all(data, matmul::kA, kDenormal);
  set_all(data, matmul::kB, 1.0F);
  const std::vector<float> c = expect_right("6x5x3", data);
  EXPECT_EQ(c[0], 3 * kDenormal);
}

// Their few bits are what alpha makes large.
TEST_P(MatmulSpecialValuesTest, ProductsAmongTheDenormalsUnderALargeAlpha) {
  for (const std::string shape :
       {"4x28x107:alpha=1e38", "33x65x40:alpha=-1e30:beta=2", "3x300x9:alpha=1e38"}) {
    const auto problem = matmul::kOp.make_problem(shape, DType::f32);
    Operands data = testing_support::make_operands(*problem, DataFamily::uniform, 3);
    for (std::size_t i = 0; i < 2; ++i) {
      std::vector<float> values = floats_of(data[i]);
      for (float& value : values) value *= 0x1p-70F;
      data[i] = bytes_of_floats(values);
    }
    expect_right(shape, data);
  }
}

TEST_P(MatmulSpecialValuesTest, SignedZerosAndOverflow) {
  Operands data = operands("3x3x2");
  set_all(data, matmul::kA, -0.0F);
  expect_right("3x3x2", data);
  set_all(data, matmul::kA, 3e38F);
  set_all(data, matmul::kB, 3e38F);
  const std::vector<float> c = expect_right("3x3x2", data);
  EXPECT_EQ(c[0], kInf);
}

// A and B may be the same memory.
TEST_P(MatmulSpecialValuesTest, InputsMayBeOneBuffer) {
  const auto problem = matmul::kOp.make_problem("33x33x33:nt", DType::f32);
  Operands data = testing_support::make_operands(*problem, DataFamily::integers, 4);
  data[matmul::kB] = data[matmul::kA];
  const NumericGate gate(problem->shape(), DataFamily::integers, data);

  const std::size_t bytes = data[matmul::kA].size();
  const auto staging = device_->create_buffer({bytes, MemoryKind::host, "staging"});
  const auto both = device_->create_buffer({bytes, MemoryKind::device, "a and b"});
  const auto c = device_->create_buffer({bytes, MemoryKind::unified, "c"});
  {
    const Mapping mapping = staging->map();
    std::copy(data[matmul::kA].begin(), data[matmul::kA].end(),
              mapping.bytes().begin());
  }
  const auto prepared = GetParam()->prepare({device_, nullptr}, *problem);
  const auto encoder = device_->create_encoder();
  encoder->copy({staging}, {both});
  const std::vector<BufferSlice> slices = {{both}, {both}, {c}};
  prepared->record(*encoder, slices);
  const Status status = device_->create_queue()->submit(encoder->finish()).wait();
  ASSERT_TRUE(status.ok()) << status.to_string();
  const Mapping mapping = c->map();
  const auto values = mapping.as<float>();
  const CheckResult result = gate.check({values.begin(), values.end()});
  EXPECT_TRUE(result.ok) << result.detail;
}

std::string implementation_name(
    const testing::TestParamInfo<const Implementation*>& info) {
  return std::string(info.param->name);
}

INSTANTIATE_TEST_SUITE_P(All, MatmulSpecialValuesTest,
                         testing::ValuesIn(testing_support::custom_implementations()),
                         implementation_name);

}  // namespace
}  // namespace assay
