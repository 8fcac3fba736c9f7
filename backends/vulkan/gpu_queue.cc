// SPDX-License-Identifier: MIT
#include "backends/vulkan/gpu_queue.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "backends/vulkan/driver_submit.h"
#include "backends/vulkan/gpu_core.h"

namespace assay::vulkan {
namespace {

using runtime::CorePoint;

GpuTimeline& timeline_of(const CorePoint& point) {
  return static_cast<GpuTimeline&>(*point.timeline);
}

}  // namespace

void GpuQueue::Aftermath::settle() {
  // Resources go before the point: who was told of it may count on that.
  release.clear();
  for (const auto& timeline : notify) timeline->notify();
}

GpuQueue::GpuQueue(GpuCore& core)
    : core_(core),
      gpu_(core.gpu()),
      real_(gpu_->assign_queue()),
      semaphore_(std::make_shared<Semaphore>(gpu_)),
      timeline_(std::make_shared<GpuTimeline>(gpu_, 0, semaphore_)),
      slots_(*gpu_) {
  timeline_->producer = this;
}

GpuQueue::~GpuQueue() = default;

std::uint64_t GpuQueue::last_submitted() const {
  const std::lock_guard lock(mutex_);
  return last_submitted_;
}

bool GpuQueue::idle() const {
  const std::lock_guard lock(mutex_);
  return held_.empty() && in_flight_.empty() && !on_host_thread_;
}

void GpuQueue::check(const GpuSubmission& submission) const {
  const runtime::SubmittingQueue self = {this, timeline_.get(), last_submitted_};
  runtime::check_waits(self, submission.waits);
  if (submission.signals.empty()) return;
  runtime::check_signals(self, submission.signals);
  runtime::check_no_deadlock(submission.signals, submission.waits);
  if (waiting_submissions_ == 0) return;
  for (const GpuSubmission& held : held_) {
    runtime::check_no_deadlock(submission.signals, held.waits);
  }
}

std::uint64_t GpuQueue::enqueue(GpuSubmission submission) {
  const std::lock_guard lock(mutex_);
  check(submission);
  // First what may run out of memory: a promise that nobody keeps would never end.
  GpuSubmission& held = held_.emplace_back(std::move(submission));
  for (const CorePoint& signal : held.signals) {
    signal.timeline->producer = this;
    signal.timeline->promised = signal.value;
  }
  held.value = ++last_submitted_;
  held.times.enqueued_ns = runtime::clock_ns();
  if (!held.waits.empty()) ++waiting_submissions_;
  return last_submitted_;
}

void GpuQueue::on_timeline() { core_.wake(shared_from_this()); }

void GpuQueue::advance() {
  Aftermath after;
  {
    const std::lock_guard lock(mutex_);
    reap_locked(after);
    hand_over(after);
  }
  after.settle();
}

void GpuQueue::reap() {
  Aftermath after;
  const std::lock_guard lock(mutex_);
  reap_locked(after);
}

void GpuQueue::abort_parked() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  advance();
}

// nullopt: not yet. A failure does not wait for the other points, so all that are
// uncertain are listened to.
std::optional<Status> GpuQueue::resolve_waits(GpuSubmission& submission) {
  bool pending = false;
  for (CorePoint& wait : submission.waits) {
    std::optional<Status> outcome = wait.timeline->query(wait.value);
    if (!outcome && closing_) {
      outcome = Status(StatusCode::aborted,
                       "the device was closed while this waited for a point that "
                       "nobody can signal any more");
    }
    if (!outcome) {
      wait.subscribed =
          wait.subscribed || wait.timeline->subscribe(wait.value, shared_from_this());
      if (wait.subscribed) {
        pending = true;
        continue;
      }
      outcome = wait.timeline->query(wait.value);
    }
    if (!outcome->ok()) {
      return Status(StatusCode::aborted, "a point this waits for failed", *outcome);
    }
  }
  if (pending) return std::nullopt;
  return Status();
}

