// SPDX-License-Identifier: MIT
// Threads from oneTBB: each of a device's loops is one long task of its own arena.
//
// TBB by default supplies cores - 1 workers to the whole process, and several
// global_control objects combine to their minimum: with one loop a task, a second
// device would then get no thread at all and hang. So one process-wide limit is kept at
// the sum over all open devices.
//
// What lost: posting one TBB task a command. enqueue() keeps no order, and a warm
// hand-over costs microseconds where a spinning loop sees work in 0.1 us.
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <condition_variable>
#include <memory>
#include <mutex>

#include "backends/vgpu/executor.h"

namespace assay::vgpu {
namespace {

// The process-wide limit. Never destroyed: devices may close during static destruction.
class Parallelism {
 public:
  static Parallelism& instance() {
    static auto* parallelism = new Parallelism();
    return *parallelism;
  }
  void add(int threads) {
    const std::lock_guard lock(mutex_);
    total_ += threads;
    // The old control goes first: the minimum of two would win.
    control_.reset();
    if (total_ > 0) {
      control_ = std::make_unique<tbb::global_control>(
          tbb::global_control::max_allowed_parallelism,
          static_cast<std::size_t>(total_) + 1);
    }
  }

 private:
  std::mutex mutex_;
  int total_ = 0;
  std::unique_ptr<tbb::global_control> control_;
};

class TbbExecutor final : public Executor {
 public:
  void start(unsigned count, std::function<void()> loop) override {
    count_ = static_cast<int>(count);
    Parallelism::instance().add(count_);
    // A slot a loop and none reserved for a caller: no thread of ours ever enters the
    // arena (arena.execute from a waiting thread can deadlock).
    arena_ = std::make_unique<tbb::task_arena>(count_, 0);
    for (int i = 0; i < count_; ++i) {
      count_running(1);
      try {
        arena_->enqueue([this, loop] {
          loop();
          count_running(-1);
        });
      } catch (...) {
        count_running(-1);
        throw;
      }
    }
  }
  void join() override {
    {
      std::unique_lock lock(mutex_);
      done_.wait(lock, [&] { return running_ == 0; });
    }
    arena_.reset();
    Parallelism::instance().add(-count_);
  }

 private:
  void count_running(int change) {
    const std::lock_guard lock(mutex_);
    running_ += change;
    if (running_ == 0) done_.notify_all();
  }

  std::unique_ptr<tbb::task_arena> arena_;
  std::mutex mutex_;
  std::condition_variable done_;
  int count_ = 0;
  int running_ = 0;
};

}  // namespace

std::unique_ptr<Executor> make_tbb_executor() {
  return std::make_unique<TbbExecutor>();
}

}  // namespace assay::vgpu
