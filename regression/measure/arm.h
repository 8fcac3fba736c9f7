// SPDX-License-Identifier: MIT
// One side of a comparison: an implementation on a workbench, timed in each scope.
#ifndef ASSAY_REGRESSION_MEASURE_ARM_H_
#define ASSAY_REGRESSION_MEASURE_ARM_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "kernels/common/op.h"
#include "regression/measure/afresh.h"
#include "regression/measure/choices.h"
#include "regression/measure/contestant.h"
#include "regression/measure/sample.h"
#include "regression/measure/workbench.h"

namespace assay::measure {

class Arm : public Contestant {
 public:
  // Compiles and allocates. Throws Error when the implementation cannot run here.
  Arm(Workbench& workbench, const Implementation& implementation,
      const vendor::Library* library, KernelCache& choices = kernel_cache());

  void warm(Pass pass) override;
  EpochTime time(Pass pass, std::uint64_t iterations) override;
  void before_epoch(Pass pass) override;
  void after_epoch(Pass pass) override;
  void check_afresh() override;
  void require_computed() override;
  const ArmCheck& check() const noexcept override { return check_; }
  std::string configuration() const override { return prepared_->configuration(); }

 private:
  EpochTime time_recorded(const std::shared_ptr<CommandBuffer>& commands,
                          std::uint64_t iterations);
  EpochTime time_cold(std::uint64_t iterations);
  void run_once(Pass pass);
  // Workbench::change_inputs(), and what has to be done before the next run.
  void change_inputs(std::optional<std::uint64_t> draw);
  Afresh afresh();
  void look_lone(ArmCheck& check);

  Workbench& workbench_;
  const Implementation& implementation_;
  const vendor::Library* library_;
  std::unique_ptr<Prepared> prepared_;
  std::shared_ptr<CommandBuffer> resident_;
  std::shared_ptr<CommandBuffer> transfer_;
  ArmCheck check_;
  AfreshDraws draws_;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_ARM_H_
