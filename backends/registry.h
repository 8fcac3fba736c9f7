// SPDX-License-Identifier: MIT
// The list of devices this build knows, and how to open one.
#ifndef ASSAY_BACKENDS_REGISTRY_H_
#define ASSAY_BACKENDS_REGISTRY_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backends/interface/device.h"

namespace assay {

struct DeviceEntry {
  std::string scheme;    // "vgpu"
  std::string uri_form;  // "vgpu://?cus=N&executor=tbb|std"
  std::string summary;
  // Empty when the device can be opened here; else why it is absent and how to get it.
  std::string absent_because;
};

// Every device, present or absent, in the order of the table in registry.cc.
std::vector<DeviceEntry> known_devices();

// What can stand between a caller and any device: see docs/layers.md.
struct LayerEntry {
  std::string name;  // "perturb"
  std::string form;  // "perturb(call=NAME,delay_us=N)"
  std::string summary;
};
std::vector<LayerEntry> known_layers();

// Opens a device: scheme://path?key=value&key=value, under any number of layers:
// layer+layer(key=value,...)+scheme://... A key that is left out has its default:
// "vgpu://" has a compute unit for each processor this process may use, "vulkan://" is
// the first GPU. The same URI again is another device, which shares nothing. Throws
//   invalid_argument  the URI does not parse, its scheme, layer or a key is unknown, a
//                     value is out of range
//   unavailable       the device is absent here; the message says why. Tests skip on
//                     this code alone.
std::shared_ptr<Device> open_device(std::string_view uri);

}  // namespace assay

#endif  // ASSAY_BACKENDS_REGISTRY_H_
