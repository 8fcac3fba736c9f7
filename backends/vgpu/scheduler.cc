// SPDX-License-Identifier: MIT
#include "backends/vgpu/scheduler.h"

#include <algorithm>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include "backends/runtime/clock.h"
#include "backends/runtime/queue_core.h"
#include "backends/runtime/usable_cpus.h"
#include "backends/runtime/work_scope.h"
#include "backends/vgpu/caps.h"

namespace assay::vgpu {

using runtime::clock_ns;
using runtime::cpu_relax;
using runtime::QueueCore;
using runtime::RecordedCommands;
using runtime::Segment;
using runtime::TimelineCore;

// How long a waiting host thread spins before it blocks: about the cost of the blocking
// itself (a parked thread wakes in 16-50 us on the VM this was tuned on).
static constexpr std::uint64_t kHostSpinNs = 50'000;

// A queue keeps its thread for this long before other ready queues get a turn.
static constexpr std::uint64_t kQuantumNs = 200'000;

// From the return of submit() to the first look of wait() is some 100 ns.
static constexpr std::uint64_t kHandOverNs = 1'000;

Scheduler::Scheduler(runtime::DeviceCore& device, const Options& options,
                     std::unique_ptr<Executor> executor)
    : device_(device),
      caps_(make_caps(options)),
      spin_ns_(options.spin_us * 1000),
      usable_cpus_(runtime::usable_cpus()),
      max_spinners_(std::min(options.compute_units, usable_cpus_ - 1)),
      seats_(options.compute_units),
      broken_ns_(clock_ns()),
      scratch_(options.compute_units),
      executor_(std::move(executor)) {
  // Whoever publishes sits on a seat.
  jobs_.reserve(options.compute_units);
  graphs_.reserve(options.compute_units);
  update_hints();
  try {
    executor_->start(options.compute_units, [this] { worker_loop(); });
  } catch (const std::system_error& error) {
    // Those that did start use this.
    stop();
    throw Error(StatusCode::resource_exhausted,
                "no thread for each of " + std::to_string(options.compute_units) +
                    " compute units: " + error.what() +
                    "; raise the limit (ulimit -u) or give fewer cus");
  } catch (...) {
    stop();
    throw;
  }
}

Scheduler::~Scheduler() = default;

void Scheduler::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    work_available_.notify_all();
  }
  executor_->join();
}

std::unique_lock<std::mutex> Scheduler::lock_soon() {
  for (int i = 0; i < 64; ++i) {
    if (std::unique_lock lock(mutex_, std::try_to_lock); lock) return lock;
    cpu_relax();
  }
  return std::unique_lock(mutex_);
}

void Scheduler::update_hints() noexcept {
  work_hint_ =
      static_cast<std::uint32_t>(ready_.size() + jobs_.size() + graphs_.size());
}

void Scheduler::wake_one_locked() {
  if (parked_ > waking_ && spinners_.load(std::memory_order_relaxed) == 0 &&
      seat_available()) {
    ++waking_;
    work_available_.notify_one();
  }
}

void Scheduler::reserve(std::size_t queues) {
  const std::lock_guard lock(mutex_);
  if (queues > ready_.capacity()) ready_.reserve(2 * queues);
}

void Scheduler::schedule(std::shared_ptr<QueueCore> queue) {
  ReadyQueue ready{std::move(queue), 0};
  if (ready.queue->next_library_threads() >= seats_.count() && seats_.count() > 1) {
    ready.workers_from_ns = clock_ns() + kHandOverNs;
  }
  const auto lock = lock_soon();
  ready_.push_back(std::move(ready));
  update_hints();
  wake_one_locked();
}

std::shared_ptr<QueueCore> Scheduler::pop_ready_for_worker() {
  for (auto ready = ready_.begin(); ready != ready_.end(); ++ready) {
    if (ready->workers_from_ns != 0 && clock_ns() < ready->workers_from_ns) continue;
    std::shared_ptr<QueueCore> queue = std::move(ready->queue);
    ready_.erase(ready);
    return queue;
  }
  return nullptr;
}

void Scheduler::stand_up(unsigned seat) {
  seats_.give(seat);
  if (work_hint_ == 0 && !gathering_) return;
  const auto lock = lock_soon();
  seat_given_locked();
}

void Scheduler::stand_up_locked(unsigned seat) {
  seats_.give(seat);
  seat_given_locked();
}

void Scheduler::seat_given_locked() {
  if (gathering_) {
    seats_changed_.notify_all();
  } else if (!ready_.empty()) {
    wake_one_locked();
  }
}

