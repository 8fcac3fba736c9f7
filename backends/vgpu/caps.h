// SPDX-License-Identifier: MIT
#ifndef ASSAY_BACKENDS_VGPU_CAPS_H_
#define ASSAY_BACKENDS_VGPU_CAPS_H_

#include "backends/interface/caps.h"
#include "backends/vgpu/scheduler.h"

namespace assay::vgpu {

Caps make_caps(const Options& options);

}  // namespace assay::vgpu

#endif  // ASSAY_BACKENDS_VGPU_CAPS_H_
