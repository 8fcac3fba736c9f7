// SPDX-License-Identifier: MIT
#include "backends/layers/race_detector.h"

#include <algorithm>

namespace assay::layers {
namespace {

std::string describe(const Race::Side& side) {
  std::string text = side.write ? "write by " : "read by ";
  if (side.submission != 0) {
    text += "submission " + std::to_string(side.submission) + " of queue '" +
            side.queue + "'";
    if (!side.label.empty()) text += " ('" + side.label + "')";
    text += ", ";
  }
  return text + side.command;
}

}  // namespace

std::string Race::to_string() const {
  const std::string cure = first.submission == 0
                               ? "put a barrier between them"
                               : "let the second wait for point " +
                                     std::to_string(first.submission) + " of queue '" +
                                     first.queue + "'";
  return "race for bytes [" + std::to_string(begin) + ", " + std::to_string(end) +
         ") of buffer '" + buffer + "': " + describe(first) + "; " + describe(second) +
         "; nothing orders them: " + cure;
}

RaceDetector::QueueIds RaceDetector::add_queue(std::string label) {
  const std::lock_guard lock(mutex_);
  const auto id = static_cast<std::uint32_t>(queues_.size());
  if (label.empty()) label = "queue " + std::to_string(id + 1);
  QueueState queue;
  queue.label = std::move(label);
  queue.line = static_cast<std::uint32_t>(lines_.size());
  queues_.push_back(std::move(queue));
  lines_.emplace_back().reached[0] = std::make_shared<const Clock>();
  return {id, queues_.back().line};
}

std::uint32_t RaceDetector::add_line(std::uint64_t initial_value) {
  const std::lock_guard lock(mutex_);
  // Reached from the start, so it orders nothing.
  lines_.emplace_back().reached[initial_value] = std::make_shared<const Clock>();
  return static_cast<std::uint32_t>(lines_.size() - 1);
}

void RaceDetector::join(Clock& clock, const ClockPointer& other) {
  if (!other) return;
  if (clock.size() < other->size()) clock.resize(other->size());
  for (std::size_t i = 0; i < other->size(); ++i) {
    clock[i] = std::max(clock[i], (*other)[i]);
  }
}

// Null while no signal for the point is known.
RaceDetector::ClockPointer RaceDetector::find(LinePoint point) const {
  const Line& line = lines_[point.line];
  const auto at = line.reached.lower_bound(point.value);
  return at == line.reached.end() ? nullptr : at->second;
}

void RaceDetector::publish(LinePoint point, const ClockPointer& clock,
                           std::vector<std::uint32_t>& ready) {
  Line& line = lines_[point.line];
  line.reached[point.value] = clock;
  if (line.reached.size() > kHistory) line.reached.erase(line.reached.begin());
  ready.insert(ready.end(), line.waiters.begin(), line.waiters.end());
  line.waiters.clear();
}

void RaceDetector::check(const QueueState& queue, std::uint32_t id,
                         const Pending& submission, const Clock& clock,
                         std::vector<Race>& races) {
  if (!submission.accesses) return;
  for (const DeclaredAccess& access : *submission.accesses) {
    std::vector<Past>& past = buffers_[access.buffer];
    for (const Past& before : past) {
      const DeclaredAccess& other = before.access;
      const std::size_t begin = std::max(access.begin, other.begin);
      const std::size_t end = std::min(access.end, other.end);
      if (begin >= end || (!access.write && !other.write)) continue;
      const std::uint64_t over = before.queue < clock.size() ? clock[before.queue] : 0;
      if (before.queue == id || over >= before.value) continue;
      races.push_back({{queues_[before.queue].label, before.value, before.label,
                        other.command, other.write},
                       {queue.label, submission.value, submission.label, access.command,
                        access.write},
                       access.buffer_label,
                       begin,
                       end});
    }
    // Who follows this access follows what the same queue did to these bytes before, if
    // this is a write or that was a read: the older one is not needed any more.
    std::erase_if(past, [&](const Past& before) {
      return before.queue == id && before.access.begin >= access.begin &&
             before.access.end <= access.end && (access.write || !before.access.write);
    });
    past.push_back({id, submission.value, submission.label, access});
  }
}

// Takes the head of `queue` if all it waits for is known. False when it stays pending.
bool RaceDetector::advance(std::uint32_t id, std::vector<std::uint32_t>& ready,
                           std::vector<Race>& races) {
  QueueState& queue = queues_[id];
  if (queue.pending.empty()) return false;
  const Pending& head = queue.pending.front();
  // Its predecessor is submitted and not yet told: two threads share the queue.
  if (head.value != queue.done + 1) return false;
  Clock clock;
  join(clock, queue.clock);
  join(clock, head.host);
  for (const LinePoint& wait : head.waits) {
    const ClockPointer reached = find(wait);
    if (!reached) {
      lines_[wait.line].waiters.push_back(id);
      return false;
    }
    join(clock, reached);
  }
  check(queue, id, head, clock, races);
  if (clock.size() <= id) clock.resize(id + 1);
  clock[id] = head.value;
  queue.clock = std::make_shared<const Clock>(std::move(clock));
  const Pending done = std::move(queue.pending.front());
  queue.pending.pop_front();
  queue.done = done.value;
  publish({queue.line, done.value}, queue.clock, ready);
  for (const LinePoint& signal : done.signals) publish(signal, queue.clock, ready);
  return true;
}

std::vector<Race> RaceDetector::settle(std::vector<std::uint32_t> ready) {
  std::vector<Race> races;
  while (!ready.empty()) {
    const std::uint32_t id = ready.back();
    ready.pop_back();
    while (advance(id, ready, races)) {
    }
  }
  return races;
}

std::vector<Race> RaceDetector::submit(std::uint32_t id, std::uint64_t value,
                                       std::string label, DeclaredAccesses accesses,
                                       std::vector<LinePoint> waits,
                                       std::vector<LinePoint> signals) {
  const std::lock_guard lock(mutex_);
  QueueState& queue = queues_[id];
  queue.last = std::max(queue.last, value);
  Pending added{value,
                std::move(label),
                std::move(accesses),
                std::move(waits),
                std::move(signals),
                host_};
  // Two threads may come here in the other order than their submits.
  auto place = queue.pending.end();
  while (place != queue.pending.begin() && std::prev(place)->value > value) --place;
  const bool is_head = place == queue.pending.begin();
  queue.pending.insert(place, std::move(added));
  return is_head ? settle({id}) : std::vector<Race>();
}

bool RaceDetector::host_signal(LinePoint point, std::vector<Race>& races) {
  const std::lock_guard lock(mutex_);
  if (find(point)) return false;
  Clock clock = *host_;
  // A value comes after all smaller ones.
  const auto& reached = lines_[point.line].reached;
  if (!reached.empty()) join(clock, reached.rbegin()->second);
  std::vector<std::uint32_t> ready;
  publish(point, std::make_shared<const Clock>(std::move(clock)), ready);
  races = settle(std::move(ready));
  return true;
}

void RaceDetector::retract_host_signal(LinePoint point) {
  const std::lock_guard lock(mutex_);
  lines_[point.line].reached.erase(point.value);
}

void RaceDetector::host_observes(LinePoint point) {
  const std::lock_guard lock(mutex_);
  const ClockPointer reached = find(point);
  if (!reached) return;
  Clock clock = *host_;
  join(clock, reached);
  if (clock != *host_) host_ = std::make_shared<const Clock>(std::move(clock));
}

std::vector<LinePoint> RaceDetector::last_points() const {
  const std::lock_guard lock(mutex_);
  std::vector<LinePoint> points;
  for (const QueueState& queue : queues_) points.push_back({queue.line, queue.last});
  return points;
}

void RaceDetector::forget(std::uint64_t buffer) {
  const std::lock_guard lock(mutex_);
  buffers_.erase(buffer);
}

std::size_t RaceDetector::pending() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const QueueState& queue : queues_) count += queue.pending.size();
  return count;
}

}  // namespace assay::layers