void GpuQueue::hand_over(Aftermath& after) {
  while (!held_.empty() && !on_host_thread_) {
    GpuSubmission& head = held_.front();
    if (failure_.ok() && gpu_->lost()) failure_ = lost_status();
    if (!failure_.ok()) {
      fail_head(failure_.code() == StatusCode::device_lost
                    ? failure_
                    : Status(StatusCode::aborted,
                             "an earlier submission of the queue failed", failure_),
                after);
      continue;
    }
    const std::optional<Status> ready = resolve_waits(head);
    if (!ready) return;
    if (!ready->ok()) {
      fail_head(*ready, after);
      continue;
    }
    for (const CorePoint& wait : head.waits) {
      GpuPoint point = timeline_of(wait).locate(wait.value);
      // An earlier submission of this queue comes first anyway.
      if (point.semaphore && point.semaphore != semaphore_) {
        head.semaphores.push_back(std::move(point));
      }
    }
    head.times.ready_ns = runtime::clock_ns();
    if (head.commands && head.commands->has_host_calls()) {
      on_host_thread_ = true;
      core_.post(shared_from_this());
      return;
    }
    const Status status = submit_in_flight(head);
    if (!status.ok()) {
      fail_head(status, after);
      continue;
    }
    held_.pop_front();
    succeed(in_flight_.back(), after);
  }
}

// Room before the driver has it, and moved there as soon as it does: what it would be
// given twice, or what is released while it runs, is lost behind its back.
Status GpuQueue::submit_in_flight(GpuSubmission& submission) {
  in_flight_.emplace_back();
  Status status;
  try {
    status = submit(submission);
  } catch (...) {
    in_flight_.pop_back();
    if (submission.slot != nullptr) {
      slots_.release(std::exchange(submission.slot, nullptr));
    }
    throw;
  }
  if (status.ok()) {
    in_flight_.back() = std::move(submission);
  } else {
    in_flight_.pop_back();
  }
  return status;
}

Status GpuQueue::submit(GpuSubmission& submission) {
  if (gpu_->caps().timestamps) submission.slot = slots_.acquire();
  std::unique_lock<std::mutex> use;
  if (submission.commands) {
    use = submission.commands->use().lock();
    GpuPoint elsewhere = submission.commands->use().elsewhere(real_);
    if (elsewhere.semaphore) submission.semaphores.push_back(std::move(elsewhere));
  }
  std::vector<VkSemaphoreSubmitInfo> waits;
  for (const GpuPoint& point : submission.semaphores) {
    waits.push_back(at(*point.semaphore, point.value));
  }
  std::vector<VkCommandBufferSubmitInfo> commands;
  const bool cut = submission.commands && submission.commands->steps().size() > 1;
  if (submission.slot != nullptr) commands.push_back(to_submit(submission.slot->begin));
  if (submission.commands && !submission.commands->steps().empty()) {
    commands.push_back(to_submit(submission.commands->steps().back().commands));
  }
  if (submission.slot != nullptr) commands.push_back(to_submit(submission.slot->end));
  const std::uint64_t steps_before = steps_run_;
  Status status;
  if (cut) {
    status = submit_cut(*submission.commands, submission.slot, waits);
    if (submission.slot != nullptr) commands.erase(commands.begin());
  }
  if (status.ok()) {
    status = gpu_->status_of(
        submit_to(*gpu_, real_, waits, commands, at(*semaphore_, submission.value)),
        "vkQueueSubmit2");
  }
  if (status.ok()) {
    if (submission.commands) {
      submission.commands->use().move_to(real_, {semaphore_, submission.value});
    }
    return status;
  }
  // What went in before still runs; what it uses is kept until it is over.
  if (steps_run_ != steps_before) {
    (void)step_semaphore_->wait(steps_run_, runtime::Deadline(kForever));
  }
  if (submission.slot != nullptr) {
    slots_.release(std::exchange(submission.slot, nullptr));
  }
  return status;
}

