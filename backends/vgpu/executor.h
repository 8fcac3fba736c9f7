// SPDX-License-Identifier: MIT
// Where the virtual GPU's threads come from. The scheduler brings the loop, an executor
// only the threads to run it on: TBB for real use, std::thread for ThreadSanitizer
// (Debian's libtbb is not instrumented: 36-73 false reports a program, and the usual
// suppression hides real races).
//
// Threads are not bound to processors. Linux looks for an idle core before it takes an
// idle sibling, and what a virtual machine shows of cores need not be so. What lost:
// four busy threads kept to four named processors of a machine of 16, which took 1.02
// times as long (every other one) and 1.14 times (neighbours) as where the kernel put
// them. Eight were 3 % faster beside each other, which is no rule either.
#ifndef ASSAY_BACKENDS_VGPU_EXECUTOR_H_
#define ASSAY_BACKENDS_VGPU_EXECUTOR_H_

#include <functional>
#include <memory>

namespace assay::vgpu {

class Executor {
 public:
  Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  // join() was called.
  virtual ~Executor() = default;

  // Runs `loop` on `count` threads; called once. The loop returns when told to stop by
  // its owner. Throws when a thread cannot be had: some may run already, and join()
  // waits for those.
  virtual void start(unsigned count, std::function<void()> loop) = 0;
  // Returns when every loop has returned.
  virtual void join() = 0;
};

std::unique_ptr<Executor> make_std_executor();
// Null when built without TBB.
std::unique_ptr<Executor> make_tbb_executor();

}  // namespace assay::vgpu

#endif  // ASSAY_BACKENDS_VGPU_EXECUTOR_H_
