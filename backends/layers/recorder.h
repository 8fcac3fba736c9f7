// SPDX-License-Identifier: MIT
// What a trace consists of, and the sink that collects it from many threads.
#ifndef ASSAY_BACKENDS_LAYERS_RECORDER_H_
#define ASSAY_BACKENDS_LAYERS_RECORDER_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "backends/interface/queue.h"
#include "backends/layers/call.h"

namespace assay::layers {

// Times are nanoseconds of Device::now_ns().

// One call of the interface. `queue` is 0 where no queue is meant; `value` is the point
// that a submit returned or a wait was for.
struct TracedCall {
  Call call = Call::submit;
  std::uint32_t thread = 0;  // thread_number()
  std::uint32_t queue = 0;
  std::uint64_t value = 0;
  std::uint64_t begin_ns = 0;
  std::uint64_t end_ns = 0;
  // Without the traced calls inside it, which work run by this call can make.
  std::uint64_t self_ns = 0;
  bool outermost = true;  // no traced call around it on its thread
};

struct TracedQueue {
  std::uint32_t id = 0;  // 1, 2, ... in order of creation
  std::string label;
};

struct TracedSubmission {
  std::uint32_t queue = 0;
  std::uint64_t value = 0;
  std::uint32_t thread = 0;  // that submitted it
  std::string label;         // of its command buffer
  // All zero when `timed` is false: not completed yet, or older than a queue's history.
  Timestamps times;
  bool timed = false;
};

enum class WorkKind : std::uint8_t { groups, host_call, library_call };

// Something that ran. Neighbouring groups of one kernel on one compute unit are one
// piece of work.
struct TracedWork {
  WorkKind kind = WorkKind::groups;
  std::uint32_t name = 0;  // index into Trace::names
  // Compute unit of groups; thread_number() of whoever ran a host or library call.
  std::uint32_t where = 0;
  std::uint64_t begin_ns = 0;
  std::uint64_t end_ns = 0;
  std::uint64_t groups = 0;  // 0 for calls
};

struct Trace {
  std::uint64_t begin_ns = 0;  // when the layer was opened
  std::uint64_t end_ns = 0;    // when the snapshot was taken
  std::uint32_t compute_units = 0;
  std::vector<std::string> names;
  std::vector<TracedQueue> queues;
  std::vector<TracedCall> calls;
  std::vector<TracedSubmission> submissions;
  std::vector<TracedWork> work;
  // Polls are counted and not listed: a loop of them would be the whole trace.
  std::uint64_t queries = 0;
  std::uint64_t query_ns = 0;
  std::uint64_t dropped = 0;  // records beyond kMaxRecords
};

// Records of one kind kept by a recorder; later ones are counted as dropped. 64 bytes
// each, so that a forgotten trace stays below some hundred megabytes.
inline constexpr std::size_t kMaxRecords = 1'000'000;

// Thread-safe. Work in flight holds it, so it holds no handle of the device. Threads
// share nothing while they record: each writes to the shard of its number.
class Recorder {
 public:
  explicit Recorder(std::uint32_t compute_units);

  std::uint32_t name(std::string_view text);  // of a kernel or call, for TracedWork
  std::uint32_t add_queue(std::string label);
  void add(const TracedCall& call);
  void add(TracedSubmission submission);
  void add(const TracedWork& work);
  void add_groups(std::uint32_t unit, std::uint32_t name, std::uint64_t begin_ns,
                  std::uint64_t end_ns);
  void add_query(std::uint64_t ns) noexcept {
    queries_.fetch_add(1, std::memory_order_relaxed);
    query_ns_.fetch_add(ns, std::memory_order_relaxed);
  }

  // Everything recorded so far, each list in order of its begin; begin_ns and end_ns
  // are the caller's to fill in.
  Trace snapshot() const;

 private:
  struct Shard {
    mutable std::mutex mutex;
    std::vector<TracedCall> calls;
    std::vector<TracedSubmission> submissions;
    std::vector<TracedWork> work;
  };
  struct Unit {
    mutable std::mutex mutex;
    TracedWork open;  // still growing; groups 0 when there is none
  };
  static constexpr std::size_t kShards = 16;

  Shard& shard() noexcept { return shards_[thread_number() % kShards]; }
  bool has_room(std::atomic<std::size_t>& count) noexcept;

  std::array<Shard, kShards> shards_;
  std::vector<Unit> units_;
  mutable std::mutex names_mutex_;
  std::vector<std::string> names_;
  std::vector<TracedQueue> queues_;
  std::atomic<std::size_t> calls_{0};
  std::atomic<std::size_t> submissions_{0};
  std::atomic<std::size_t> work_{0};
  std::atomic<std::uint64_t> queries_{0};
  std::atomic<std::uint64_t> query_ns_{0};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace assay::layers

#endif  // ASSAY_BACKENDS_LAYERS_RECORDER_H_
