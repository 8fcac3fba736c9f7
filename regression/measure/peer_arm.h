// SPDX-License-Identifier: MIT
// The side of a comparison that runs beside the device: a library on the same hardware
// with memory of its own. Held to the same oracle with the same inputs, poison before
// and pads around; timed in the scopes kernel and submit_to_complete.
#ifndef ASSAY_REGRESSION_MEASURE_PEER_ARM_H_
#define ASSAY_REGRESSION_MEASURE_PEER_ARM_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernels/common/op.h"
#include "regression/measure/afresh.h"
#include "regression/measure/contestant.h"
#include "regression/measure/sample.h"
#include "regression/measure/workbench.h"

namespace assay::measure {

class PeerArm : public Contestant {
 public:
  // `workbench` has the inputs and the oracle; it outlives the arm.
  PeerArm(const Workbench& workbench, std::unique_ptr<Peer> peer);

  void warm(Pass pass) override;
  // Throws not_supported in other passes than resident: what a transfer costs by
  // another interface says nothing of the library.
  EpochTime time(Pass pass, std::uint64_t iterations) override;
  void before_epoch(Pass pass) override;
  void after_epoch(Pass pass) override;
  void check_afresh() override;
  void require_computed() override;
  const ArmCheck& check() const noexcept override { return check_; }
  std::string configuration() const override { return peer_->configuration(); }

 private:
  void reset_output();
  void check_inputs();
  std::vector<float> output_values();
  void change_inputs(std::optional<std::uint64_t> draw);
  Afresh afresh();
  void look_lone(ArmCheck& check);

  const Workbench& workbench_;
  std::unique_ptr<Peer> peer_;
  ArmCheck check_;
  AfreshDraws draws_;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_PEER_ARM_H_
