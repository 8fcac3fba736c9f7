// SPDX-License-Identifier: MIT
// How the virtual GPU runs a graph: the thread that drains the queue works on it, and
// others join while there are more strands to start than threads on it.
//
// What can start is kept under the scheduler's lock. A thread that ends a strand takes
// its next one in the same critical section, and only what it leaves over is published:
// along a chain nobody else is bothered. A lock of the graph's own would be a second
// one for every strand handed over, since handing over needs the scheduler's.
//
// All of a GraphJob but `changes` is read and written under that lock.
#include <algorithm>

#include "backends/runtime/clock.h"
#include "backends/runtime/queue_core.h"
#include "backends/runtime/work_scope.h"
#include "backends/vgpu/scheduler.h"

namespace assay::vgpu {

using runtime::clock_ns;
using runtime::GraphPlan;
using runtime::GraphRun;

// As for a host thread that waits (scheduler.cc): the cost of going to sleep.
static constexpr std::uint64_t kGraphSpinNs = 50'000;

// One execution, on the stack of the thread that drains the queue.
struct Scheduler::GraphJob {
  const runtime::RecordedCommands& commands;
  const runtime::QueueCore& queue;
  GraphRun& run;
  unsigned joiners = 0;    // threads on it beside the drainer
  bool shown = false;      // in graphs_
  bool host_here = false;  // a host thread that waits for it works on it
  bool drainer_sleeps = false;
  Status failure = {};  // the first
  // Counts what a waiting drainer should look at.
  std::atomic<std::uint32_t> changes{0};
};

Scheduler::GraphJob* Scheduler::open_graph(const runtime::QueueCore* queue) noexcept {
  for (GraphJob* job : graphs_) {
    if (queue != nullptr && &job->queue != queue) continue;
    if (queue != nullptr) job->host_here = true;
    ++job->joiners;
    return job;
  }
  return nullptr;
}

// Parked workers to wake for the strands that are left over. A host thread that is
// about to wait for the graph has its unit kept: a worker woken for that unit sits down
// first and takes a processor from those that compute, and the host goes to sleep. One
// of ten replays of 8 nodes of 20 us on two units took a third longer for it. A host
// that does not come is missed until the next strand ends.
std::uint32_t Scheduler::hands_to_call(const GraphJob& job) const noexcept {
  std::uint32_t places = std::min(job.run.claimable(), seats_.free());
  if (places == 0 || parked_ == 0) return 0;
  if (!job.host_here && job.queue.handover().coming(clock_ns())) --places;
  return std::min(places, parked_);
}

// Publishes the graph while strands are left over, and calls for hands.
void Scheduler::show_graph(GraphJob& job) {
  const std::uint32_t left = job.run.claimable();
  if ((left != 0) != job.shown) {
    job.shown = left != 0;
    if (job.shown) {
      graphs_.push_back(&job);
    } else {
      std::erase(graphs_, &job);
    }
    update_hints();
  }
  for (std::uint32_t i = hands_to_call(job); i != 0; --i) wake_one_locked();
  if (left == 0 && job.joiners != 0) return;
  job.changes.fetch_add(1, std::memory_order_release);
  if (job.drainer_sleeps) joiners_gone_.notify_all();
}

Status Scheduler::run_strand(const GraphJob& job, const GraphPlan::Strand& strand,
                             unsigned seat) {
  const auto segments =
      job.commands.segments().subspan(strand.begin, strand.end - strand.begin);
  for (const runtime::Segment& segment : segments) {
    Status status;
    if (segment.tiles > 1) {
      // The host that waits, if any, is as likely to be on another strand.
      status = run_shared(job.commands, segment, &job.queue, seat, true);
    } else if (segment.tiles == 1) {
      status = run_tile(job.commands, segment, 0, seat);
    }
    if (!status.ok()) return status;
  }
  return {};
}

void Scheduler::work_on_graph(GraphJob& job, unsigned seat,
                              std::unique_lock<std::mutex>& lock) {
  while (job.run.claimable() != 0) {
    // Many short strands are taken in handfuls, as tiles are.
    const GraphRun::Claim claim =
        job.run.claim(std::max(job.run.claimable() / (4 * seats_.count()), 1U));
    show_graph(job);
    lock.unlock();
    Status status;
    for (std::uint32_t place = claim.begin; place < claim.end && status.ok(); ++place) {
      status = run_strand(job, job.run.strand(place), seat);
    }
    lock = lock_soon();
    if (status.ok()) {
      job.run.finish(claim);
    } else {
      job.run.abandon();
      if (job.failure.ok()) job.failure = status;
      show_graph(job);
    }
  }
}

void Scheduler::join_graph_seated(GraphJob& job, unsigned seat,
                                  std::unique_lock<std::mutex>& lock) {
  const runtime::WorkScope scope(&device_);
  work_on_graph(job, seat, lock);
  // The last touch of the job: its drainer may be gone once the lock is.
  --job.joiners;
  show_graph(job);
  stand_up_locked(seat);
}

// Until there are strands to take, or nobody is left who could bring some.
void Scheduler::wait_for_graph(GraphJob& job, std::unique_lock<std::mutex>& lock) {
  const std::uint32_t seen = job.changes.load(std::memory_order_relaxed);
  lock.unlock();
  const std::uint64_t end = clock_ns() + kGraphSpinNs;
  while (job.changes.load(std::memory_order_acquire) == seen && clock_ns() < end) {
    runtime::cpu_relax();
  }
  lock.lock();
  job.drainer_sleeps = true;
  joiners_gone_.wait(lock,
                     [&] { return job.run.claimable() != 0 || job.joiners == 0; });
  job.drainer_sleeps = false;
}

Status Scheduler::run_graph(const runtime::RecordedCommands& commands,
                            const runtime::QueueCore& queue, unsigned seat,
                            GraphRun& run, bool by_host) {
  GraphJob job{commands, queue, run};
  job.host_here = by_host;
  std::unique_lock lock(mutex_);
  for (;;) {
    work_on_graph(job, seat, lock);
    if (job.joiners == 0) break;
    wait_for_graph(job, lock);
  }
  return job.failure;
}

}  // namespace assay::vgpu
