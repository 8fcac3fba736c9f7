// SPDX-License-Identifier: MIT
// What a device charges for being told: submissions, dispatches, copies, pipelines.
#ifndef TESTS_VULKAN_SUBMISSION_FIGURES_H_
#define TESTS_VULKAN_SUBMISSION_FIGURES_H_

#include <string>

#include "backends/interface/device.h"
#include "tests/vulkan/figure_rows.h"

namespace assay::figures {

// Device-to-device copies of 256 MiB and 1 GiB, read and written bytes a second: what
// the ops that only move data are measured against.
void measure_copies(Device& device, Rows& rows);
// One dispatch of one group: submit to wait, and what each further one in the same
// command buffer costs, which depends on the one before.
void measure_latency(Device& device, Rows& rows);
// A kernel of the matmul, compiled by a device with an empty cache folder and by the
// next one with that folder. A driver's own cache has to be off, or the first is warm
// as well.
void measure_pipelines(const std::string& uri, Rows& rows);
// Threads x queues x how they wait x dispatches a command buffer: a second's
// submissions, and how long one takes its thread.
void measure_submissions(Device& device, Rows& rows);

}  // namespace assay::figures

#endif  // TESTS_VULKAN_SUBMISSION_FIGURES_H_
