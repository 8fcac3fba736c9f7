// SPDX-License-Identifier: MIT
// The serial reference device: inline://
//
// No thread of its own. A submission that can run does so inside submit(), on the
// caller's thread; one that cannot is parked, and the thread that signals the last wait
// runs it. Groups run in index order. It keeps the whole contract, wait-before-signal
// included, and is what the other devices are compared with.
#ifndef ASSAY_BACKENDS_INLINE_INLINE_DEVICE_H_
#define ASSAY_BACKENDS_INLINE_INLINE_DEVICE_H_

#include <memory>

#include "backends/interface/device.h"
#include "backends/runtime/uri.h"

namespace assay::inline_device {

// Takes no keys. Throws as open_device() does.
std::shared_ptr<Device> open(const runtime::Uri& uri);

}  // namespace assay::inline_device

#endif  // ASSAY_BACKENDS_INLINE_INLINE_DEVICE_H_
