// SPDX-License-Identifier: MIT
// The seam between the front end and a CPU device. The front end checks arguments,
// keeps queues in order and resolves waits; an engine only ever sees queues that have a
// runnable submission at their head, and decides which thread drains them.
#ifndef ASSAY_BACKENDS_RUNTIME_ENGINE_H_
#define ASSAY_BACKENDS_RUNTIME_ENGINE_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "backends/interface/caps.h"
#include "backends/runtime/commands.h"
#include "backends/runtime/timeline_core.h"

namespace assay::runtime {

class QueueCore;

class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine() = default;

  virtual const Caps& caps() const noexcept = 0;

  // There are `queues` queues now: from here on schedule() allocates nothing, since it
  // has nobody to tell that it could not. Throws std::bad_alloc.
  virtual void reserve(std::size_t queues) = 0;

  // `queue` has runnable work: some thread must call drain() on it, exactly once for
  // each schedule(). Called from any thread, inside or outside of work, with no lock
  // held.
  virtual void schedule(std::shared_ptr<QueueCore> queue) = 0;
  // The same, when a submission made it runnable: its thread may be about to wait, and
  // the queue may be left to it for a while (handover.h).
  virtual void submitted(std::shared_ptr<QueueCore> queue) {
    schedule(std::move(queue));
  }
  // Who submitted does something else: `queue` is not left to it any longer.
  virtual void release(QueueCore& /*queue*/) {}

  // The calling host thread waits without a deadline for `value` of `timeline`, which
  // `queue` (null: nobody known) advances. Executes what it may of that queue's work
  // and spins while that pays; returns when settled or when blocking is better.
  virtual void help(QueueCore* queue, const TimelineCore& timeline,
                    std::uint64_t value) = 0;
  // The same with a deadline: only spins, since work it took could outlast that.
  virtual void spin(QueueCore* queue, const TimelineCore& timeline,
                    std::uint64_t value) = 0;

  // No queue is scheduled or draining and none will be. Stops threads.
  virtual void stop() = 0;
};

// Runs the segments of one submission for drain(). One object a draining thread.
class SegmentRunner {
 public:
  SegmentRunner() = default;
  SegmentRunner(const SegmentRunner&) = delete;
  SegmentRunner& operator=(const SegmentRunner&) = delete;
  virtual ~SegmentRunner() = default;
  virtual Status run(const RecordedCommands& commands, const Segment& segment) = 0;
  // Runs commands that have a plan; where branches cannot overlap, in order.
  virtual Status run_graph(const RecordedCommands& commands) {
    return run_in_order(commands);
  }
  Status run_in_order(const RecordedCommands& commands) {
    for (const Segment& segment : commands.segments()) {
      Status status = run(commands, segment);
      if (!status.ok()) return status;
    }
    return {};
  }
  // Asked between submissions: give the queue back to the engine's ready list?
  virtual bool should_yield() = 0;
};

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_ENGINE_H_
