// SPDX-License-Identifier: MIT
// An in-order stream of submissions.
#ifndef ASSAY_BACKENDS_INTERFACE_QUEUE_H_
#define ASSAY_BACKENDS_INTERFACE_QUEUE_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "backends/interface/command_buffer.h"
#include "backends/interface/event.h"
#include "backends/interface/timeline.h"

namespace assay {

struct QueueDesc {
  std::string label = {};
};

// When a submission passed its stages, in nanoseconds of the device's clock
// (Device::now_ns), taken by the executing side:
//   enqueued_ns <= ready_ns <= started_ns <= ended_ns
// ready: at the head of its queue with all waits met. Elapsed time between two points
// is ended minus ended.
struct Timestamps {
  std::uint64_t enqueued_ns = 0;
  std::uint64_t ready_ns = 0;
  std::uint64_t started_ns = 0;
  std::uint64_t ended_ns = 0;
};

// Thread-safe. Owned by shared_ptr; keeps its device open. Dropping the handle right
// after submit is safe: what was submitted still runs.
//
// Order. Submission n completes, and is visible, before n+1 starts. Submissions of
// different queues are unordered unless one waits for a point of the other, and overlap
// where Caps::concurrent_queues.
//
// Failure. When work fails, its point fails with the first status. Everything after it
// in this queue, and everything that waits for it elsewhere, does not run and fails as
// `aborted` with that cause; every waiter wakes. The queue stays failed: make a new one
// to go on. submit() on a failed queue is legal and returns a point that fails.
class Queue {
 public:
  Queue() = default;
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;
  virtual ~Queue() = default;

  // Enqueues `commands` (null: nothing to run, only synchronization) to start once all
  // `waits` are reached, and to signal `signals` when it completes. Never blocks. The
  // returned point is the submission's place on this queue's timeline.
  //
  // Throws, with nothing enqueued and no timeline value consumed:
  //   invalid_argument     a null point; an object of another device; a signal that
  //                        does not grow its timeline; a timeline signalled twice
  //   failed_precondition  a wait that only a later submission of this queue could
  //                        meet; a signal of a timeline with another producer, or one
  //                        that an earlier submission of this queue is waiting for
  virtual Point submit(std::shared_ptr<CommandBuffer> commands,
                       std::span<const Point> waits,
                       std::span<const Point> signals) = 0;
  Point submit(std::shared_ptr<CommandBuffer> commands, std::span<const Point> waits,
               std::initializer_list<Point> signals = {}) {
    return submit(std::move(commands), waits,
                  std::span(signals.begin(), signals.size()));
  }
  Point submit(std::shared_ptr<CommandBuffer> commands,
               std::initializer_list<Point> waits = {},
               std::initializer_list<Point> signals = {}) {
    return submit(std::move(commands), std::span(waits.begin(), waits.size()),
                  std::span(signals.begin(), signals.size()));
  }

  // The place of the last submission so far (value 0, reached, when there is none).
  virtual Point last() const = 0;
  // Makes `event` stand for everything submitted so far.
  void record(Event& event) const { event.point_ = last(); }

  // Waits for everything submitted to this queue before the call. Outcomes as
  // Timeline::wait.
  Status synchronize(Timeout timeout = kForever) const { return last().wait(timeout); }

  // Stages of a completed submission of this queue. The last kTimestampHistory are
  // kept; nullopt for older, unknown or unfinished ones, and without Caps::timestamps.
  static constexpr std::size_t kTimestampHistory = 4096;
  virtual std::optional<Timestamps> timestamps(const Point& point) const = 0;
};

}  // namespace assay

#endif  // ASSAY_BACKENDS_INTERFACE_QUEUE_H_
