// SPDX-License-Identifier: MIT
#include "regression/cli/contestants.h"

#include "kernels/vendor/known_libraries.h"
#include "kernels/vendor/peers.h"

namespace assay::cli {
namespace {

// The one that runs beside a GPU, where everything is there for it.
Libraries peers_of(const Op& op, const Problem& problem, const Caps& caps) {
  Libraries found;
  for (const Implementation& row : op.implementations()) {
    if (row.prepare_peer == nullptr) continue;
    if (const auto why = row.unsupported(problem, caps)) {
      found.none_because = *why;
      continue;
    }
    found.none_because = vendor::resolve_library(row.library).absent_because;
    if (found.none_because.empty()) {
      found.none_because = vendor::peer_absent_because(caps.hardware);
    }
    if (found.none_because.empty()) found.names.emplace_back(row.library);
  }
  if (found.names.empty() && found.none_because.empty()) {
    found.none_because = "none that runs on GPUs has " + std::string(op.name());
  }
  return found;
}

}  // namespace

std::unique_ptr<Problem> problem_to_measure(const Op& op, const std::string& shape) {
  std::unique_ptr<Problem> problem = op.make_problem(shape, DType::f32);
  for (const Operand& operand : problem->operands()) {
    if (operand.elements > 0) continue;
    throw Error(StatusCode::invalid_argument,
                shape + ": nothing to measure, an extent is zero");
  }
  return problem;
}

Libraries libraries_of(const Op& op, const Problem& problem, const Caps& caps) {
  if (!caps.host_kernels) return peers_of(op, problem, caps);
  Libraries found;
  for (const Implementation& row : op.implementations()) {
    if (row.provider != Provider::library || row.prepare_peer != nullptr) continue;
    if (const auto why = row.unsupported(problem, caps)) {
      found.none_because = std::string(row.library) + ": " + *why;
    } else {
      found.names.emplace_back(row.library);
    }
  }
  if (!found.names.empty()) found.none_because.clear();
  return found;
}

}  // namespace assay::cli
