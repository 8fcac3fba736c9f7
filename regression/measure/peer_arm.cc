// SPDX-License-Identifier: MIT
#include "regression/measure/peer_arm.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "backends/interface/status.h"
#include "regression/measure/timing.h"

namespace assay::measure {
namespace {

void require_resident(Pass pass) {
  if (pass == Pass::resident) return;
  throw Error(StatusCode::not_supported,
              "a library beside the device has the scopes kernel and "
              "submit_to_complete only");
}

}  // namespace

PeerArm::PeerArm(const Workbench& workbench, std::unique_ptr<Peer> peer)
    : workbench_(workbench), peer_(std::move(peer)) {
  for (std::size_t i = 0; i < workbench.problem().operands().size(); ++i) {
    peer_->upload(i, workbench.contents(i));
  }
  reset_output();
}

void PeerArm::warm(Pass pass) {
  require_resident(pass);
  keep_busy(workbench_.device().caps(), [&] { peer_->run(); });
}

EpochTime PeerArm::time(Pass pass, std::uint64_t iterations) {
  require_resident(pass);
  EpochTime total;
  for (std::uint64_t i = 0; i < iterations; ++i) {
    const Clock::time_point begin = Clock::now();
    total.device_ns += peer_->run();
    total.host_ns += ns_since(begin);
  }
  return total;
}

void PeerArm::before_epoch(Pass pass) {
  require_resident(pass);
  reset_output();
}

void PeerArm::reset_output() {
  peer_->upload(workbench_.problem().output(), std::as_bytes(workbench_.before()));
}

void PeerArm::after_epoch(Pass pass) {
  const Problem& problem = workbench_.problem();
  // An output that is read too was updated once an iteration: look at one more run.
  if (problem.operands()[problem.output()].access != Access::write) {
    before_epoch(pass);
    peer_->run();
  }
  workbench_.check_values(output_values(), check_);
  check_inputs();
}

std::vector<float> PeerArm::output_values() {
  std::vector<float> values(workbench_.before().size());
  peer_->download(workbench_.problem().output(),
                  std::as_writable_bytes(std::span(values)));
  return values;
}

void PeerArm::change_inputs(std::optional<std::uint64_t> draw) {
  const Problem& problem = workbench_.problem();
  for (std::size_t i = 0; i < problem.operands().size(); ++i) {
    if (i == problem.output()) continue;
    if (draw) {
      peer_->upload(i, workbench_.other_contents(i, *draw));
    } else {
      peer_->upload(i, workbench_.contents(i));
    }
  }
  if (problem.operands()[problem.output()].access != Access::write) reset_output();
}

void PeerArm::look_lone(ArmCheck& check) {
  bool any = false;
  for (std::size_t i = 0; i < workbench_.problem().operands().size(); ++i) {
    if (i == workbench_.problem().output()) continue;
    const std::vector<std::byte> lone = workbench_.lone_contents(i);
    if (!lone.empty()) peer_->upload(i, lone);
    any = any || !lone.empty();
  }
  if (!any) return;
  reset_output();
  peer_->run();
  workbench_.check_lone(output_values(), check);
  change_inputs(std::nullopt);
}

Afresh PeerArm::afresh() {
  return {"the library",
          [this](std::optional<std::uint64_t> draw) { change_inputs(draw); },
          [this] { return peer_->run(); },
          [this](ArmCheck& check) { workbench_.check_values(output_values(), check); },
          [this] { return output_values(); },
          [this](ArmCheck& check) { look_lone(check); }};
}

void PeerArm::check_afresh() {
  check_inputs();
  reset_output();
  draws_.look(afresh(), check_);
}

void PeerArm::require_computed() { draws_.require_same_time(afresh()); }

void PeerArm::check_inputs() {
  const auto damaged = [&](const std::string& what) {
    check_.guards_intact = false;
    if (check_.detail.empty()) check_.detail = what;
  };
  if (!peer_->pads_intact()) damaged("wrote outside of an operand");
  const auto operands = workbench_.problem().operands();
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (i == workbench_.problem().output()) continue;
    std::vector<std::byte> bytes(operands[i].bytes());
    peer_->download(i, bytes);
    if (!std::ranges::equal(bytes, workbench_.contents(i))) {
      damaged("wrote to input '" + operands[i].name + "'");
    }
  }
}

}  // namespace assay::measure
