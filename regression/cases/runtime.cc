// SPDX-License-Identifier: MIT
// What the runtime costs: figures of measure/figures.h on the virtual GPU against a
// calibration loop on the host.
#include <cstdint>
#include <string>
#include <string_view>

#include "regression/cases/cases.h"

namespace assay::cases {
namespace {

constexpr std::string_view kFigures[] = {"encode",      "submit",        "stream",
                                         "round_trip",  "event_sync",    "device_sync",
                                         "cross_queue", "wide_dispatch", "two_queues"};
constexpr std::uint32_t kUnits[] = {1, 2};

}  // namespace

std::vector<measure::Case> runtime_cases() {
  std::vector<measure::Case> cases;
  for (const std::uint32_t units : kUnits) {
    for (const std::string_view figure : kFigures) {
      cases.push_back({measure::CaseKind::figure,
                       std::string(measure::kRuntimeOp),
                       std::string(figure),
                       "",
                       "",
                       units,
                       {measure::Scope::call}});
    }
  }
  return cases;
}

}  // namespace assay::cases
