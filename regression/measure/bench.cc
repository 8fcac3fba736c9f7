// SPDX-License-Identifier: MIT
#include "regression/measure/bench.h"

#include <utility>

#include "backends/interface/status.h"
#include "backends/registry.h"
#include "kernels/vendor/audit.h"
#include "kernels/vendor/known_libraries.h"
#include "kernels/vendor/peers.h"
#include "regression/measure/arm.h"
#include "regression/measure/child_process.h"
#include "regression/measure/control.h"
#include "regression/measure/figures.h"
#include "regression/measure/injected.h"
#include "regression/measure/pair_run.h"
#include "regression/measure/peer_arm.h"
#include "regression/measure/shared_expected.h"

namespace assay::measure {
Bench::Bench(const WorkerRequest& request, std::span<const Op* const> ops) {
  const bool beside = vendor::is_peer(request.library_name);
  if (!request.library_path.empty() && !beside) {
    auto library = vendor::Library::load(request.library_path, request.library_name);
    library->set_threads(request.library_threads);
    loaded_ = std::move(library);
    own_threads_.emplace();
  }
  device_ = open_device(request.device);
  if (beside) {
    beside_ = vendor::open_peer(request.library_path, device_->caps().hardware);
  }
  if (request.kind == CaseKind::figure) {
    set_up_figure(request);
  } else {
    set_up_op(request, ops);
  }
  if (request.inject > 0) {
    custom_ = own(std::make_unique<Injected>(*custom_, request.inject));
  }
}

Bench::~Bench() = default;

void Bench::set_up_figure(const WorkerRequest& request) {
  const Figure* figure = find_figure(request.shape);
  if (figure == nullptr) invalid("unknown runtime figure '" + request.shape + "'");
  custom_ = own(make_figure(*figure, device_));
  library_ = own(make_calibration(*figure));
}

void Bench::set_up_op(const WorkerRequest& request, std::span<const Op* const> ops) {
  const Op& op = named_op(ops, request.op);
  const auto data = parse_data_family(request.data);
  if (!data || request.dtype != to_string(DType::f32)) {
    invalid("unknown data family or type");
  }
  problem_ = op.make_problem(request.shape, DType::f32);
  expected_ = read_shared_expected(kSharedFd);
  workbench_ =
      std::make_unique<Workbench>(device_, *problem_, *data, request.seed, expected_);
  const auto arm = [&](const std::string& name) {
    const Implementation& row = named_implementation(
        op, name, {Provider::reference, Provider::custom, Provider::library});
    if (row.prepare_peer != nullptr && beside_ != nullptr) {
      return own(std::make_unique<PeerArm>(*workbench_,
                                           row.prepare_peer(*beside_, *problem_)));
    }
    return own(std::make_unique<Arm>(*workbench_, row, loaded_.get()));
  };
  custom_ = arm(request.implementation);
  if (own_threads_) own_threads_->settle(device_->caps().compute_units);
  switch (request.kind) {
    case CaseKind::op:
      library_ = arm(request.library_implementation);
      break;
    case CaseKind::control:
      library_ = arm(request.implementation);
      break;
    case CaseKind::control_after_library:
      library_ = own(std::make_unique<AfterLibrary>(
          *arm(request.implementation), *arm(request.library_implementation)));
      break;
    case CaseKind::figure:
      break;
  }
}

Contestant* Bench::own(std::unique_ptr<Contestant> contestant) {
  contestants_.push_back(std::move(contestant));
  return contestants_.back().get();
}

ArmCheck Bench::check_inputs() const {
  ArmCheck check;
  if (workbench_) workbench_->check_inputs(check);
  return check;
}

}  // namespace assay::measure
