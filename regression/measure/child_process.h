// SPDX-License-Identifier: MIT
// A worker process: this executable again, with an explicit environment, a request on
// its standard input and a reply on a pipe of its own. What it prints is captured, so a
// chatty library cannot mix with results.
#ifndef ASSAY_REGRESSION_MEASURE_CHILD_PROCESS_H_
#define ASSAY_REGRESSION_MEASURE_CHILD_PROCESS_H_

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "regression/measure/environment.h"

namespace assay::measure {

// File descriptors of a worker: the reply goes to kReplyFd; kSharedFd is the shared
// memory of the request, when there is one.
inline constexpr int kReplyFd = 3;
inline constexpr int kSharedFd = 4;

struct ChildRequest {
  std::string executable = "/proc/self/exe";  // of another build for A/B
  std::vector<std::string> arguments;         // after the executable's name
  Environment environment;
  std::string input;                     // written to standard input
  int shared_fd = -1;                    // becomes kSharedFd; borrowed
  std::chrono::milliseconds timeout{0};  // 0: none
  // Checked about ten times a second; true ends the worker.
  const std::atomic<bool>* cancel = nullptr;
};

struct ChildReply {
  enum class End { exited, signalled, timed_out, cancelled };
  End end = End::exited;
  int code = 0;        // exit status or signal number
  std::string reply;   // all that came over the reply pipe
  std::string output;  // standard output and error, last 16 KiB

  bool ok() const noexcept { return end == End::exited && code == 0; }
  // "killed by signal 11 (Segmentation fault)", "timed out after 30 s", "exit status
  // 70: last line of its output"
  std::string description() const;
  // The last line the worker printed; empty when it printed nothing.
  std::string last_line() const;
  std::chrono::milliseconds timeout{0};
};

// Starts the executable with posix_spawn and waits for it. The worker
// is ended with SIGKILL on time-out or cancellation and is always reaped. Throws Error
// when it cannot be started.
ChildReply run_child(const ChildRequest& request);

// Throws what run_child() throws where a call of the system failed with `error`:
// internal, or unavailable where a limit of this process or machine was met. `what` is
// the call.
[[noreturn]] void fail_to_start_worker(const std::string& what, int error);

// Called first thing by a worker: it dies with `parent`, the process that started it.
void die_with_parent(int parent);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_CHILD_PROCESS_H_
