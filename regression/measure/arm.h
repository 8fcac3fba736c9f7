// SPDX-License-Identifier: MIT
// One side of a comparison: an implementation on a workbench, timed in each scope.
#ifndef ASSAY_REGRESSION_MEASURE_ARM_H_
#define ASSAY_REGRESSION_MEASURE_ARM_H_

#include <cstdint>
#include <memory>
#include <string>

#include "kernels/common/op.h"
#include "regression/measure/sample.h"
#include "regression/measure/workbench.h"

namespace assay::measure {

// Where an iteration's data are, which decides what it runs. One pass serves every
// scope that times the same runs.
enum class Pass : std::uint8_t {
  resident,  // scopes kernel and submit_to_complete
  transfer,  // scope with_transfer
  cold,      // scope cold
};
Pass pass_of(Scope scope) noexcept;

// Time of one epoch, summed over its iterations.
struct EpochTime {
  double host_ns = 0;    // before submit to after wait (cold: to after allocation too)
  double device_ns = 0;  // ended - started of the submissions; 0 without timestamps
};

class Arm {
 public:
  // Compiles and allocates. Throws Error when the implementation cannot run here.
  Arm(Workbench& workbench, const Implementation& implementation,
      const vendor::Library* library);

  // One untimed run: caches, pages and a library's threads are warm afterwards.
  void warm(Pass pass);
  // The measured region. Nothing but the iterations is inside the times.
  EpochTime time(Pass pass, std::uint64_t iterations);
  // Poison or reset before an epoch, and the comparison after it.
  void before_epoch(Pass pass);
  void after_epoch(Pass pass);

  ArmCheck& check() noexcept { return check_; }
  std::string configuration() const { return prepared_->configuration(); }

 private:
  EpochTime time_recorded(const std::shared_ptr<CommandBuffer>& commands,
                          std::uint64_t iterations);
  EpochTime time_cold(std::uint64_t iterations);

  Workbench& workbench_;
  const Implementation& implementation_;
  const vendor::Library* library_;
  std::unique_ptr<Prepared> prepared_;
  std::shared_ptr<CommandBuffer> resident_;
  std::shared_ptr<CommandBuffer> transfer_;
  ArmCheck check_;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_ARM_H_