void Scheduler::worker_loop() {
  for (;;) {
    if (try_work()) continue;
    look_after_held_in_time();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    if (!idle_spin()) park();
  }
}

bool Scheduler::try_work() {
  if (work_hint_.load(std::memory_order_acquire) == 0) return false;
  std::unique_lock lock = lock_soon();
  const unsigned seat = sit_down();
  if (seat == Seats::kNone) return false;
  if (const std::shared_ptr<QueueCore> queue = pop_ready_for_worker()) {
    update_hints();
    if (!ready_.empty()) wake_one_locked();
    lock.unlock();
    drain_seated(queue, seat, nullptr, 0);
    return true;
  }
  if (Job* job = open_job(nullptr)) {
    join_seated(*job, seat, lock);
    return true;
  }
  if (GraphJob* graph = open_graph(nullptr)) {
    join_graph_seated(*graph, seat, lock);
    return true;
  }
  // Nobody missed this seat: who finds none looks again, or leaves the work to who
  // stands up, under the lock.
  seats_.give(seat);
  return false;
}

// True when there may be work; false when it is time to park.
bool Scheduler::idle_spin() {
  if (spinners_.fetch_add(1, std::memory_order_relaxed) >= max_spinners_) {
    spinners_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  bool found = false;
  const std::uint64_t end = clock_ns() + spin_ns_;
  do {
    for (int i = 0; i < 32 && !found; ++i) {
      cpu_relax();
      found = work_hint_.load(std::memory_order_acquire) != 0;
    }
    if (!seat_available()) break;
  } while (!found && clock_ns() < end);
  spinners_.fetch_sub(1, std::memory_order_relaxed);
  return found && seat_available();
}

void Scheduler::park() {
  std::unique_lock lock(mutex_);
  // Work that came while this thread stopped spinning found a spinner and woke nobody,
  // so it must be looked for here, under the lock.
  const auto work_to_do = [&] {
    return stopping_ || (seat_available() && (!ready_.empty() || !graphs_.empty() ||
                                              open_job(nullptr) != nullptr));
  };
  ++parked_;
  while (!work_to_do()) {
    if (watching_ && !watched_) {
      watch(lock);
    } else {
      work_available_.wait(lock);
      if (waking_ > 0) --waking_;
    }
  }
  --parked_;
  // Another one watches on: this one may be busy for long.
  if (watching_ && !watched_ && parked_ > waking_) {
    ++waking_;
    work_available_.notify_one();
  }
}

std::byte* Scheduler::scratch(unsigned seat) noexcept {
  runtime::HostMemory& memory = scratch_[seat];
  if (!memory) memory = runtime::allocate_host(caps_.limits.max_local_bytes);
  return memory.get();
}

Status Scheduler::no_scratch() {
  return {StatusCode::out_of_memory, "no memory for group-local data"};
}

Status Scheduler::run_tile(const RecordedCommands& commands, const Segment& segment,
                           std::uint64_t tile, unsigned seat) {
  std::byte* const local = scratch(seat);
  if (local == nullptr) return no_scratch();
  return commands.run_tile(segment, tile, {local, seat});
}

// Runs the submissions of one queue: the SegmentRunner of the thread that drains it.
class Scheduler::Runner final : public runtime::SegmentRunner {
 public:
  Runner(Scheduler& scheduler, const QueueCore& queue, unsigned& seat,
         const TimelineCore* until, std::uint64_t value)
      : scheduler_(scheduler),
        queue_(queue),
        seat_(seat),
        until_(until),
        value_(value),
        quantum_end_(clock_ns() + kQuantumNs) {}

  Status run(const RecordedCommands& commands, const Segment& segment) override {
    if (segment.tiles == 0) return {};
    if (segment.library_threads > 1) {
      return scheduler_.run_library(commands, segment, seat_);
    }
    if (segment.tiles == 1 || scheduler_.seats_.count() == 1) {
      for (std::uint64_t tile = 0; tile < segment.tiles; ++tile) {
        Status status = scheduler_.run_tile(commands, segment, tile, seat_);
        if (!status.ok()) return status;
      }
      return {};
    }
    return scheduler_.run_shared(commands, segment, &queue_, seat_, until_ != nullptr);
  }

  Status run_graph(const RecordedCommands& commands) override {
    // With one unit there is nobody to share with, and without memory for the state of
    // one more run in flight the order alone is right.
    std::unique_ptr<runtime::GraphRun> run;
    if (scheduler_.seats_.count() > 1) run = commands.plan()->take_run();
    if (!run) return run_in_order(commands);
    Status status =
        scheduler_.run_graph(commands, queue_, seat_, *run, until_ != nullptr);
    commands.plan()->give_back(std::move(run));
    return status;
  }

  bool should_yield() override {
    // A helping host thread leaves as soon as its own point is reached.
    if (until_ != nullptr && until_->settled(value_)) return true;
    if (scheduler_.work_hint_.load(std::memory_order_relaxed) == 0 &&
        !scheduler_.watching_.load(std::memory_order_relaxed)) {
      return false;
    }
    const std::uint64_t now = clock_ns();
    if (now < quantum_end_) return false;
    quantum_end_ = now + kQuantumNs;
    // With all units busy nobody else may have the time.
    scheduler_.look_after_held_in_time();
    const auto lock = scheduler_.lock_soon();
    return !scheduler_.ready_.empty();
  }

 private:
  Scheduler& scheduler_;
  const QueueCore& queue_;
  unsigned& seat_;
  const TimelineCore* until_;
  std::uint64_t value_;
  std::uint64_t quantum_end_;
};

void Scheduler::drain_seated(const std::shared_ptr<QueueCore>& queue, unsigned seat,
                             const TimelineCore* until, std::uint64_t value) {
  {
    const runtime::WorkScope scope(&device_);
    Runner runner(*this, *queue, seat, until, value);
    queue->drain(runner);
  }
  stand_up(seat);
}

Status Scheduler::run_library(const RecordedCommands& commands, const Segment& segment,
                              unsigned& seat) {
  std::vector<unsigned> lent;
  try {
    lent.reserve(segment.library_threads);
  } catch (const std::bad_alloc&) {
    return {StatusCode::out_of_memory, "no memory to lend units to a library call"};
  }
  {
    // Give up the own seat first: two library calls that each held one and waited for
    // the other's would wait forever.
    std::unique_lock lock(mutex_);
    seats_.give(seat);
    seats_changed_.notify_all();
    seats_changed_.wait(lock, [&] { return !gathering_; });
    gathering_ = true;
    // One by one: a thread that saw no gathering may still sit down in between.
    seats_changed_.wait(lock, [&] {
      while (lent.size() < segment.library_threads) {
        const unsigned other = seats_.take();
        if (other == Seats::kNone) return false;
        lent.push_back(other);
      }
      return true;
    });
    gathering_ = false;
    seats_changed_.notify_all();
    if (!ready_.empty()) wake_one_locked();
  }
  seat = lent.back();
  lent.pop_back();
  Status status = run_tile(commands, segment, 0, seat);
  const auto lock = lock_soon();
  for (const unsigned other : lent) stand_up_locked(other);
  return status;
}

bool Scheduler::try_help(QueueCore& queue, const TimelineCore& timeline,
                         std::uint64_t value) {
  if (work_hint_.load(std::memory_order_acquire) == 0) return false;
  std::unique_lock lock = lock_soon();
  // Looked at again under the lock, where it decides: a ready queue has no drainer, and
  // the drainer of an open job must come through here before it goes on, so work found
  // now is no later than an unreached point. Later work could hold this thread for
  // long.
  if (timeline.settled(value)) return false;
  const unsigned seat = sit_down();
  if (seat == Seats::kNone) return false;
  const auto found = std::find_if(ready_.begin(), ready_.end(), [&](const auto& ready) {
    return ready.queue.get() == &queue;
  });
  if (found != ready_.end()) {
    const std::shared_ptr<QueueCore> mine = std::move(found->queue);
    ready_.erase(found);
    update_hints();
    lock.unlock();
    drain_seated(mine, seat, &timeline, value);
    return true;
  }
  if (Job* job = open_job(&queue)) {
    job->host_here = true;
    join_seated(*job, seat, lock);
    return true;
  }
  if (GraphJob* graph = open_graph(&queue)) {
    join_graph_seated(*graph, seat, lock);
    return true;
  }
  seats_.give(seat);  // as in try_work()
  return false;
}

void Scheduler::help(QueueCore* queue, const TimelineCore& timeline,
                     std::uint64_t value) {
  if (queue != nullptr) run_held(*queue, timeline, value);
  if (timeline.settled(value)) return;
  const runtime::Handover::Waiting here(queue == nullptr ? nullptr
                                                         : &queue->handover());
  std::uint64_t end = clock_ns() + kHostSpinNs;
  while (!timeline.settled(value)) {
    if (queue != nullptr && try_help(*queue, timeline, value)) {
      end = clock_ns() + kHostSpinNs;
      continue;
    }
    for (int i = 0; i < 16 && !timeline.settled(value); ++i) cpu_relax();
    // Spinning must not take a processor from the threads that do the work.
    if (seats_.taken() >= usable_cpus_ || clock_ns() >= end) return;
  }
}

}  // namespace assay::vgpu
