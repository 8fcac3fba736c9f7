// SPDX-License-Identifier: MIT
// hazard+: finds submissions that touch the same bytes of a buffer without an order
// between them, from what kernels and library calls declare, over any device. Finds
// them also when the run came out right (race_detector.h).
//
// What it sees: dispatches, copies, fills and library calls, also as nodes of a graph;
// order by queue, by points and timelines, by what the host waited for or asked before
// it submitted, and by host calls. Two commands of one concurrent section are compared
// as well, and two nodes of a graph without a path between them. What it cannot
// see: what host calls and the host itself do to mapped memory, which nobody declares;
// and that accesses are atomic, so counters that several queues add to are reported.
//
// A run with it is not a fast one: every submission takes a detour over a timeline of
// the layer's own, so that nothing runs before it is known what it touches.
#ifndef ASSAY_BACKENDS_LAYERS_HAZARD_H_
#define ASSAY_BACKENDS_LAYERS_HAZARD_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "backends/interface/device.h"
#include "backends/layers/race_detector.h"
#include "backends/runtime/uri.h"

namespace assay::layers {

struct HazardReport {
  // One for each pair of commands and buffer, the first kMaxRaces.
  std::vector<Race> races;
  std::uint64_t found = 0;  // all of them, repetitions included
  // Submissions that wait for a signal nobody has given: not yet compared.
  std::uint64_t pending = 0;
};
inline constexpr std::size_t kMaxRaces = 100;

// For the table of backends/registry.cc. quiet=1 keeps races off stderr, where each
// first of its kind is otherwise told as it is found: a program that opens a device by
// a URI it was given may not know that there is something to ask.
std::shared_ptr<Device> wrap_in_hazard(std::shared_ptr<Device> inner,
                                       const runtime::Uri& layer);

// What the outermost hazard layer of `device` has found until now. Thread-safe. Throws
// failed_precondition when there is none.
HazardReport hazards_of(Device& device);

}  // namespace assay::layers

#endif  // ASSAY_BACKENDS_LAYERS_HAZARD_H_
