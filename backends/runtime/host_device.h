// SPDX-License-Identifier: MIT
// The Device of a CPU engine.
#ifndef ASSAY_BACKENDS_RUNTIME_HOST_DEVICE_H_
#define ASSAY_BACKENDS_RUNTIME_HOST_DEVICE_H_

#include <memory>

#include "backends/interface/device.h"
#include "backends/runtime/device_core.h"

namespace assay::runtime {

// Opens a device over the engine that `factory` makes.
std::shared_ptr<Device> make_host_device(const DeviceCore::EngineFactory& factory);

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_HOST_DEVICE_H_
