// SPDX-License-Identifier: MIT
#include <thread>
#include <vector>

#include "backends/vgpu/executor.h"

namespace assay::vgpu {
namespace {

class StdExecutor final : public Executor {
 public:
  void start(unsigned count, std::function<void()> loop) override {
    threads_.reserve(count);
    for (unsigned i = 0; i < count; ++i) threads_.emplace_back(loop);
  }
  void join() override {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<Executor> make_std_executor() {
  return std::make_unique<StdExecutor>();
}

}  // namespace assay::vgpu
