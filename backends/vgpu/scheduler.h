// SPDX-License-Identifier: MIT
// The virtual GPU's engine. It drains queues, not commands: a ready queue goes to one
// thread, which runs its submissions in order until it is idle or parked. There is no
// thread a queue and no blocked worker. A wide segment is published as a job whose
// tiles idle threads take from an atomic counter (scheduler_segment.cc); a graph is
// published whenever more of its strands can start than the threads on it have taken
// (scheduler_graph.cc).
//
// Who executes. `cus` worker threads, and host threads that wait without a deadline.
// Everyone needs a seat (seats.h) to execute, so at most `cus` groups run at a time.
// A waiting host thread only helps the queue it waits for: executing anything else
// could hold it past the moment its own point is reached.
//
// A program that submits one thing at a time and waits for it at once: its submissions
// are left to it (scheduler_handover.cc). Its thread runs them without waking, or being
// raced by, a worker; on the way it touches nothing that other threads write but the
// seats and the device's counts.
//
// Library calls. A call that takes every compute unit leaves none for the thread that
// waits for it, which then blocks and pays a futex wake (16-50 us on a VM) after the
// call. So a queue with such a call at its head is left for kHandOverNs to a host
// thread that may be about to wait for it, and runs there: as if the host had called
// the library.
//
// When idle. A worker spins for a while, then parks. At most usable_cpus - 1 workers
// spin, and none while all seats are taken, so that spinning never competes with work.
#ifndef ASSAY_BACKENDS_VGPU_SCHEDULER_H_
#define ASSAY_BACKENDS_VGPU_SCHEDULER_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "backends/runtime/device_core.h"
#include "backends/runtime/engine.h"
#include "backends/runtime/graph_plan.h"
#include "backends/runtime/host_memory.h"
#include "backends/vgpu/executor.h"
#include "backends/vgpu/seats.h"

namespace assay::vgpu {

struct Options {
  unsigned compute_units = 1;
  std::string executor = "tbb";
  std::uint64_t spin_us = 50;  // how long an idle worker spins before it parks
};

class Scheduler final : public runtime::Engine {
 public:
  Scheduler(runtime::DeviceCore& device, const Options& options,
            std::unique_ptr<Executor> executor);
  ~Scheduler() override;

  const Caps& caps() const noexcept override { return caps_; }
  void reserve(std::size_t queues) override;
  void schedule(std::shared_ptr<runtime::QueueCore> queue) override;
  void submitted(std::shared_ptr<runtime::QueueCore> queue) override;
  void release(runtime::QueueCore& queue) override;
  void help(runtime::QueueCore* queue, const runtime::TimelineCore& timeline,
            std::uint64_t value) override;
  void spin(runtime::QueueCore* queue, const runtime::TimelineCore& timeline,
            std::uint64_t value) override;
  void stop() override;

 private:
  class Runner;
  // A published segment. Lives on its drainer's stack: it leaves jobs_ and waits for
  // joiners to be gone before it dies.
  struct Job {
    const runtime::RecordedCommands* commands = nullptr;
    const runtime::Segment* segment = nullptr;
    const runtime::QueueCore* queue = nullptr;
    std::uint64_t chunk = 1;
    // Under mutex_ once published.
    std::uint64_t wanted = 0;  // hands still worth calling
    bool host_here = false;    // a host thread that waits for the queue works on it
    std::atomic<std::uint64_t> next{0};
    std::atomic<int> joiners{0};
    std::mutex failure_mutex;
    Status failure;  // first failure of a tile
  };

  struct GraphJob;

  struct ReadyQueue {
    std::shared_ptr<runtime::QueueCore> queue;
    std::uint64_t workers_from_ns = 0;  // before that, only a waiting host takes it
  };

