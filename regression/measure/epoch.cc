// SPDX-License-Identifier: MIT
#include "regression/measure/epoch.h"

#include <algorithm>
#include <vector>

#include "regression/measure/sample.h"

namespace assay::measure {
namespace {

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

}  // namespace

EpochPart median_of_quiet(std::span<const EpochPart> parts, double quiet_ns,
                          std::size_t wanted) {
  const auto is_quiet = [&](const EpochPart& part) {
    return part.probe_ns <= quiet_ns;
  };
  const auto quiet = static_cast<std::size_t>(std::ranges::count_if(parts, is_quiet));
  const bool enough = quiet > 0 && 2 * quiet >= wanted;
  EpochPart epoch;
  std::vector<double> host;
  std::vector<double> on_device;
  for (const EpochPart& part : parts) {
    if (enough && !is_quiet(part)) continue;
    host.push_back(part.host_ns);
    on_device.push_back(part.device_ns);
    epoch.probe_ns = std::max(epoch.probe_ns, part.probe_ns);
  }
  epoch.host_ns = median_of(std::move(host));
  epoch.device_ns = median_of(std::move(on_device));
  return epoch;
}

EpochTimer::EpochTimer(Device& device, Pass pass, const EpochPlan& plan)
    : pass_(pass), plan_(plan), probe_(device) {}

double EpochTimer::probe() {
  const double ns = probe_.run();
  shortest_ns_ = std::min(shortest_ns_, ns);
  return ns;
}

EpochPart EpochTimer::run(Contestant& arm) {
  const auto per_part = static_cast<double>(plan_.iterations);
  std::vector<EpochPart> parts;
  double before = probe();
  std::uint64_t quiet = 0;
  while (quiet < plan_.parts && parts.size() < plan_.max_parts) {
    const EpochTime time = arm.time(pass_, plan_.iterations);
    const double after = probe();
    parts.push_back(
        {time.host_ns / per_part, time.device_ns / per_part, std::max(before, after)});
    if (parts.back().probe_ns <= kQuietProbe * shortest_ns_) ++quiet;
    before = after;
  }
  return median_of_quiet(parts, kQuietProbe * shortest_ns_, plan_.parts);
}

}  // namespace assay::measure
