// SPDX-License-Identifier: MIT
// A named snapshot of a queue's progress, for code that thinks in events.
#ifndef ASSAY_BACKENDS_INTERFACE_EVENT_H_
#define ASSAY_BACKENDS_INTERFACE_EVENT_H_

#include <optional>

#include "backends/interface/status.h"
#include "backends/interface/timeline.h"

namespace assay {

// Queue::record(event) makes the event stand for everything submitted to that queue so
// far. Recording again moves it; waits that took the earlier snapshot keep it. Belongs
// to one thread at a time.
class Event {
 public:
  bool recorded() const noexcept { return point_.timeline != nullptr; }
  // The snapshot. Throws failed_precondition when never recorded: a wait that silently
  // does nothing is a lost dependency.
  const Point& point() const;
  // Waits for its own point and nothing else: work submitted later, or to other queues,
  // does not extend it. Throws failed_precondition when never recorded.
  Status synchronize(Timeout timeout = kForever) const { return point().wait(timeout); }
  // nullopt while the point is not reached.
  std::optional<Status> query() const { return point().query(); }

 private:
  friend class Queue;
  Point point_;
};

}  // namespace assay

#endif  // ASSAY_BACKENDS_INTERFACE_EVENT_H_
