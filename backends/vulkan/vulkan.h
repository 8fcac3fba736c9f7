// SPDX-License-Identifier: MIT
// vulkan://N: a GPU (or a CPU that poses as one) through Vulkan 1.3.
//
//   vulkan://N?queues=Q&validate=off|auto|on&timestamps=on|off&spin_us=S&stall_s=S
//             &cache=F
//
// N: position in the driver's list, 0 when left out. queues: real queues to spread the
// logical ones over, at most; all the family has when left out. validate: run under the
// Khronos validation layer and report what it says (backends/runtime/diagnostics.h);
// auto: where the layer is installed. timestamps=off saves two command buffers a
// submission. spin_us: how long a host wait polls before it blocks. stall_s:
// how long nothing at all may be reached on the device while a host thread waits for
// it, before it is taken for lost; 0: for ever. cache: a private folder (mode 0700)
// where compiled pipelines are kept; none when left out.
#ifndef ASSAY_BACKENDS_VULKAN_VULKAN_H_
#define ASSAY_BACKENDS_VULKAN_VULKAN_H_

#include <memory>

#include "backends/interface/device.h"
#include "backends/runtime/uri.h"

namespace assay::vulkan {

// Throws unavailable, with the reason, when there is no loader, driver or such device.
std::shared_ptr<Device> open(const runtime::Uri& uri);

}  // namespace assay::vulkan

#endif  // ASSAY_BACKENDS_VULKAN_VULKAN_H_
