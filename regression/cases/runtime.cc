// SPDX-License-Identifier: MIT
// What the runtime costs: figures of measure/figures.h against a calibration loop on
// the host.
#include <string>
#include <string_view>

#include "regression/cases/cases.h"

namespace assay::cases {
namespace {

using measure::Case;

// On the serial device: the front end, with no second thread. A hand-over between two
// threads depends on where the scheduler put them: on a machine of two processors
// `submit` was bimodal by a factor of 3 from process to process, wide_dispatch differed
// by 3 to 20 %, two_queues by 3 to 10 %. Too noisy here as well: submit alone and
// pool_cycle, 2 to 4 % between processes; round_trip and its kin hold the submit.
constexpr std::string_view kSerial[] = {
    "encode",        "round_trip",  "event_sync",     "device_sync",     "cross_queue",
    "wide_dispatch", "graph_chain", "graph_branches", "kernel_cache_hit"};

Case figure(std::string_view name) {
  Case gate_case;
  gate_case.kind = measure::CaseKind::figure;
  gate_case.op = measure::kRuntimeOp;
  gate_case.shape = name;
  gate_case.scopes = {measure::Scope::call};
  return gate_case;
}

}  // namespace

std::vector<Case> runtime_cases() {
  std::vector<Case> cases;
  for (const std::string_view name : kSerial) {
    cases.push_back(figure(name));
    cases.back().serial = true;
  }
  return cases;
}

}  // namespace assay::cases
