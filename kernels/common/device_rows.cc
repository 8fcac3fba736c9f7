// SPDX-License-Identifier: MIT
#include "kernels/common/device_rows.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "kernels/common/checked_math.h"
#include "kernels/common/device_dispatch.h"
#include "kernels/common/host_dispatch.h"

namespace assay {
namespace {

// Runs a thread has in flight before teams grow: 64 bytes each of 2048 threads a unit
// are four times what covers the latency of a GPU's memory.
constexpr std::int64_t kRunsAThread = 4;
// 128 registers: a row of 32 768 elements, and half of the threads a unit could have,
// each with eight times the loads.
constexpr std::int64_t kMostKept = 32;
// A driver on the processor compiles straight code for seconds and has no registers to
// save.
constexpr std::int64_t kMostKeptOnCpu = 4;

}  // namespace

std::string DeviceRows::text() const {
  return "team=" + std::to_string(team) + " kept=" + std::to_string(kept) +
         (wide ? " wide" : " guarded");
}

DeviceRows device_rows(std::int64_t rows, std::int64_t cols, const Caps& caps) {
  DeviceRows plan;
  const std::int64_t runs = divide_up(cols, 4);
  const auto wanted = static_cast<std::uint64_t>(divide_up(runs, kRunsAThread));
  plan.team = static_cast<std::uint32_t>(std::min<std::uint64_t>(
      std::bit_ceil(std::max<std::uint64_t>(wanted, 1)), kDeviceThreads));
  const std::int64_t kept = divide_up(runs, plan.team);
  if (kept <= (caps.simulated_device_memory ? kMostKeptOnCpu : kMostKept)) {
    plan.kept = static_cast<std::uint32_t>(kept);
  }
  plan.wide = binds_vectors(caps) && cols % 4 == 0;
  const std::int64_t rows_a_group = kDeviceThreads / plan.team;
  plan.groups = folded_grid(
      cols == 0 ? 0 : static_cast<std::uint64_t>(divide_up(rows, rows_a_group)), caps);
  return plan;
}

std::unique_ptr<Prepared> prepare_device_rows(Device& device, const Problem& problem,
                                              std::string name,
                                              std::span<const std::uint32_t> code,
                                              std::int64_t rows, std::int64_t cols,
                                              std::span<const float> more) {
  const Caps& caps = device.caps();
  require_supported(needs_device_kernels(problem, caps, code));
  const DeviceRows plan = device_rows(rows, cols, caps);
  std::vector<std::byte> constants = constant_bytes(
      std::array{static_cast<std::uint32_t>(rows), static_cast<std::uint32_t>(cols)});
  const auto rest = std::as_bytes(more);
  constants.insert(constants.end(), rest.begin(), rest.end());
  return std::make_unique<DeviceDispatch>(
      device, problem,
      DeviceDispatch::What{std::move(name), code, plan.specialization(),
                           std::move(constants), plan.groups, plan.text(),
                           kDeviceRowsLocalBytes});
}

}  // namespace assay
