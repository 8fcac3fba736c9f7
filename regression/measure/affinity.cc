// SPDX-License-Identifier: MIT
#include "regression/measure/affinity.h"

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "backends/interface/status.h"

namespace assay::measure {
namespace {

std::optional<cpu_set_t> allowed_of(pid_t thread) {
  cpu_set_t set;
  CPU_ZERO(&set);
  // Fails with more processors than a cpu_set_t has, and for a thread that has ended.
  if (sched_getaffinity(thread, sizeof set, &set) != 0) return std::nullopt;
  return set;
}

}  // namespace

AffinityWatch::AffinityWatch() {
  if (const auto set = allowed_of(gettid())) allowed_.emplace(gettid(), *set);
}

void AffinityWatch::settle() {
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/self/task", error)) {
    const std::string name = entry.path().filename().string();
    pid_t thread = 0;
    std::from_chars(name.data(), name.data() + name.size(), thread);
    // What is there already stays: it may have been moved since.
    if (const auto set = allowed_of(thread)) allowed_.emplace(thread, *set);
  }
}

void AffinityWatch::require_unchanged() const {
  for (const auto& [thread, before] : allowed_) {
    const auto now = allowed_of(thread);
    if (!now || CPU_EQUAL(&*now, &before)) continue;
    throw Error(StatusCode::failed_precondition,
                "a library or kernel changed which processors a thread of the worker "
                "may run on (from " +
                    std::to_string(CPU_COUNT(&before)) + " to " +
                    std::to_string(CPU_COUNT(&*now)) +
                    "): the other arm was moved with it; use a build that does not pin "
                    "threads that are not its own");
  }
}

}  // namespace assay::measure
