// SPDX-License-Identifier: MIT
#include "regression/cases/cases.h"

#include <utility>

namespace assay::cases {
namespace {

measure::Suite core() {
  measure::Suite suite{
      "core", "kernels against OpenBLAS, and what the runtime costs", {}};
  for (auto part : {matmul_cases, vector_cases, runtime_cases}) {
    for (measure::Case& gate_case : part()) {
      suite.cases.push_back(std::move(gate_case));
    }
  }
  return suite;
}

}  // namespace

std::span<const measure::Suite> all_suites() {
  static const std::vector<measure::Suite> kSuites = {
      core(), {"ops", "every other op against its library, on one unit", op_cases()}};
  return kSuites;
}

measure::Case one_unit_case(std::string_view op, std::string_view shape,
                            std::string_view implementation, std::string_view library) {
  measure::Case gate_case;
  gate_case.kind = measure::CaseKind::op;
  gate_case.op = op;
  gate_case.shape = shape;
  gate_case.implementation = implementation;
  gate_case.library = library;
  gate_case.scopes = {measure::Scope::kernel};
  return gate_case;
}

}  // namespace assay::cases
