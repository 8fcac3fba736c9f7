// SPDX-License-Identifier: MIT
// What the handles of a checked device share: what each command buffer declares, which
// submissions use it, and what was found.
#ifndef ASSAY_BACKENDS_LAYERS_HAZARD_STATE_H_
#define ASSAY_BACKENDS_LAYERS_HAZARD_STATE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backends/interface/device.h"
#include "backends/layers/hazard.h"

namespace assay::layers {

// Which submissions use a command buffer, for its host calls to know which they are in.
// Held by work in flight: no handle that keeps the device open.
struct CommandUses {
  struct Use {
    std::weak_ptr<Timeline> timeline;  // the queue's, as the inner device knows it
    LinePoint point;
  };
  std::mutex mutex;
  std::vector<Use> uses;
};

// A host call runs: what its submission waited for is over, and what comes before it in
// its command buffer. The host clock takes that in. (It takes in the whole submission:
// a race with the commands behind the call is missed and none is made up.)
inline void observe_from_inside(RaceDetector& detector, CommandUses& uses) {
  const std::lock_guard lock(uses.mutex);
  std::erase_if(uses.uses, [&](const CommandUses::Use& use) {
    const std::shared_ptr<Timeline> timeline = use.timeline.lock();
    // Without a handle of the queue it cannot be asked: taken to be this one.
    const std::uint64_t reached = timeline ? timeline->value() : use.point.value - 1;
    if (reached >= use.point.value) return true;
    if (reached + 1 == use.point.value) detector.host_observes(use.point);
    return false;
  });
}

// The call, which then observes first.
inline HostCall observed(HostCall call, std::shared_ptr<RaceDetector> detector,
                         std::shared_ptr<CommandUses> uses) {
  if (call.run) {
    call.run = [run = std::move(call.run), detector = std::move(detector),
                uses = std::move(uses)] {
      observe_from_inside(*detector, *uses);
      return run();
    };
  }
  return call;
}

// Of two commands without an order in the commands `label`: the bytes that both touch,
// if one writes them.
inline std::optional<Race> race_between(const DeclaredAccess& first,
                                        const DeclaredAccess& second,
                                        const std::string& label) {
  const std::size_t begin = std::max(first.begin, second.begin);
  const std::size_t end = std::min(first.end, second.end);
  if (first.buffer != second.buffer || begin >= end) return std::nullopt;
  if (!first.write && !second.write) return std::nullopt;
  return Race{{"", 0, label, first.command, first.write},
              {"", 0, label, second.command, second.write},
              first.buffer_label,
              begin,
              end};
}

struct RecordedAccesses {
  DeclaredAccesses accesses;
  std::shared_ptr<CommandUses> uses;
};

// What is found, told and counted. Held by work in flight too.
class HazardFindings {
 public:
  explicit HazardFindings(bool quiet) : quiet_(quiet) {}

  void add(std::vector<Race> races) {
    if (races.empty()) return;
    const std::lock_guard lock(mutex_);
    for (Race& race : races) {
      ++report_.found;
      std::string key = race.buffer + '\n' + race.first.queue + '\n' +
                        race.second.queue + '\n' + race.first.command + '\n' +
                        race.second.command;
      if (report_.races.size() >= kMaxRaces || !seen_.insert(std::move(key)).second) {
        continue;
      }
      if (!quiet_) {
        std::fprintf(stderr, "assay: hazard: %s\n", race.to_string().c_str());
      }
      report_.races.push_back(std::move(race));
    }
  }
  HazardReport report() const {
    const std::lock_guard lock(mutex_);
    return report_;
  }

 private:
  const bool quiet_;
  mutable std::mutex mutex_;
  HazardReport report_;
  std::set<std::string> seen_;
};

template <typename T, typename Data>
using WeakMap = std::map<std::weak_ptr<T>, Data, std::owner_less<>>;

// What the handles of a checked device share. Work in flight holds the detector alone.
class HazardState {
 public:
  explicit HazardState(bool quiet) : findings(quiet) {}

  // The accesses that a slice with `access` declares; none for an empty one.
  void declare(const BufferSlice& slice, Access access, const std::string& command,
               std::vector<DeclaredAccess>& out) {
    const SliceRange range = range_of(slice, command);
    if (range.bytes == 0) return;
    const std::uint64_t id = buffer_id(slice.buffer);
    const std::string& label = slice.buffer->desc().label;
    out.push_back({id, label.empty() ? "buffer " + std::to_string(id) : label,
                   range.offset, range.offset + range.bytes, access != Access::read,
                   command});
  }
  // Of all slices of a command, each with its access.
  std::vector<DeclaredAccess> declared(std::span<const BufferSlice> slices,
                                       std::span<const Access> access,
                                       const std::string& command) {
    std::vector<DeclaredAccess> all;
    for (std::size_t i = 0; i < slices.size(); ++i) {
      declare(slices[i], access[i], command, all);
    }
    return all;
  }
  void keep(const std::shared_ptr<CommandBuffer>& commands, RecordedAccesses recorded) {
    const std::lock_guard lock(mutex_);
    if (recorded_.size() >= prune_recorded_at_) {
      std::erase_if(recorded_, [](const auto& entry) { return entry.first.expired(); });
      prune_recorded_at_ = 2 * recorded_.size() + 64;
    }
    recorded_[commands] = std::move(recorded);
  }
  RecordedAccesses recorded(const std::shared_ptr<CommandBuffer>& commands) {
    const std::lock_guard lock(mutex_);
    const auto found = recorded_.find(commands);
    return found == recorded_.end() ? RecordedAccesses() : found->second;
  }

  const std::shared_ptr<RaceDetector> detector = std::make_shared<RaceDetector>();
  HazardFindings findings;

 private:
  std::uint64_t buffer_id(const std::shared_ptr<Buffer>& buffer) {
    const std::lock_guard lock(mutex_);
    if (buffers_.size() >= prune_buffers_at_) {
      std::erase_if(buffers_, [&](const auto& entry) {
        if (!entry.first.expired()) return false;
        detector->forget(entry.second);
        return true;
      });
      prune_buffers_at_ = 2 * buffers_.size() + 64;
    }
    const auto [at, added] = buffers_.try_emplace(buffer, next_buffer_);
    if (added) ++next_buffer_;
    return at->second;
  }

  std::mutex mutex_;
  WeakMap<CommandBuffer, RecordedAccesses> recorded_;
  WeakMap<Buffer, std::uint64_t> buffers_;
  std::uint64_t next_buffer_ = 1;
  std::size_t prune_recorded_at_ = 64;
  std::size_t prune_buffers_at_ = 64;
};

}  // namespace assay::layers

#endif  // ASSAY_BACKENDS_LAYERS_HAZARD_STATE_H_
