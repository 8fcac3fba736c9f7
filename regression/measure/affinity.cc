// SPDX-License-Identifier: MIT
#include "regression/measure/affinity.h"

#include <sys/resource.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "backends/interface/status.h"
#include "regression/measure/process_threads.h"

namespace assay::measure {

std::optional<AffinityWatch::Scheduled> AffinityWatch::scheduled(pid_t thread) {
  Scheduled now{};
  CPU_ZERO(&now.allowed);
  // Fails with more processors than a cpu_set_t has, and for a thread that has ended.
  if (sched_getaffinity(thread, sizeof now.allowed, &now.allowed) != 0) {
    return std::nullopt;
  }
  now.policy = sched_getscheduler(thread);
  // Linux's nice is of a thread, whatever POSIX says.
  now.nice = getpriority(PRIO_PROCESS, static_cast<id_t>(thread));
  return now;
}

AffinityWatch::AffinityWatch() {
  if (const auto set = scheduled(gettid())) before_.emplace(gettid(), *set);
}

void AffinityWatch::settle() {
  for (const pid_t thread : process_threads()) {
    // What is there already stays: it may have been moved since.
    if (const auto set = scheduled(thread)) before_.emplace(thread, *set);
  }
}

void AffinityWatch::require_unchanged() const {
  for (const auto& [thread, before] : before_) {
    const auto now = scheduled(thread);
    if (!now) continue;
    if (now->policy != before.policy || now->nice != before.nice) {
      throw Error(
          StatusCode::failed_precondition,
          "a library or kernel changed how a thread of the worker is scheduled "
          "(policy " +
              std::to_string(before.policy) + " to " + std::to_string(now->policy) +
              ", nice " + std::to_string(before.nice) + " to " +
              std::to_string(now->nice) +
              "): what else this machine does slowed the other arm alone; use a "
              "build that leaves the priority of its caller as it was");
    }
    if (CPU_EQUAL(&now->allowed, &before.allowed)) continue;
    throw Error(StatusCode::failed_precondition,
                "a library or kernel changed which processors a thread of the worker "
                "may run on (from " +
                    std::to_string(CPU_COUNT(&before.allowed)) + " to " +
                    std::to_string(CPU_COUNT(&now->allowed)) +
                    "): the other arm was moved with it; use a build that does not pin "
                    "threads that are not its own");
  }
}

}  // namespace assay::measure
