// SPDX-License-Identifier: MIT
// What the runtime itself costs, as contestants: each figure is timed in pairs with a
// calibration loop on the host, so that its ratio says nothing of the machine's clock
// and drift cancels as it does for kernels.
#ifndef ASSAY_REGRESSION_MEASURE_FIGURES_H_
#define ASSAY_REGRESSION_MEASURE_FIGURES_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "backends/interface/device.h"
#include "regression/measure/contestant.h"

namespace assay::measure {

struct FigureRig;

// One row of the table in figures.cc.
struct Figure {
  std::string_view name;
  std::string_view meaning;  // one line
  // Groups that one iteration runs, counted by the kernel; or hits of a pool or cache
  // or buffers made, by the pool, cache or device. Checked after every epoch.
  std::uint64_t groups;
  // Length of the calibration loop: about as long as an iteration, so that both sides'
  // epochs are.
  std::uint64_t chain_steps;
  // Runs `iterations` and returns the time of what the figure is about, in ns.
  double (*run)(FigureRig& rig, std::uint64_t iterations);
};

std::span<const Figure> figures() noexcept;
// Null when there is none of that name.
const Figure* find_figure(std::string_view name) noexcept;

// Scope call alone. Throws Error(not_supported) on a device without host kernels.
std::unique_ptr<Contestant> make_figure(const Figure& figure,
                                        const std::shared_ptr<Device>& device);

// The other side of a figure: its chain on the calling thread.
std::unique_ptr<Contestant> make_calibration(const Figure& figure);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_FIGURES_H_
