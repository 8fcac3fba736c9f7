// SPDX-License-Identifier: MIT
// Kernels with a mistake on purpose, for the tests of the vector and row ops.
#ifndef ASSAY_TESTS_KERNELS_OPS_HARNESS_H_
#define ASSAY_TESTS_KERNELS_OPS_HARNESS_H_

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

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

// The output of every implementation of ours on every ISA, each accepted by the gate.
inline std::vector<std::vector<float>> outputs_of_all(const Op& op,
                                                      const std::string& shape,
                                                      const Operands& data) {
  Device* const device = device_or_skip("inline://");
  const NumericGate gate(op, shape, DataFamily::uniform, data);
  std::vector<std::vector<float>> outputs;
  for (const Implementation* const row : custom_implementations(op)) {
    for (const Isa isa : available_isas()) {
      const IsaOverride override_isa(isa);
      EXPECT_TRUE(gate.accepts(*device, *row)) << to_string(isa);
      outputs.push_back(run_once(*device, *row, gate.problem(), data).output);
    }
  }
  return outputs;
}

}  // namespace assay::testing_support

#endif  // ASSAY_TESTS_KERNELS_OPS_HARNESS_H_
