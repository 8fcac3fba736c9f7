// SPDX-License-Identifier: MIT
#include "backends/runtime/queue_core.h"

#include <cstdlib>
#include <new>
#include <utility>

#include "backends/runtime/device_core.h"

namespace assay::runtime {

void QueueCore::HistoryDeleter::operator()(TimedPoint* history) const noexcept {
  std::free(history);
}

QueueCore::QueueCore(DeviceCore& device, std::string label)
    : device_(device),
      label_(std::move(label)),
      timeline_(std::make_shared<TimelineCore>(0)),
      history_(static_cast<TimedPoint*>(
          std::calloc(Queue::kTimestampHistory, sizeof(TimedPoint)))) {
  if (!history_) throw std::bad_alloc();
  timeline_->producer = this;
}

QueueCore::~QueueCore() {
  // One by one: a long list of unique_ptr would recurse.
  while (head_) head_ = std::move(head_->next);
  while (spare_) spare_ = std::move(spare_->next);
}

std::uint64_t QueueCore::last_submitted() const {
  const std::lock_guard lock(mutex_);
  return last_submitted_;
}

std::optional<Timestamps> QueueCore::timestamps(std::uint64_t value) const {
  const std::lock_guard lock(mutex_);
  const TimedPoint& entry = history_[value % Queue::kTimestampHistory];
  if (value == 0 || entry.value != value) return std::nullopt;
  return entry.times;
}

std::unique_ptr<Submission> QueueCore::new_submission() {
  {
    const std::lock_guard lock(mutex_);
    if (spare_) {
      std::unique_ptr<Submission> submission = std::move(spare_);
      spare_ = std::move(submission->next);
      return submission;
    }
  }
  return std::make_unique<Submission>();
}

void QueueCore::check(const Submission& submission) const {
  const SubmittingQueue self = {this, timeline_.get(), last_submitted_};
  check_waits(self, submission.waits);
  if (submission.signals.empty()) return;
  check_signals(self, submission.signals);
  check_no_deadlock(submission.signals, submission.waits);
  if (waiting_submissions_ == 0) return;
  for (const Submission* s = head_.get(); s != nullptr; s = s->next.get()) {
    check_no_deadlock(submission.signals, s->waits);
  }
}

std::uint64_t QueueCore::enqueue(std::unique_ptr<Submission> submission) {
  const std::lock_guard lock(mutex_);
  if (!submission->waits.empty() || !submission->signals.empty()) check(*submission);
  for (const CorePoint& signal : submission->signals) {
    signal.timeline->producer = this;
    signal.timeline->promised = signal.value;
  }
  submission->value = ++last_submitted_;
  submission->times = {};
  const std::uint64_t now = clock_ns();
  submission->times.enqueued_ns = now;
  if (!submission->waits.empty()) ++waiting_submissions_;
  Submission* added = submission.get();
  if (tail_ != nullptr) {
    tail_->next = std::move(submission);
  } else {
    head_ = std::move(submission);
  }
  tail_ = added;
  if (state_ == State::idle) {
    state_ = State::scheduled;
    schedule_due_ = true;
    handover_.submitted(now);
    device_.queue_became_busy();
  }
  return added->value;
}

void QueueCore::schedule_if_due() {
  bool due = false;
  {
    const std::lock_guard lock(mutex_);
    std::swap(due, schedule_due_);
  }
  if (due) {
    device_.engine().submitted(shared_from_this());
  } else if (handover_.held()) {
    // One more before the wait for the first: this is a stream, not a call.
    device_.engine().release(*this);
  }
}

std::uint32_t QueueCore::next_library_threads() const {
  const std::lock_guard lock(mutex_);
  return head_ && head_->commands ? head_->commands->library_threads() : 0;
}

bool QueueCore::next_is_narrow() const {
  const std::lock_guard lock(mutex_);
  return !head_ || !head_->commands || head_->commands->narrow();
}

void QueueCore::on_timeline() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::parked) return;
    state_ = State::scheduled;
    device_.queue_became_busy();
  }
  device_.engine().schedule(shared_from_this());
}

