// SPDX-License-Identifier: MIT
// The ops that memory bounds, on one unit of the virtual GPU against OpenBLAS: 256 KiB
// an operand, which the second-level cache holds. Beyond the caches a shared machine's
// bandwidth is what its neighbours leave.
#include <string_view>

#include "regression/cases/cases.h"

namespace assay::cases {
namespace {

using measure::Case;
using measure::Scope;

struct VectorRow {
  std::string_view op;
  std::string_view shape;
  std::string_view implementation;
};
// dot and not sum: OpenBLAS's own sum is wrong where it picks its Cooperlake core
// (kernels/reduce/openblas.cc).
constexpr VectorRow kVectorRows[] = {
    {"axpy", "65536", "unrolled"},
    {"reduce", "65536:dot", "blocked"},
    {"transpose", "256x256", "tiled"},
};

}  // namespace

std::vector<Case> vector_cases() {
  std::vector<Case> cases;
  for (const VectorRow& row : kVectorRows) {
    cases.push_back(one_unit_case(row.op, row.shape, row.implementation, "openblas"));
    cases.back().scopes.push_back(Scope::submit_to_complete);
  }
  return cases;
}

}  // namespace assay::cases
