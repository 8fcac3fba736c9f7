// SPDX-License-Identifier: MIT
// matmul on the virtual GPU against OpenBLAS.
#include <cstdint>
#include <string>

#include "regression/cases/cases.h"

namespace assay::cases {
namespace {

using measure::CaseKind;
using measure::Scope;

// From a size that is all hand-over to one that fills the last-level cache. 2048 would
// take a third of a session and says nothing that 1024 does not.
constexpr std::uint64_t kSizes[] = {64, 128, 256, 512, 1024};
constexpr std::uint64_t kControlSize = 256;
constexpr std::uint32_t kUnits[] = {1, 2};

std::string cube(std::uint64_t n) {
  const std::string size = std::to_string(n);
  return size + "x" + size + "x" + size;
}

}  // namespace

std::vector<measure::Case> matmul_cases() {
  std::vector<measure::Case> cases;
  for (const std::uint32_t units : kUnits) {
    for (const std::uint64_t n : kSizes) {
      cases.push_back(
          {CaseKind::op,
           "matmul",
           cube(n),
           "packed",
           "openblas",
           units,
           {Scope::kernel, Scope::submit_to_complete, Scope::with_transfer}});
    }
    cases.push_back({CaseKind::control,
                     "matmul",
                     cube(kControlSize),
                     "packed",
                     "",
                     units,
                     {Scope::kernel}});
    cases.push_back({CaseKind::control_after_library,
                     "matmul",
                     cube(kControlSize),
                     "packed",
                     "openblas",
                     units,
                     {Scope::kernel}});
  }
  return cases;
}

}  // namespace assay::cases
