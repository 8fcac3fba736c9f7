// SPDX-License-Identifier: MIT
#include "regression/measure/case.h"

#include <algorithm>

namespace assay::measure {

std::string device_uri(const Case& gate_case) {
  if (gate_case.serial) return "inline://";
  return "vgpu://?cus=" + std::to_string(gate_case.compute_units);
}

std::string gate_id(const Case& gate_case, Scope scope) {
  const std::string device =
      gate_case.serial ? "inline" : "cus" + std::to_string(gate_case.compute_units);
  const std::string place = "." + device + "." + std::string(to_string(scope));
  const std::string what =
      gate_case.op + ".f32." + gate_case.shape + "." + gate_case.implementation;
  switch (gate_case.kind) {
    case CaseKind::op:
      return what + ".vs." + gate_case.library + place;
    case CaseKind::figure:
      return gate_case.op + "." + gate_case.shape + place;
    case CaseKind::control:
      return "control." + what + place;
    case CaseKind::control_after_library:
      return "control." + what + ".after." + gate_case.library + place;
  }
  return {};
}

std::vector<std::string> gate_ids(std::span<const Case> cases) {
  std::vector<std::string> ids;
  for (const Case& gate_case : cases) {
    if (gate_case.kind != CaseKind::op && gate_case.kind != CaseKind::figure) continue;
    for (const Scope scope : gate_case.scopes) ids.push_back(gate_id(gate_case, scope));
  }
  std::ranges::sort(ids);
  return ids;
}

}  // namespace assay::measure
