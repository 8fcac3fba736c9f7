// SPDX-License-Identifier: MIT
// The virtual GPU: compute units on a thread pool. vgpu://?cus=N&executor=tbb|std
#ifndef ASSAY_BACKENDS_VGPU_VGPU_H_
#define ASSAY_BACKENDS_VGPU_VGPU_H_

#include <memory>

#include "backends/interface/device.h"
#include "backends/runtime/uri.h"

namespace assay::vgpu {

// Keys: cus (default: the processors this process may use), executor (default tbb, std
// when built without TBB), spin_us (default 50). Throws as open_device() does.
std::shared_ptr<Device> open(const runtime::Uri& uri);

}  // namespace assay::vgpu

#endif  // ASSAY_BACKENDS_VGPU_VGPU_H_
