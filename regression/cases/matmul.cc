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

// What takes long enough for hand-over between threads to average out, and not so long
// that others come in between. Smaller: 64 costs 4 us, and its ratio differed by 5 %
// from process to process; so did 128 with two units, in one session of four. Larger:
// one product of 1024 takes 17 ms, and on a shared machine nobody leaves a core alone
// for that; of its blocks one in ten was quiet.
//
// A size whose kernel scope alone differs too much for the tight tier has no other
// scope: between sessions 512 on one unit wanders by 0.8 %, between processes two units
// differ by 3 % at 256, and wider scopes were never quieter.
struct Size {
  std::uint32_t units;
  std::uint64_t n;
  bool wider_scopes;
};
constexpr Size kSizes[] = {{1, 256, true},  {1, 320, true},  {1, 384, true},
                           {1, 512, false}, {2, 256, false}, {2, 384, true},
                           {2, 512, true},  {2, 640, false}};
constexpr std::uint64_t kControlSize = 256;

// With more than one unit the serial flavour under our partition: the threads of the
// other sleep between calls, and what a wake-up costs on a shared machine made its
// ratios differ by 10 to 25 % from process to process.
const char* library_for(std::uint32_t units) {
  return units == 1 ? "openblas" : "openblas-serial";
}

Case matmul(CaseKind kind, std::uint64_t n, std::uint32_t units) {
  const std::string size = std::to_string(n);
  Case gate_case =
      one_unit_case("matmul", size + "x" + size + "x" + size, "packed", "");
  gate_case.kind = kind;
  gate_case.compute_units = units;
  return gate_case;
}

}  // namespace

std::vector<Case> matmul_cases() {
  std::vector<Case> cases;
  for (const Size& size : kSizes) {
    Case gate_case = matmul(CaseKind::op, size.n, size.units);
    gate_case.library = library_for(size.units);
    if (size.wider_scopes) {
      gate_case.scopes = {Scope::kernel, Scope::submit_to_complete,
                          Scope::with_transfer};
    }
    cases.push_back(gate_case);
  }
  for (const std::uint32_t units : {1U, 2U}) {
    cases.push_back(matmul(CaseKind::control, kControlSize, units));
    Case after = matmul(CaseKind::control_after_library, kControlSize, units);
    after.library = library_for(units);
    cases.push_back(after);
  }
  return cases;
}

}  // namespace assay::cases
