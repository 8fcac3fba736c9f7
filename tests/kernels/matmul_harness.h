// SPDX-License-Identifier: MIT
// Runs one implementation on one device, the way a measurement does, and looks at
// everything it may have damaged.
#ifndef TESTS_KERNELS_MATMUL_HARNESS_H_
#define TESTS_KERNELS_MATMUL_HARNESS_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "backends/interface/device.h"
#include "kernels/common/isa.h"
#include "kernels/common/op.h"

namespace assay {

// GoogleTest would print the address, and CTest would take it for a part of the name.
inline void PrintTo(const Implementation* implementation, std::ostream* out) {
  *out << implementation->name;
}

namespace testing_support {

using Operands = std::vector<std::vector<std::byte>>;

// Operands of a problem, filled. An output that is only written holds the poison, gaps
// included; one that is read as well holds data.
Operands make_operands(const Problem& problem, DataFamily family, std::uint64_t seed);

struct Outcome {
  std::vector<float> output;
  std::string damage;  // what else changed: inputs, guard pads; empty when nothing
  std::string configuration;  // Prepared::configuration()
};

// Prepares `implementation` and runs it once on copies of `operands`, each with a guard
// pad before and after. Fails the current test when the device does.
Outcome run_once(Device& device, const Implementation& implementation,
                 const Problem& problem, const Operands& operands,
                 const vendor::Library* library = nullptr);

bool same_bits(const std::vector<float>& a, const std::vector<float>& b);

// The ISAs of this machine on which it is other code: all where its configuration names
// one ("isa="), else the first alone.
std::vector<Isa> isas_of(const Implementation& implementation, const Problem& problem);

// A problem with data, its oracle computed once.
class NumericGate {
 public:
  NumericGate(const Op& op, std::string_view shape, DataFamily family,
              std::uint64_t seed);
  // The same with operands of the caller's making.
  NumericGate(const Op& op, std::string_view shape, DataFamily family,
              Operands operands);
  // Of matmul.
  NumericGate(std::string_view shape, DataFamily family, std::uint64_t seed);
  NumericGate(std::string_view shape, DataFamily family, Operands operands);

  const Problem& problem() const { return *problem_; }
  const Operands& operands() const { return operands_; }
  const Expected& expected() const { return expected_; }

  CheckResult check(const std::vector<float>& output) const;
  // Success when the implementation's output is right and nothing else was touched.
  testing::AssertionResult accepts(Device& device, const Implementation& implementation,
                                   const vendor::Library* library = nullptr) const;

 private:
  std::unique_ptr<Problem> problem_;
  DataFamily family_;
  Operands operands_;
  Expected expected_;
};

// A device for tests: opened once for a URI and kept. Skips the current test and
// returns null when it is absent here.
Device* device_or_skip(const std::string& uri);

// The devices that numeric tests run on.
inline const std::string kDeviceUris[] = {"inline://", "vgpu://?cus=2",
                                          "vgpu://?cus=3&executor=std"};
// "vgpu://?cus=3&executor=std" as a part of a test's name: "vgpuCus3ExecutorStd".
std::string test_name(std::string_view uri);

// Sets ASSAY_ISA while it lives.
class IsaOverride {
 public:
  explicit IsaOverride(Isa isa);
  IsaOverride(const IsaOverride&) = delete;
  IsaOverride& operator=(const IsaOverride&) = delete;
  ~IsaOverride();

 private:
  bool had_ = false;
  std::string old_;
};

// The implementations of an op that we wrote, all of them contestants, and that run on
// kDeviceUris; of matmul.
std::vector<const Implementation*> custom_implementations(const Op& op);
std::vector<const Implementation*> custom_implementations();
// Those of matmul, and `panels`: packed on small problems too, which it would rather
// not pack.
std::vector<const Implementation*> matmul_contestants();

// The operand as floats, and back.
std::vector<float> floats_of(const std::vector<std::byte>& bytes);
std::vector<std::byte> bytes_of_floats(const std::vector<float>& values);

}  // namespace testing_support
}  // namespace assay

#endif  // TESTS_KERNELS_MATMUL_HARNESS_H_
