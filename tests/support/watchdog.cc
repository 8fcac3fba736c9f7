// SPDX-License-Identifier: MIT
#include "tests/support/watchdog.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace assay::testing_support {

Watchdog::Watchdog(std::string what, std::chrono::nanoseconds limit)
    : what_(std::move(what)), thread_([this, limit] { watch(limit); }) {}

Watchdog::~Watchdog() {
  {
    const std::scoped_lock lock(mutex_);
    done_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Watchdog::watch(std::chrono::nanoseconds limit) {
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, limit, [this] { return done_; })) return;
  std::fflush(stdout);
  std::fprintf(stderr,
               "watchdog: %s has not ended after %.1f s: a hang or a deadlock\n",
               what_.c_str(), std::chrono::duration<double>(limit).count());
  std::abort();
}

}  // namespace assay::testing_support
