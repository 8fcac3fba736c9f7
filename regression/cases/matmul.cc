// SPDX-License-Identifier: MIT
// matmul on the virtual GPU against OpenBLAS.
#include <cstdint>
#include <string>

#include "regression/cases/cases.h"

namespace assay::cases {
namespace {

using measure::Case;
using measure::CaseKind;
using measure::Scope;

// From a size that is mostly hand-over to one that fills the second-level cache. 64
// costs 4 us, and its ratio differed by 5 % from process to process. One product of
// 1024 takes 17 ms, and on a shared machine nobody leaves a core alone for so long: of
// its blocks one in ten was quiet.
constexpr std::uint64_t kSizes[] = {128, 256, 384, 512};
constexpr std::uint64_t kControlSize = 256;
constexpr std::uint32_t kUnits[] = {1, 2};

// With more than one unit the serial flavour under our partition: the threads of the
// other sleep between calls, and what a wake-up costs on a shared machine made its
// ratios differ by 10 to 25 % from process to process.
const char* library_for(std::uint32_t units) {
  return units == 1 ? "openblas" : "openblas-serial";
}

Case matmul(CaseKind kind, std::uint64_t n, std::uint32_t units) {
  Case gate_case;
  gate_case.kind = kind;
  gate_case.op = "matmul";
  const std::string size = std::to_string(n);
  gate_case.shape = size + "x" + size + "x" + size;
  gate_case.implementation = "packed";
  gate_case.compute_units = units;
  gate_case.scopes = {Scope::kernel};
  return gate_case;
}

}  // namespace

std::vector<Case> matmul_cases() {
  std::vector<Case> cases;
  for (const std::uint32_t units : kUnits) {
    for (const std::uint64_t n : kSizes) {
      Case gate_case = matmul(CaseKind::op, n, units);
      gate_case.library = library_for(units);
      gate_case.scopes = {Scope::kernel, Scope::submit_to_complete,
                          Scope::with_transfer};
      cases.push_back(gate_case);
    }
    cases.push_back(matmul(CaseKind::control, kControlSize, units));
    Case after = matmul(CaseKind::control_after_library, kControlSize, units);
    after.library = library_for(units);
    cases.push_back(after);
  }
  return cases;
}

}  // namespace assay::cases
