// SPDX-License-Identifier: MIT
// A queue's state: what was submitted, in order, and who is on it.
//
//   idle ----submit----> scheduled --drain--> draining --no more--> idle
//                            ^                   |
//                            |                   v head waits for a point
//                            +--point settled-- parked
#ifndef ASSAY_BACKENDS_RUNTIME_QUEUE_CORE_H_
#define ASSAY_BACKENDS_RUNTIME_QUEUE_CORE_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "backends/interface/queue.h"
#include "backends/runtime/commands.h"
#include "backends/runtime/engine.h"
#include "backends/runtime/handover.h"
#include "backends/runtime/submit_checks.h"
#include "backends/runtime/timeline_core.h"

namespace assay::runtime {

class DeviceCore;

struct Submission {
  std::shared_ptr<const RecordedCommands> commands;  // null: synchronization only
  std::vector<CorePoint> waits;
  std::vector<CorePoint> signals;
  std::uint64_t value = 0;
  Timestamps times;
  Status status;  // not ok: fails without running
  std::unique_ptr<Submission> next;
};

// On cache lines of its own, as a TimelineCore is: threads with a queue each share
// none.
class alignas(64) QueueCore final : public TimelineListener,
                                    public std::enable_shared_from_this<QueueCore> {
 public:
  QueueCore(DeviceCore& device, std::string label);
  ~QueueCore() override;

  const std::shared_ptr<TimelineCore>& timeline() const noexcept { return timeline_; }
  std::uint64_t last_submitted() const;
  std::optional<Timestamps> timestamps(std::uint64_t value) const;

  // Takes the commands, waits and signals of `submission`; the rest is filled in.
  // Checks what needs the queue's order (see Queue::submit) and throws with nothing
  // changed. The caller holds the device's producer mutex when there are waits or
  // signals.
  std::uint64_t enqueue(std::unique_ptr<Submission> submission);
  // Recycled submissions: a warm queue allocates nothing to submit.
  std::unique_ptr<Submission> new_submission();
  // Hands the queue to the engine when enqueue() made it runnable. Not under any lock.
  void schedule_if_due();
  // Threads of the largest library call of the submission at the head; 0 when none.
  std::uint32_t next_library_threads() const;
  // RecordedCommands::narrow() of the submission at the head; true when there is none.
  bool next_is_narrow() const;
  // The engine's.
  Handover& handover() noexcept { return handover_; }
  const Handover& handover() const noexcept { return handover_; }

  // Runs what can run on the calling thread. Only after Engine::schedule().
  void drain(SegmentRunner& runner);

  // The device closes: whatever is parked fails as aborted.
  void abort_parked();

  void on_timeline() override;

 private:
  enum class State : std::uint8_t { idle, scheduled, draining, parked };
  // What submit() refuses; see submit_checks.h.
  void check(const Submission& submission) const;
  // The head, ready to run (or with a failure status); null when idle or parked.
  Submission* take();
  // The drainer goes. True when there is more to run.
  bool leave();
  void finish(Submission& submission, const Status& status);
  bool resolve_waits(Submission& submission);

  DeviceCore& device_;
  const std::string label_;
  const std::shared_ptr<TimelineCore> timeline_;

  // What a submitter and a drainer pass back and forth, in as few lines as can be.
  alignas(64) mutable std::mutex mutex_;
  State state_ = State::idle;
  bool schedule_due_ = false;
  bool closing_ = false;
  std::uint64_t last_submitted_ = 0;
  std::uint64_t waiting_submissions_ = 0;  // pending ones that have waits
  std::unique_ptr<Submission> head_;
  Submission* tail_ = nullptr;
  std::unique_ptr<Submission> spare_;  // list of recycled ones
  Status failure_;                     // set by the first failure, for good

  struct TimedPoint {
    std::uint64_t value;
    Timestamps times;
  };
  struct HistoryDeleter {
    void operator()(TimedPoint* history) const noexcept;
  };
  // A ring by value modulo its size; lazily touched pages.
  std::unique_ptr<TimedPoint[], HistoryDeleter> history_;

  Handover handover_;
};

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_QUEUE_CORE_H_
