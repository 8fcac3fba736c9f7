// SPDX-License-Identifier: MIT
// What a gate session measures. Cases are listed in regression/cases/, one file a suite
// part; a case gives one gate for each of its scopes.
#ifndef ASSAY_REGRESSION_MEASURE_CASE_H_
#define ASSAY_REGRESSION_MEASURE_CASE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "regression/measure/sample.h"

namespace assay::measure {

enum class CaseKind : std::uint8_t {
  op,      // a custom implementation against a library
  figure,  // a cost of the runtime against a calibration loop on the host
  // Controls: no gates, but a session is believed only as far as they hold.
  control,                // a custom implementation against itself
  control_after_library,  // the same, one arm timed right after a library's call
};

struct Case {
  CaseKind kind = CaseKind::op;
  std::string op;              // "matmul"; for figures kRuntimeOp
  std::string shape;           // "512x512x512"; for figures its name
  std::string implementation;  // "packed"; empty for figures
  // "openblas"; or, of an op that no library here has, a simpler step of its own
  // ladder. Empty for figures and `control`.
  std::string library;
  std::uint32_t compute_units = 1;
  std::vector<Scope> scopes;
  bool serial = false;  // on the serial reference device; else the virtual GPU
};

inline constexpr std::string_view kRuntimeOp = "runtime";

// "vgpu://?cus=2" or "inline://": the device of a case.
std::string device_uri(const Case& gate_case);

// The stable dotted id of the gate of a case and scope:
//   "matmul.f32.512x512x512.packed.vs.openblas.cus2.kernel"
//   "runtime.submit.cus1.call", "runtime.submit.inline.call"
//   "control.matmul.f32.256x256x256.packed.cus2.kernel"
std::string gate_id(const Case& gate_case, Scope scope);

// A suite has a name, which is its baseline's file name, and cases.
struct Suite {
  std::string name;
  std::string summary;  // one line
  std::vector<Case> cases;
};

// The ids that a session of `cases` measures, controls left out: the registry that
// baselines are checked against. Sorted.
std::vector<std::string> gate_ids(std::span<const Case> cases);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_CASE_H_
