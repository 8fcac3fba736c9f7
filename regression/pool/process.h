// SPDX-License-Identifier: MIT
// One worker process as its pool sees it.
#ifndef ASSAY_REGRESSION_POOL_PROCESS_H_
#define ASSAY_REGRESSION_POOL_PROCESS_H_

#include <sys/types.h>

#include <optional>

#include "regression/pool/channel.h"
#include "regression/pool/pool.h"

namespace assay::pool {

// What became of a process.
struct Fate {
  Reply::End end = Reply::End::exited;  // exited, killed or stopped
  int code = 0;
};

// Belongs to the thread that made it, which has to live as long: the worker dies with
// that thread (that is how Linux tells it that its parent is gone). Killed and reaped
// when destroyed.
class Process {
 public:
  // Throws Error(internal) when it cannot be started. `bell_fd` becomes kBellFd.
  Process(const Options& options, int bell_fd);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t id() const noexcept { return id_; }
  Channel& channel() noexcept { return channel_; }
  // None while it runs. Stops are told once; after an end the process is reaped.
  std::optional<Fate> fate() noexcept;
  // SIGKILL, and waits until it is gone.
  void end() noexcept;

 private:
  Channel channel_;
  pid_t id_ = -1;
};

}  // namespace assay::pool

#endif  // ASSAY_REGRESSION_POOL_PROCESS_H_
