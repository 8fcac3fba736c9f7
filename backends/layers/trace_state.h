// SPDX-License-Identifier: MIT
// What the handles of a traced device share: the recorder, and which submissions still
// need their timestamps read.
#ifndef ASSAY_BACKENDS_LAYERS_TRACE_STATE_H_
#define ASSAY_BACKENDS_LAYERS_TRACE_STATE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "backends/interface/device.h"
#include "backends/layers/recorder.h"
#include "backends/runtime/clock.h"

namespace assay::layers {

// Submissions of one queue whose timestamps are not read yet. Outlives the user's
// handle until it is empty, so that dropping a queue loses no times.
class QueueTrack {
 public:
  // `clock_offset_ns` is what the device's clock is ahead of the host's.
  QueueTrack(std::shared_ptr<Queue> queue, std::uint32_t id,
             std::int64_t clock_offset_ns)
      : queue_(std::move(queue)),
        timeline_(queue_->last().timeline),
        id_(id),
        clock_offset_ns_(clock_offset_ns) {}

  std::uint32_t id() const noexcept { return id_; }

  void add(TracedSubmission submission, Recorder& recorder) {
    const std::lock_guard lock(mutex_);
    // Two submitters may come here in the other order than the queue took them.
    auto place = pending_.end();
    while (place != pending_.begin() && std::prev(place)->value > submission.value) {
      --place;
    }
    pending_.insert(place, std::move(submission));
    // Often enough that no times leave the history, seldom enough to cost nothing.
    if (pending_.size() % kDrainEvery == 0) drain_locked(recorder);
  }
  void drain(Recorder& recorder) {
    const std::lock_guard lock(mutex_);
    drain_locked(recorder);
  }
  std::vector<TracedSubmission> pending() const {
    const std::lock_guard lock(mutex_);
    return {pending_.begin(), pending_.end()};
  }

 private:
  static constexpr std::size_t kDrainEvery = 64;

  void drain_locked(Recorder& recorder) {
    while (!pending_.empty() && timeline_->query(pending_.front().value)) {
      TracedSubmission& done = pending_.front();
      if (const auto times = queue_->timestamps({timeline_, done.value})) {
        done.times = {host_time(times->enqueued_ns), host_time(times->ready_ns),
                      host_time(times->started_ns), host_time(times->ended_ns)};
        done.timed = true;
      }
      recorder.add(std::move(done));
      pending_.pop_front();
    }
  }

  std::uint64_t host_time(std::uint64_t device_ns) const noexcept {
    return device_ns - static_cast<std::uint64_t>(clock_offset_ns_);
  }

  std::shared_ptr<Queue> queue_;
  std::shared_ptr<Timeline> timeline_;
  const std::uint32_t id_;
  const std::int64_t clock_offset_ns_;
  mutable std::mutex mutex_;
  std::deque<TracedSubmission> pending_;
};

// What the handles of a traced device share. Work in flight holds the recorder alone.
struct TraceState {
  explicit TraceState(const Device& device)
      : recorder(std::make_shared<Recorder>(device.caps().compute_units)) {
    const std::uint64_t before = runtime::clock_ns();
    const std::uint64_t device_ns = device.now_ns();
    const std::uint64_t after = runtime::clock_ns();
    // In between it is the same clock, and nothing is moved by a rounding error.
    if (device_ns < before || device_ns > after) {
      clock_offset_ns = static_cast<std::int64_t>(device_ns - (before + after) / 2);
    }
    begin_ns = after;
  }

  std::shared_ptr<QueueTrack> track(const std::shared_ptr<Queue>& queue,
                                    const std::string& label) {
    auto made = std::make_shared<QueueTrack>(queue, recorder->add_queue(label),
                                             clock_offset_ns);
    const std::lock_guard lock(mutex);
    if (tracks.size() >= prune_at) {
      drain_locked();
      prune_at = tracks.size() * 2 + 64;
    }
    tracks.push_back(made);
    return made;
  }
  Trace snapshot() {
    std::vector<TracedSubmission> pending;
    {
      const std::lock_guard lock(mutex);
      drain_locked();
      for (const auto& track : tracks) {
        const std::vector<TracedSubmission> more = track->pending();
        pending.insert(pending.end(), more.begin(), more.end());
      }
    }
    Trace trace = recorder->snapshot();
    trace.submissions.insert(trace.submissions.end(), pending.begin(), pending.end());
    trace.begin_ns = begin_ns;
    trace.end_ns = runtime::clock_ns();
    return trace;
  }
  // Reads what is completed, and forgets queues without a handle and without work.
  void drain_locked() {
    for (const auto& track : tracks) track->drain(*recorder);
    std::erase_if(tracks, [](const auto& track) {
      return track.use_count() == 1 && track->pending().empty();
    });
  }

  std::shared_ptr<Recorder> recorder;
  std::mutex mutex;
  std::vector<std::shared_ptr<QueueTrack>> tracks;
  std::size_t prune_at = 64;
  std::int64_t clock_offset_ns = 0;
  std::uint64_t begin_ns = 0;
};

}  // namespace assay::layers

#endif  // ASSAY_BACKENDS_LAYERS_TRACE_STATE_H_
