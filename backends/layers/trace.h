// SPDX-License-Identifier: MIT
// trace+: records who called what, what was submitted and what ran, over any device.
//
// Costs two clock readings and a lock that nobody else holds for each call and group;
// `perturb` tells how much a program minds. Submissions get the device's own
// timestamps, never the host's guess. Groups are recorded by a function around a
// kernel's host function, so kernels of device code have none: their submissions are
// all there is.
#ifndef ASSAY_BACKENDS_LAYERS_TRACE_H_
#define ASSAY_BACKENDS_LAYERS_TRACE_H_

#include <memory>

#include "backends/interface/device.h"
#include "backends/layers/recorder.h"
#include "backends/runtime/uri.h"

namespace assay::layers {

// For the table of backends/registry.cc. Takes no parameters.
std::shared_ptr<Device> wrap_in_trace(std::shared_ptr<Device> inner,
                                      const runtime::Uri& layer);

// What the outermost trace layer of `device` has recorded until now. Thread-safe; the
// device may be at work, and what is under way is then missing or without its times.
// Throws failed_precondition when the device has no such layer.
Trace trace_of(Device& device);

}  // namespace assay::layers

#endif  // ASSAY_BACKENDS_LAYERS_TRACE_H_