  void worker_loop();
  // Finds and executes one piece of work; false when there is none to be had.
  bool try_work();
  bool try_help(runtime::QueueCore& queue, const runtime::TimelineCore& timeline,
                std::uint64_t value);
  bool idle_spin();
  void park();
  // Runs the queue if it is left to the thread that waits, which calls this.
  void run_held(runtime::QueueCore& queue, const runtime::TimelineCore& timeline,
                std::uint64_t value);
  void ensure_watched();
  std::uint64_t watch_time() const noexcept;
  void look_after_held();
  void look_after_held_in_time();
  void watch(std::unique_lock<std::mutex>& lock);
  void drain_seated(const std::shared_ptr<runtime::QueueCore>& queue, unsigned seat,
                    const runtime::TimelineCore* until, std::uint64_t value);
  // Called with `lock` held, and left so.
  void join_seated(Job& job, unsigned seat, std::unique_lock<std::mutex>& lock);
  void run_tiles(Job& job, unsigned seat, bool drainer);
  Status run_shared(const runtime::RecordedCommands& commands,
                    const runtime::Segment& segment, const runtime::QueueCore* queue,
                    unsigned seat, bool by_host);
  // `by_host`: the thread that drains is one that waits.
  Status run_graph(const runtime::RecordedCommands& commands,
                   const runtime::QueueCore& queue, unsigned seat,
                   runtime::GraphRun& run, bool by_host);
  void join_graph_seated(GraphJob& job, unsigned seat,
                         std::unique_lock<std::mutex>& lock);
  // Takes strands until none can start. Called and left with `lock` held.
  void work_on_graph(GraphJob& job, unsigned seat, std::unique_lock<std::mutex>& lock);
  Status run_strand(const GraphJob& job, const runtime::GraphPlan::Strand& strand,
                    unsigned seat);
  void wait_for_graph(GraphJob& job, std::unique_lock<std::mutex>& lock);
  void show_graph(GraphJob& job);
  std::uint32_t hands_to_call(const GraphJob& job) const noexcept;
  GraphJob* open_graph(const runtime::QueueCore* queue) noexcept;
  Status run_library(const runtime::RecordedCommands& commands,
                     const runtime::Segment& segment, unsigned& seat);
  std::uint64_t hands_worth(const Job& job, std::uint64_t tiles,
                            std::uint64_t tile_ns) const noexcept;
  void call_hands_locked(Job& job) noexcept;
  // Null when there is no memory for it.
  std::byte* scratch(unsigned seat) noexcept;
  static Status no_scratch();
  Status run_tile(const runtime::RecordedCommands& commands,
                  const runtime::Segment& segment, std::uint64_t tile, unsigned seat);

  // A seat can be had unless a library call is gathering seats.
  bool seat_available() const noexcept { return !gathering_ && seats_.free() > 0; }
  unsigned sit_down(unsigned wanted = 0) noexcept {
    return gathering_ ? Seats::kNone : seats_.take(wanted);
  }
  // With no lock held.
  void stand_up(unsigned seat);
  // mutex_, after a short spin: it is held for some 50 ns at a time, and a futex sleep
  // costs microseconds.
  std::unique_lock<std::mutex> lock_soon();

  // All under mutex_.
  void stand_up_locked(unsigned seat);
  void seat_given_locked();
  void wake_one_locked();
  void update_hints() noexcept;
  Job* open_job(const runtime::QueueCore* queue) noexcept;
  // The first ready queue that workers may take now; null when there is none.
  std::shared_ptr<runtime::QueueCore> pop_ready_for_worker();

  runtime::DeviceCore& device_;
  Caps caps_;
  const std::uint64_t spin_ns_;
  const unsigned usable_cpus_;
  const unsigned max_spinners_;

  std::mutex mutex_;
  // Room for every queue, job and graph there can be: nothing is allocated where work
  // is handed over.
  std::vector<ReadyQueue> ready_;
  std::vector<Job*> jobs_;
  std::vector<GraphJob*> graphs_;  // with strands to take
  bool stopping_ = false;
  bool watched_ = false;  // a worker sleeps as the watcher
  unsigned parked_ = 0;
  unsigned waking_ = 0;  // parked workers told to wake and not yet running
  std::condition_variable work_available_;
  std::condition_variable seats_changed_;
  std::condition_variable joiners_gone_;

  Seats seats_;
  // What threads look at without the lock. Sequentially consistent where who brings
  // work and who stands up must not miss each other (seats.h). Written under mutex_.
  alignas(64) std::atomic<std::uint32_t> work_hint_{0};  // ready queues, jobs, graphs
  std::atomic<bool> gathering_{false};
  std::atomic<bool> watching_{false};  // somebody looks after what is held
  std::atomic<std::uint64_t> looked_ns_{0};
  // When somebody last did not wait at once who had always done so.
  std::atomic<std::uint64_t> broken_ns_;
  alignas(64) std::atomic<unsigned> spinners_{0};

  std::vector<runtime::HostMemory> scratch_;  // by seat, allocated on first use
  std::unique_ptr<Executor> executor_;
};

}  // namespace assay::vgpu

#endif  // ASSAY_BACKENDS_VGPU_SCHEDULER_H_
