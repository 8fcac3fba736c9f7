// SPDX-License-Identifier: MIT
#include "regression/measure/processor_use.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <mutex>
#include <thread>
#include <utility>

#include "regression/measure/process_threads.h"
#include "regression/measure/timing.h"

namespace assay::measure {
namespace {

// Of the wall time of what is timed: more than threads need that look for their next
// call a short while before they sleep, as known libraries' are told to.
constexpr double kMostBetweenCalls = 0.25;
// The process's time is that of its running threads at their last tick of the system,
// some milliseconds ago: less than that is nothing.
constexpr double kLeastNs = 5e6;

// TBB's threads start one another; on a busy machine each waits for a processor first.
constexpr double kStartNs = 200e6;

double read_clock(clockid_t clock) {
  timespec time{};
  // Fails for a thread that has ended.
  if (clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Linux's number for the processor time of a thread, as pthread_getcpuclockid() makes
// it of a pthread_t, which nobody has of another's thread.
clockid_t clock_of(pid_t thread) {
  constexpr int kPerThread = 4;
  constexpr int kScheduled = 2;
  return static_cast<clockid_t>((~static_cast<unsigned>(thread) << 3U) |
                                static_cast<unsigned>(kPerThread | kScheduled));
}

struct Reading {
  std::map<pid_t, double> by_thread_ns;
  double process_ns = 0;
};

// The threads first: reading one brings its share of the process's up to date.
Reading read_use() {
  Reading reading;
  for (const pid_t thread : process_threads()) {
    reading.by_thread_ns.emplace(thread, read_clock(clock_of(thread)));
  }
  reading.process_ns = read_clock(CLOCK_PROCESS_CPUTIME_ID);
  return reading;
}

std::mutex noted_mutex;
std::set<pid_t>& noted() {
  static std::set<pid_t> threads;
  return threads;
}

double of_thread(const std::map<pid_t, double>& by_thread_ns, pid_t thread) {
  const auto found = by_thread_ns.find(thread);
  return found == by_thread_ns.end() ? 0 : found->second;
}

}  // namespace

OwnThreads::OwnThreads() : own_{gettid()} {
  for (const pid_t thread : process_threads()) before_.insert(thread);
}

void OwnThreads::settle(std::uint32_t units) {
  const Clock::time_point begin = Clock::now();
  for (;;) {
    for (const pid_t thread : process_threads()) {
      if (!before_.contains(thread)) own_.insert(thread);
    }
    const std::size_t started = own_.size() - 1;
    // None: the device computes on its caller's thread.
    if (started == 0 || started >= units || ns_since(begin) > kStartNs) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void OwnThreads::note() noexcept {
  thread_local bool is_noted = false;
  if (is_noted) return;
  is_noted = true;
  const std::lock_guard lock(noted_mutex);
  noted().insert(gettid());
}

std::set<pid_t> OwnThreads::get() const {
  std::set<pid_t> all = own_;
  const std::lock_guard lock(noted_mutex);
  all.insert(noted().begin(), noted().end());
  return all;
}

double ProcessorUse::foreign_ns(const std::set<pid_t>& own) const {
  double foreign = process_ns;
  for (const pid_t thread : own) foreign -= of_thread(by_thread_ns, thread);
  return std::max(0.0, foreign);
}

void wait_for_rest(const std::set<pid_t>& own) {
  const Clock::time_point begin = Clock::now();
  // Less than a tenth of one of them: the clocks and their reading.
  constexpr auto kLook = std::chrono::microseconds(200);
  const auto all_own = [&](const Reading& reading) {
    return std::ranges::all_of(reading.by_thread_ns, [&](const auto& thread) {
      return own.contains(thread.first);
    });
  };
  Reading before = read_use();
  while (!all_own(before) && ns_since(begin) < kMostRestNs) {
    const Clock::time_point look = Clock::now();
    std::this_thread::sleep_for(kLook);
    Reading after = read_use();
    const double most = 0.1 * ns_since(look);
    double others = 0;
    for (const auto& [thread, ns] : after.by_thread_ns) {
      // The clock of one that has just ended says 0.
      if (own.contains(thread)) continue;
      others += std::max(0.0, ns - of_thread(before.by_thread_ns, thread));
    }
    if (others < most) return;
    before = std::move(after);
  }
}

EpochTime Accounted::time(Pass pass, std::uint64_t iterations) {
  const Reading before = read_use();
  const Clock::time_point begin = Clock::now();
  const EpochTime time = subject().time(pass, iterations);
  use_.wall_ns += ns_since(begin);
  const Reading after = read_use();
  use_.process_ns += after.process_ns - before.process_ns;
  for (const auto& [thread, ns] : after.by_thread_ns) {
    use_.by_thread_ns[thread] += ns - of_thread(before.by_thread_ns, thread);
  }
  return time;
}

std::string unfair_use(const ProcessorUse& custom, const std::set<pid_t>& own) {
  const double between = custom.foreign_ns(own);
  if (!(between > kLeastNs && between > kMostBetweenCalls * custom.wall_ns)) return {};
  return fmt::format(
      "threads of the library worked for {:.0f} % of the time in which the other arm "
      "was timed: use a build whose threads sleep between its calls",
      100 * between / custom.wall_ns);
}

}  // namespace assay::measure
