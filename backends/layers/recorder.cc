// SPDX-License-Identifier: MIT
#include "backends/layers/recorder.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace assay::layers {
namespace {

// Groups further apart than this are two pieces of work: the unit did something else.
constexpr std::uint64_t kMergeGapNs = 2000;

}  // namespace

Recorder::Recorder(std::uint32_t compute_units) : units_(compute_units) {}

bool Recorder::has_room(std::atomic<std::size_t>& count) noexcept {
  if (count.fetch_add(1, std::memory_order_relaxed) < kMaxRecords) return true;
  dropped_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

std::uint32_t Recorder::name(std::string_view text) {
  const std::lock_guard lock(names_mutex_);
  const auto found = std::find(names_.begin(), names_.end(), text);
  const auto index = static_cast<std::uint32_t>(found - names_.begin());
  if (found == names_.end()) names_.emplace_back(text);
  return index;
}

std::uint32_t Recorder::add_queue(std::string label) {
  const std::lock_guard lock(names_mutex_);
  const auto id = static_cast<std::uint32_t>(queues_.size() + 1);
  if (label.empty()) label = "queue " + std::to_string(id);
  queues_.push_back({id, std::move(label)});
  return id;
}

void Recorder::add(const TracedCall& call) {
  if (!has_room(calls_)) return;
  Shard& mine = shard();
  const std::lock_guard lock(mine.mutex);
  mine.calls.push_back(call);
}

void Recorder::add(TracedSubmission submission) {
  if (!has_room(submissions_)) return;
  Shard& mine = shard();
  const std::lock_guard lock(mine.mutex);
  mine.submissions.push_back(std::move(submission));
}

void Recorder::add(const TracedWork& work) {
  if (!has_room(work_)) return;
  Shard& mine = shard();
  const std::lock_guard lock(mine.mutex);
  mine.work.push_back(work);
}

void Recorder::add_groups(std::uint32_t unit, std::uint32_t name,
                          std::uint64_t begin_ns, std::uint64_t end_ns) {
  // A device with a unit of its own making is the conformance suite's to find.
  Unit& at = units_[unit % units_.size()];
  TracedWork over;
  {
    const std::lock_guard lock(at.mutex);
    TracedWork& open = at.open;
    if (open.groups != 0 && open.name == name && begin_ns >= open.end_ns &&
        begin_ns - open.end_ns <= kMergeGapNs) {
      open.end_ns = end_ns;
      ++open.groups;
      return;
    }
    over = std::exchange(open,
                         TracedWork{WorkKind::groups, name, unit, begin_ns, end_ns, 1});
  }
  if (over.groups != 0) add(over);
}

Trace Recorder::snapshot() const {
  Trace trace;
  trace.compute_units = static_cast<std::uint32_t>(units_.size());
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    trace.calls.insert(trace.calls.end(), shard.calls.begin(), shard.calls.end());
    trace.submissions.insert(trace.submissions.end(), shard.submissions.begin(),
                             shard.submissions.end());
    trace.work.insert(trace.work.end(), shard.work.begin(), shard.work.end());
  }
  for (const Unit& unit : units_) {
    const std::lock_guard lock(unit.mutex);
    if (unit.open.groups != 0) trace.work.push_back(unit.open);
  }
  {
    const std::lock_guard lock(names_mutex_);
    trace.names = names_;
    trace.queues = queues_;
  }
  // A call around another one begins no later and ends later.
  const auto outer_first = [](const TracedCall& a, const TracedCall& b) {
    return std::tuple(a.begin_ns, b.end_ns) < std::tuple(b.begin_ns, a.end_ns);
  };
  std::sort(trace.calls.begin(), trace.calls.end(), outer_first);
  std::sort(trace.submissions.begin(), trace.submissions.end(),
            [](const TracedSubmission& a, const TracedSubmission& b) {
              return std::tuple(a.queue, a.value) < std::tuple(b.queue, b.value);
            });
  std::sort(
      trace.work.begin(), trace.work.end(),
      [](const TracedWork& a, const TracedWork& b) { return a.begin_ns < b.begin_ns; });
  trace.queries = queries_.load();
  trace.query_ns = query_ns_.load();
  trace.dropped = dropped_.load();
  return trace;
}

}  // namespace assay::layers
