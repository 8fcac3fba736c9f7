// SPDX-License-Identifier: MIT
// Both contestants of a case inside a worker, and what they stand on.
#ifndef ASSAY_REGRESSION_MEASURE_BENCH_H_
#define ASSAY_REGRESSION_MEASURE_BENCH_H_

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "kernels/common/op.h"
#include "regression/measure/contestant.h"
#include "regression/measure/processor_use.h"
#include "regression/measure/workbench.h"
#include "regression/measure/worker.h"

namespace assay::measure {

class Bench {
 public:
  // Loads the library, lays out the problem, compiles both arms. Throws Error when the
  // request asks for something that does not exist or cannot run here.
  Bench(const WorkerRequest& request, std::span<const Op* const> ops);
  ~Bench();

  Device& device() const noexcept { return *device_; }
  Contestant& custom() const noexcept { return *custom_; }
  Contestant& library() const noexcept { return *library_; }
  // The type whose products the case computes; f32 where it is no op.
  DType multiplies() const noexcept {
    return problem_ ? multiplied_type(*problem_) : DType::f32;
  }
  // Of one execution; 0 where it is no op.
  double flops() const { return problem_ ? problem_->flops() : 0; }
  // Which threads are not the library's, where one was loaded into this process.
  const std::optional<OwnThreads>& own_threads() const noexcept { return own_threads_; }
  // What became of the operands that both share; all well where there are none.
  ArmCheck check_inputs() const;

 private:
  void set_up_figure(const WorkerRequest& request);
  void set_up_op(const WorkerRequest& request, std::span<const Op* const> ops);
  Contestant* own(std::unique_ptr<Contestant> contestant);

  std::shared_ptr<Device> device_;
  std::shared_ptr<const vendor::Library> loaded_;
  std::shared_ptr<const vendor::cuda::Cublas> beside_;
  std::optional<OwnThreads> own_threads_;
  std::unique_ptr<Problem> problem_;
  Expected expected_;
  std::unique_ptr<Workbench> workbench_;
  // After what they borrow, so that they go first.
  std::vector<std::unique_ptr<Contestant>> contestants_;
  Contestant* custom_ = nullptr;
  Contestant* library_ = nullptr;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_BENCH_H_