void QueueCore::abort_parked() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    if (state_ != State::parked) return;
    state_ = State::scheduled;
    device_.queue_became_busy();
  }
  device_.engine().schedule(shared_from_this());
}

// True when `submission` may go on: all waits met, or one failed (status set). A
// failure does not wait for the other points, so all that are pending are listened to.
bool QueueCore::resolve_waits(Submission& submission) {
  bool pending = false;
  for (CorePoint& wait : submission.waits) {
    std::optional<Status> outcome = wait.timeline->query(wait.value);
    if (!outcome && closing_) {
      outcome = Status(StatusCode::aborted,
                       "the device was closed while this waited for a point that "
                       "nobody can signal any more");
    }
    if (!outcome) {
      try {
        wait.subscribed =
            wait.subscribed || wait.timeline->subscribe(wait.value, shared_from_this());
      } catch (const std::bad_alloc&) {
        submission.status =
            Status(StatusCode::out_of_memory, "no memory to wait for a point");
        return true;
      }
      if (wait.subscribed) {
        pending = true;
        continue;
      }
      outcome = wait.timeline->query(wait.value);
    }
    if (!outcome->ok()) {
      submission.status =
          Status(StatusCode::aborted, "a point this waits for failed", *outcome);
      return true;
    }
  }
  return !pending;
}

Submission* QueueCore::take() {
  const std::lock_guard lock(mutex_);
  state_ = State::draining;
  if (!head_) {
    state_ = State::idle;
    device_.queue_became_quiet();
    return nullptr;
  }
  if (!failure_.ok()) {
    head_->status = Status(StatusCode::aborted,
                           "an earlier submission of the queue failed", failure_);
  } else if (!resolve_waits(*head_)) {
    state_ = State::parked;
    device_.queue_became_quiet();
    return nullptr;
  }
  head_->times.ready_ns = clock_ns();
  return head_.get();
}

bool QueueCore::leave() {
  const std::lock_guard lock(mutex_);
  if (head_) {
    state_ = State::scheduled;
    return true;
  }
  state_ = State::idle;
  device_.queue_became_quiet();
  return false;
}

void QueueCore::finish(Submission& submission, const Status& status) {
  const std::uint64_t value = submission.value;
  // Resources go before the point is reached: who waited for the point may count on it.
  submission.commands.reset();
  submission.times.ended_ns = clock_ns();
  std::vector<CorePoint> signals = std::move(submission.signals);
  {
    const std::lock_guard lock(mutex_);
    history_[value % Queue::kTimestampHistory] = {value, submission.times};
    if (!status.ok() && failure_.ok()) failure_ = status;
    if (!submission.waits.empty()) --waiting_submissions_;
    submission.waits.clear();
    submission.signals.clear();
    submission.status = Status();
    std::unique_ptr<Submission> done = std::move(head_);
    head_ = std::move(done->next);
    if (!head_) tail_ = nullptr;
    done->next = std::move(spare_);
    spare_ = std::move(done);
  }
  if (status.ok()) {
    for (const CorePoint& signal : signals) signal.timeline->advance(signal.value);
    timeline_->advance(value);
  } else {
    for (const CorePoint& signal : signals) signal.timeline->fail(status, UINT64_MAX);
    timeline_->fail(status, value);
  }
}

void QueueCore::drain(SegmentRunner& runner) {
  const std::shared_ptr<QueueCore> keep = shared_from_this();
  while (Submission* submission = take()) {
    submission->times.started_ns = clock_ns();
    Status status = submission->status;
    if (status.ok() && submission->commands) {
      const RecordedCommands& commands = *submission->commands;
      status = commands.plan() == nullptr ? runner.run_in_order(commands)
                                          : runner.run_graph(commands);
      if (status.ok()) device_.count_groups(commands.groups());
    }
    finish(*submission, status);
    if (runner.should_yield()) {
      if (leave()) device_.engine().schedule(keep);
      return;
    }
  }
}

}  // namespace assay::runtime
