// SPDX-License-Identifier: MIT
// What the runtime costs: figures of measure/figures.h against a calibration loop on
// the host.
#include <cstdint>
#include <string>
#include <string_view>

#include "regression/cases/cases.h"

namespace assay::cases {
namespace {

using measure::Case;

// On the serial device: the front end, with no second thread. A hand-over between two
// threads depends on where the scheduler put them: on a machine of two processors
// `submit` was bimodal by a factor of 3 from process to process.
constexpr std::string_view kSerial[] = {
    "encode",         "submit",      "round_trip",      "event_sync",
    "device_sync",    "cross_queue", "wide_dispatch",   "graph_chain",
    "graph_branches", "pool_cycle",  "kernel_cache_hit"};
// On the virtual GPU: what takes long enough for that to average out. wide_dispatch
// differed by 10 to 20 % from process to process with one unit and by 3 to 5 % with
// two, two_queues with two units by 10 %.
struct Threaded {
  std::string_view figure;
  std::uint32_t units;
};
constexpr Threaded kThreaded[] = {{"two_queues", 1}};

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
  for (const Threaded& threaded : kThreaded) {
    cases.push_back(figure(threaded.figure));
    cases.back().compute_units = threaded.units;
  }
  return cases;
}

}  // namespace assay::cases
