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
  static const std::vector<measure::Suite> kSuites = {core()};
  return kSuites;
}

}  // namespace assay::cases
