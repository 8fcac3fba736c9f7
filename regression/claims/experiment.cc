// SPDX-License-Identifier: MIT
#include "regression/claims/experiment.h"

#include <algorithm>

#include "regression/claims/experiments.h"

namespace assay::claims {
namespace {

constexpr Parameter kDevice{.name = "device", .text = "vgpu://"};

constexpr Parameter kFigureTime[] = {kDevice, {.name = "figure", .text = "round_trip"}};
constexpr Parameter kFigureRatio[] = {kDevice,
                                      {.name = "slow", .text = "graph_in_turn"},
                                      {.name = "fast", .text = "graph_at_once"}};
constexpr Parameter kColdStart[] = {kDevice};
constexpr Parameter kRoundTrip[] = {
    kDevice,
    {.name = "elements", .number = 1'000'000, .low = 1, .high = 100'000'000},
    {.name = "timed", .text = "all"}};
constexpr Parameter kPoolSaving[] = {
    kDevice,
    {.name = "op", .text = "mlp"},
    {.name = "shape", .text = "32x512x1024x512"},
    {.name = "implementation", .text = "prepacked"},
    {.name = "iterations", .number = 200, .low = 1, .high = 100'000}};
constexpr Parameter kLibrary[] = {kDevice,
                                  {.name = "op", .text = "matmul"},
                                  {.name = "shape", .text = "512x512x512"},
                                  {.name = "implementation", .text = "packed"},
                                  {.name = "library", .text = "openblas"},
                                  {.name = "scope", .text = "kernel"}};
constexpr Parameter kScaling[] = {
    kDevice,
    {.name = "op", .text = "chain"},
    {.name = "shape", .text = ""},
    {.name = "implementation", .text = ""},
    {.name = "kernel_us", .number = 50, .low = 1, .high = 100'000},
    {.name = "workers_are", .text = "threads"},
    {.name = "workers", .number = 2, .low = 2, .high = 256},
    {.name = "sync_mode", .text = "event"},
    {.name = "queues", .text = "own"},
    // Six at least, or there is no interval; of seven it reaches from the least to the
    // most, and of fifteen it leaves out three at either end.
    {.name = "rounds", .number = 15, .low = 7, .high = 999}};

constexpr Experiment kTable[] = {
    {.name = "figure_time",
     .meaning = "time of one call of a figure of the runtime",
     .unit = "us",
     .parameters = kFigureTime,
     .once = figure_time},
    {.name = "figure_ratio",
     .meaning = "time of one figure of the runtime over that of another",
     .unit = "x",
     .parameters = kFigureRatio,
     .once = figure_ratio},
    {.name = "cold_start",
     .meaning = "fresh process: device opened, kernel made, run and waited for",
     .unit = "ms",
     .parameters = kColdStart,
     .once = cold_start},
    {.name = "memory_round_trip",
     .meaning =
         "floats written by the host, changed by a kernel and read back: time by "
         "way of device memory over time in unified memory, of all of it or, timed "
         "device, from the submission to the results in the host's memory",
     .unit = "x",
     .parameters = kRoundTrip,
     .once = memory_round_trip},
    {.name = "pool_saving",
     .meaning = "buffers that a loop does not allocate because a pool has them, of all "
                "that it takes",
     .unit = "%",
     .parameters = kPoolSaving,
     .once = pool_saving,
     .exact = true},
    {.name = "library_speedup",
     .meaning = "time of a custom kernel over that of the vendor library, paired, the "
                "same scope, both outputs checked",
     .unit = "x",
     .parameters = kLibrary,
     .whole = library_speedup},
    {.name = "efficiency",
     .meaning = "rate of several workers over workers x rate of one under the same "
                "conditions",
     .unit = "%",
     .parameters = kScaling,
     .whole = efficiency},
    {.name = "event_over_device_sync",
     .meaning = "rate of several workers that wait for their own work over their rate "
                "when they wait for the device",
     .unit = "x",
     .parameters = kScaling,
     .whole = event_over_device_sync},
};

}  // namespace

std::span<const Experiment> experiments() noexcept { return kTable; }

const Experiment* find_experiment(std::string_view name) noexcept {
  const auto* const found = std::ranges::find(kTable, name, &Experiment::name);
  return found == std::end(kTable) ? nullptr : found;
}

}  // namespace assay::claims
