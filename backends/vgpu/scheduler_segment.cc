// SPDX-License-Identifier: MIT
// How the units share a wide segment: the thread that drains the queue publishes it,
// and whoever joins takes tiles from an atomic counter until there are none.
//
// Who joins. Spinning workers and a host thread that waits see the job and come by
// themselves; parked workers have to be called. That takes the caller microseconds and
// the worker 16-50 us, so it is done for work that is worth it, by what a tile of the
// same kernel took last. A kernel that never ran is taken to be worth it.
//
// What lost: calling for hands only when the drainer's first tile has told how long the
// others take. A product has one tile for each unit, so that first one is all of the
// drainer's share: on 4 to 16 units products ran on the two threads that were awake
// until half of the time was over. On 16 processors (Intel, family 6, model 207), of
// oneDNN's speed, before and after: 512 cubed 0.55 and 0.90 on 4 units, 0.59 and 0.93
// on 16; 2000 cubed 0.55 and 0.95, 0.85 and 1.10. On two of a Zen 4, where the host is
// the second thread, 1000 cubed had 0.76 to 0.93 and 0.93 to 1.06.
//
// What lost: tiles by unit, so that a unit finds in its caches what it took of the
// dispatch before. Within noise from 512 to 2000 cubed on 2, 4 and 16 units.
//
// A caller wakes two and each that joins two more, so that none that calls is late
// itself. Four each were the same within noise on 16 units.
#include <algorithm>

#include "backends/runtime/clock.h"
#include "backends/runtime/queue_core.h"
#include "backends/runtime/work_scope.h"
#include "backends/vgpu/scheduler.h"

namespace assay::vgpu {

using runtime::clock_ns;
using runtime::cpu_relax;
using runtime::RecordedCommands;
using runtime::Segment;

// Work for each hand that is worth calling it.
static constexpr std::uint64_t kWorthWakingNs = 20'000;

static constexpr unsigned kCallsEach = 2;

// As for a host thread that waits (scheduler.cc): the cost of going to sleep.
static constexpr std::uint64_t kJoinersSpinNs = 50'000;

Scheduler::Job* Scheduler::open_job(const runtime::QueueCore* queue) noexcept {
  for (Job* job : jobs_) {
    if (queue != nullptr && job->queue != queue) continue;
    if (job->next.load(std::memory_order_relaxed) < job->segment->tiles) return job;
  }
  return nullptr;
}

// How many threads more than the caller are worth having on `tiles` of them.
std::uint64_t Scheduler::hands_worth(const Job& job, std::uint64_t tiles,
                                     std::uint64_t tile_ns) const noexcept {
  const std::uint64_t most =
      std::min<std::uint64_t>((tiles + job.chunk - 1) / job.chunk, seats_.count() - 1);
  if (tile_ns == 0) return most;
  // In floating point: no overflow.
  const double worth = static_cast<double>(tile_ns) * static_cast<double>(tiles) /
                       static_cast<double>(kWorthWakingNs);
  return worth < static_cast<double>(most) ? static_cast<std::uint64_t>(worth) : most;
}

void Scheduler::call_hands_locked(Job& job) noexcept {
  if (job.wanted == 0 || parked_ <= waking_ || gathering_) return;
  // Seats that nobody else is about to take. A worker that is woken for the unit of a
  // host thread that waits takes a processor from those that compute.
  const runtime::Handover& handover = job.queue->handover();
  const bool host_comes =
      !job.host_here && (handover.waiting() || handover.coming(clock_ns()));
  const unsigned coming =
      spinners_.load(std::memory_order_relaxed) + waking_ + (host_comes ? 1 : 0);
  const unsigned free = seats_.free();
  const std::uint64_t wanted = std::min<std::uint64_t>(job.wanted, free);
  if (wanted <= coming) return;
  const auto calls = static_cast<unsigned>(
      std::min<std::uint64_t>({wanted - coming, parked_ - waking_, kCallsEach}));
  waking_ += calls;
  for (unsigned i = 0; i < calls; ++i) work_available_.notify_one();
}

void Scheduler::run_tiles(Job& job, unsigned seat, bool drainer) {
  const RecordedCommands::TileContext context{scratch(seat), seat};
  if (context.local == nullptr) {
    const std::lock_guard lock(job.failure_mutex);
    if (job.failure.ok()) job.failure = no_scratch();
    return;
  }
  const std::uint64_t tiles = job.segment->tiles;
  bool first = drainer;
  const std::uint64_t start = first ? clock_ns() : 0;
  for (;;) {
    const std::uint64_t begin =
        job.next.fetch_add(job.chunk, std::memory_order_relaxed);
    if (begin >= tiles) return;
    const std::uint64_t end = std::min(begin + job.chunk, tiles);
    for (std::uint64_t tile = begin; tile < end; ++tile) {
      const Status status = job.commands->run_tile(*job.segment, tile, context);
      if (!status.ok()) {
        const std::lock_guard lock(job.failure_mutex);
        if (job.failure.ok()) job.failure = status;
      }
    }
    if (!first) continue;
    first = false;
    const std::uint64_t tile_ns = (clock_ns() - start) / (end - begin);
    job.commands->set_tile_ns(*job.segment, tile_ns);
    if (end == tiles) continue;
    // They may take longer than the last time.
    const std::uint64_t hands = hands_worth(job, tiles - end, tile_ns);
    if (hands == 0) continue;
    const std::lock_guard lock(mutex_);
    job.wanted = std::max(job.wanted, hands);
    call_hands_locked(job);
  }
}

void Scheduler::join_seated(Job& job, unsigned seat,
                            std::unique_lock<std::mutex>& lock) {
  job.joiners.fetch_add(1, std::memory_order_relaxed);
  if (job.wanted != 0) --job.wanted;
  call_hands_locked(job);
  lock.unlock();
  {
    const runtime::WorkScope scope(&device_);
    run_tiles(job, seat, false);
  }
  lock = lock_soon();
  // Out of tiles: nobody else should look for some here.
  std::erase(jobs_, &job);
  update_hints();
  // The decrement is the last touch of the job: its drainer may be gone after it.
  if (job.joiners.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    joiners_gone_.notify_all();
  }
  stand_up_locked(seat);
}

Status Scheduler::run_shared(const RecordedCommands& commands, const Segment& segment,
                             const runtime::QueueCore* queue, unsigned seat,
                             bool by_host) {
  Job job;
  job.commands = &commands;
  job.segment = &segment;
  job.queue = queue;
  job.host_here = by_host;
  // Many small tiles are taken in handfuls; 32 a unit still balances to 3 %.
  job.chunk = std::clamp<std::uint64_t>(segment.tiles / (32 * seats_.count()), 1, 1024);
  if (segment.tiles > job.chunk) {
    job.wanted = hands_worth(job, segment.tiles - job.chunk, commands.tile_ns(segment));
  }
  {
    const auto lock = lock_soon();
    jobs_.push_back(&job);
    update_hints();
    call_hands_locked(job);
  }
  run_tiles(job, seat, true);
  std::unique_lock lock = lock_soon();
  std::erase(jobs_, &job);
  update_hints();
  const auto gone = [&] { return job.joiners.load(std::memory_order_acquire) == 0; };
  if (!gone()) {
    // Joiners finish their last tile within about one tile's time: spin, then sleep.
    lock.unlock();
    const std::uint64_t end = clock_ns() + kJoinersSpinNs;
    while (!gone() && clock_ns() < end) cpu_relax();
    lock.lock();
    joiners_gone_.wait(lock, gone);
  }
  return job.failure;
}

}  // namespace assay::vgpu
