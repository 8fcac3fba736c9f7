// SPDX-License-Identifier: MIT
// The ops beyond those of "core", on one unit against the library that is strongest in
// them. A suite of its own: it has other libraries to load, its baseline can be
// refreshed without touching core's, and each of the two is done in half the time.
#include <string_view>

#include "regression/cases/cases.h"

namespace assay::cases {
namespace {

using measure::Case;
using measure::CaseKind;

struct OpRow {
  std::string_view op;
  std::string_view shape;
  std::string_view implementation;
  std::string_view library;
};
// Sets that the second-level cache holds or, of the products, that its blocks do.
// matmul_f16 has no library here, and is held against the step before; so is softmax,
// for oneDNN's took 1.1 to 3 times as long in one process of six than in the others at
// each of eight shapes, which no number of processes makes a narrow interval of. Its
// layernorm is steady at these two shapes and not at five others, one process in ten
// doubled the time of OpenBLAS's mlp, and one in four took 1.3 times as long for its
// loop of products of 16. gaussian has no gate: while its separable step was in vectors
// of the compiler's baseline and filled the core's issue slots, the proposal was
// refused with an interval of 11 %. In vectors of the machine's that of a session of
// twelve processes is 2 to 3 % (in the same quarter of an hour on a Zen 4 11 to 13 %
// with the step as it was), but no sessions of the host class that has baselines are
// recorded with it.
constexpr OpRow kOpRows[] = {
    {"batched_matmul", "1000x4x4x4", "unrolled", "openblas"},
    {"conv2d", "1x14x14x1024x256x1x1", "prepacked", "onednn"},
    {"conv2d", "1x28x28x128x128x3x3:pad=1", "prepacked", "onednn"},
    {"layernorm", "32x1024", "streamed", "onednn"},
    {"layernorm", "4096x16", "streamed", "onednn"},
    {"matmul_bf16", "256x256x256", "packed", "onednn"},
    {"matmul_bf16", "512x512x512", "packed", "onednn"},
    {"matmul_f16", "8x512x512", "packed", "converted"},
    {"mlp", "32x512x1024x512", "prepacked", "onednn"},
    {"softmax", "512x250", "streamed", "vectorized"},
};

}  // namespace

std::vector<Case> op_cases() {
  std::vector<Case> cases;
  for (const OpRow& row : kOpRows) {
    cases.push_back(one_unit_case(row.op, row.shape, row.implementation, row.library));
  }
  for (const CaseKind kind : {CaseKind::control, CaseKind::control_after_library}) {
    const bool after = kind == CaseKind::control_after_library;
    cases.push_back(
        one_unit_case("layernorm", "32x1024", "streamed", after ? "onednn" : ""));
    cases.back().kind = kind;
  }
  return cases;
}

}  // namespace assay::cases
