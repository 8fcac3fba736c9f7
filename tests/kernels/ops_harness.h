// SPDX-License-Identifier: MIT
// Kernels with a mistake on purpose, for the tests of the vector and row ops.
#ifndef ASSAY_TESTS_KERNELS_OPS_HARNESS_H_
#define ASSAY_TESTS_KERNELS_OPS_HARNESS_H_

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "kernels/common/cache_info.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "tests/kernels/matmul_harness.h"

namespace assay::testing_support {

template <typename Params, const Params& (*kParamsOf)(const Problem&),
          HostKernel kKernel>
std::unique_ptr<Prepared> prepare_mutant(const PrepareContext& context,
                                         const Problem& problem) {
  return std::make_unique<HostDispatch<Params>>(
      *context.device,
      typename HostDispatch<Params>::What{"mutant", kKernel, Dim3{}, "", 0},
      accesses_of(problem), kParamsOf(problem));
}

// A kernel of one group that gets the Params of the op.
template <typename Params, const Params& (*kParamsOf)(const Problem&),
          HostKernel kKernel>
constexpr Implementation mutant() {
  return {.name = "mutant",
          .provider = Provider::custom,
          .idea = "wrong on purpose",
          .library = {},
          .unsupported = needs_host_kernels,
          .prepare = prepare_mutant<Params, kParamsOf, kKernel>};
}

// Success when every shape rejects the implementation with every family.
inline testing::AssertionResult rejected(const Op& op,
                                         const Implementation& implementation,
                                         std::initializer_list<const char*> shapes,
                                         std::initializer_list<DataFamily> families) {
  for (const char* const shape : shapes) {
    for (const DataFamily family : families) {
      const NumericGate gate(op, shape, family, 1);
      if (gate.accepts(*device_or_skip("inline://"), implementation)) {
        return testing::AssertionFailure()
               << "accepted on " << shape << ", " << to_string(family);
      }
    }
  }
  return testing::AssertionSuccess();
}

inline float to_bfloat(float x) {
  return std::bit_cast<float>((std::bit_cast<std::uint32_t>(x) + 0x8000U) &
                              0xffff0000U);
}

// So many rows of floats that the second-level cache does not hold them.
inline std::int64_t rows_beyond_second_cache(std::int64_t cols) {
  return static_cast<std::int64_t>(cache_info().l2_bytes / sizeof(float)) / cols + 200;
}

// The output of every implementation of ours on every ISA, each accepted by the gate.
inline std::vector<std::vector<float>> outputs_of_all(const Op& op,
                                                      const std::string& shape,
                                                      const Operands& data) {
  Device* const device = device_or_skip("inline://");
  const NumericGate gate(op, shape, DataFamily::uniform, data);
  std::vector<std::vector<float>> outputs;
  for (const Implementation* const row : custom_implementations(op)) {
    for (const Isa isa : isas_of(*row, gate.problem())) {
      const IsaOverride override_isa(isa);
      EXPECT_TRUE(gate.accepts(*device, *row)) << to_string(isa);
      outputs.push_back(run_once(*device, *row, gate.problem(), data).output);
    }
  }
  return outputs;
}

// Constant operands are taken in the setup: set up once, the computation follows new
// inputs, and set up again, new constants.
inline void expect_setup_apart(const Op& op, const std::string& shape) {
  Device& device = *device_or_skip("vgpu://?cus=2");
  const auto problem = op.make_problem(shape, DType::f32);
  std::vector<std::shared_ptr<Buffer>> buffers;
  std::vector<BufferSlice> slices;
  for (const Operand& operand : problem->operands()) {
    buffers.push_back(device.create_buffer({operand.bytes(), MemoryKind::unified, ""}));
    slices.push_back({buffers.back()});
  }
  const auto run = [&](const auto& record) {
    const auto encoder = device.create_encoder();
    record(*encoder);
    ASSERT_TRUE(device.create_queue()->submit(encoder->finish()).wait().ok());
  };
  for (const Implementation* const row : custom_implementations(op)) {
    const auto prepared = row->prepare({&device}, *problem);
    auto data = make_operands(*problem, DataFamily::integers, 1);
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      const auto fresh = make_operands(*problem, DataFamily::integers, seed);
      const bool constants_too = seed != 2;
      for (std::size_t i = 0; i < data.size(); ++i) {
        if (constants_too || !problem->operands()[i].constant) data[i] = fresh[i];
        const Mapping map = buffers[i]->map();
        std::memcpy(map.bytes().data(), data[i].data(), data[i].size());
      }
      if (constants_too) {
        run([&](CommandEncoder& encoder) { prepared->record_setup(encoder, slices); });
      }
      run([&](CommandEncoder& encoder) { prepared->record(encoder, slices); });
      const NumericGate gate(op, problem->shape(), DataFamily::integers, data);
      const Mapping map = buffers[problem->output()]->map();
      const std::vector<std::byte> output(map.bytes().begin(), map.bytes().end());
      EXPECT_TRUE(gate.check(floats_of(output)).ok) << row->name << ", " << seed;
    }
  }
}

}  // namespace assay::testing_support

#endif  // ASSAY_TESTS_KERNELS_OPS_HARNESS_H_