Status GpuQueue::submit_cut(const GpuCommands& commands, const TimeSlot* slot,
                            std::vector<VkSemaphoreSubmitInfo>& waits) {
  Status status = need_step_semaphore();
  const std::span<const Step> steps = commands.steps();
  for (std::size_t i = 0; status.ok() && i + 1 < steps.size(); ++i) {
    std::vector<VkCommandBufferSubmitInfo> list;
    if (i == 0 && slot != nullptr) list.push_back(to_submit(slot->begin));
    list.push_back(to_submit(steps[i].commands));
    status = gpu_->status_of(
        submit_to(*gpu_, real_, waits, list, at(*step_semaphore_, steps_run_ + 1)),
        "vkQueueSubmit2");
    if (!status.ok()) break;
    ++steps_run_;
    waits.clear();
  }
  return status;
}

// Its values are certain now.
void GpuQueue::succeed(const GpuSubmission& submission, Aftermath& after) {
  if (!submission.waits.empty()) --waiting_submissions_;
  if (submission.commands) core_.count_groups(submission.commands->groups());
  for (const CorePoint& signal : submission.signals) {
    timeline_of(signal).mark(signal.value, {semaphore_, submission.value});
    signal.timeline->raise(signal.value);
    after.notify.push_back(signal.timeline);
  }
  timeline_->raise(submission.value);
  if (timeline_->watched()) after.notify.push_back(timeline_);
}

void GpuQueue::fail_head(const Status& status, Aftermath& after) {
  GpuSubmission& head = held_.front();
  if (failure_.ok()) failure_ = status;
  if (!head.waits.empty()) --waiting_submissions_;
  for (const CorePoint& signal : head.signals) {
    signal.timeline->set_failed(status, UINT64_MAX);
    after.notify.push_back(signal.timeline);
  }
  timeline_->set_failed(status, head.value);
  after.notify.push_back(timeline_);
  const std::uint64_t now = runtime::clock_ns();
  head.times.ready_ns = head.times.started_ns = head.times.ended_ns = now;
  keep_times(head.value, head.times);
  after.release.push_back(std::move(head.commands));
  held_.pop_front();
}

void GpuQueue::reap_locked(Aftermath& after) {
  if (in_flight_.empty()) return;
  const std::uint64_t now = runtime::clock_ns();
  const std::uint64_t done = semaphore_->counter();
  while (!in_flight_.empty() && in_flight_.front().value <= done) {
    GpuSubmission& first = in_flight_.front();
    if (first.slot != nullptr) {
      Timestamps& times = first.times;
      const auto read = slots_.read(*first.slot);
      // Two clocks meet here; what is known to come first stays first.
      times.ready_ns = std::max(times.ready_ns, last_ended_ns_);
      std::tie(times.started_ns, times.ended_ns) = placed_between(
          read.value_or(std::pair(times.ready_ns, now)), times.ready_ns, now);
      keep_times(first.value, times);
      slots_.release(first.slot);
    }
    after.release.push_back(std::move(first.commands));
    in_flight_.pop_front();
  }
}

void GpuQueue::keep_times(std::uint64_t value, const Timestamps& times) {
  last_ended_ns_ = std::max(last_ended_ns_, times.ended_ns);
  const std::size_t place = value % Queue::kTimestampHistory;
  if (place >= history_.size()) history_.resize(place + 1);
  history_[place] = {value, times};
}

std::optional<Timestamps> GpuQueue::timestamps(std::uint64_t value) const {
  const std::lock_guard lock(mutex_);
  const std::size_t place = value % Queue::kTimestampHistory;
  if (value == 0 || place >= history_.size() || history_[place].value != value) {
    return std::nullopt;
  }
  return history_[place].times;
}

void GpuQueue::finish() {
  std::uint64_t last = 0;
  {
    const std::lock_guard lock(mutex_);
    if (in_flight_.empty()) return;
    last = in_flight_.back().value;
  }
  // Whatever comes of it: a lost device runs nothing any more.
  (void)semaphore_->wait(last, runtime::Deadline(kForever));
  reap();
  Aftermath after;
  const std::lock_guard lock(mutex_);
  for (GpuSubmission& lost : in_flight_)
    after.release.push_back(std::move(lost.commands));
  in_flight_.clear();
}

}  // namespace assay::vulkan
