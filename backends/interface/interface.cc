// SPDX-License-Identifier: MIT
// The few interface functions that need a body.
#include "backends/interface/device.h"
#include "backends/interface/event.h"
#include "backends/interface/kernel.h"
#include "backends/interface/timeline.h"

namespace assay {

std::string_view to_string(Access access) noexcept {
  switch (access) {
    case Access::read:
      return "read";
    case Access::write:
      return "write";
    case Access::read_write:
      return "read_write";
  }
  return "unknown";
}

Status Point::wait(Timeout timeout) const {
  if (!timeline) throw Error(StatusCode::failed_precondition, "wait on a null point");
  return timeline->wait(value, timeout);
}

std::optional<Status> Point::query() const {
  if (!timeline) throw Error(StatusCode::failed_precondition, "query of a null point");
  return timeline->query(value);
}

const Point& Event::point() const {
  if (!recorded()) {
    throw Error(StatusCode::failed_precondition,
                "the event was never recorded: call Queue::record(event) first");
  }
  return point_;
}

std::unique_ptr<GraphBuilder> Device::create_graph_builder(const GraphDesc& /*desc*/) {
  throw Error(StatusCode::not_supported,
              caps().uri + " has no graphs: submit command buffers in order");
}

std::shared_ptr<MemoryPool> Device::create_memory_pool(const PoolDesc& /*desc*/) {
  throw Error(StatusCode::not_supported,
              caps().uri + " has no memory pools: create buffers and keep them");
}

}  // namespace assay
