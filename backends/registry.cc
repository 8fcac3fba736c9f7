// SPDX-License-Identifier: MIT
// The only file that names every device: what else a new one takes is in
// ARCHITECTURE.md.
#include "backends/registry.h"

#include "backends/inline/inline_device.h"
#include "backends/layers/hazard.h"
#include "backends/layers/perturb.h"
#include "backends/layers/trace.h"
#include "backends/runtime/uri.h"
#include "backends/vgpu/vgpu.h"
#include "backends/vulkan/vulkan.h"

namespace assay {
namespace {

struct Row {
  std::string_view scheme;
  std::string_view uri_form;
  std::string_view summary;
  std::shared_ptr<Device> (*open)(const runtime::Uri& uri);
};

constexpr Row kDevices[] = {
    {"inline", "inline://", "serial reference: no thread, fixed order",
     inline_device::open},
    {"vgpu", "vgpu://?cus=N&executor=tbb|std&spin_us=N",
     "virtual GPU: N compute units on a thread pool", vgpu::open},
    {"vulkan",
     "vulkan://N?queues=Q&validate=off|auto|on&timestamps=on|off&spin_us=S&stall_s=S"
     "&cache=F",
     "GPU number N of the Vulkan drivers", vulkan::open},
};

struct LayerRow {
  std::string_view name;
  std::string_view form;
  std::string_view summary;
  std::shared_ptr<Device> (*wrap)(std::shared_ptr<Device> inner,
                                  const runtime::Uri& layer);
};

constexpr LayerRow kLayers[] = {
    {"trace", "trace", "records calls, submissions and executions",
     layers::wrap_in_trace},
    {"perturb", "perturb(call=NAME,delay_us=N,jitter_us=N,mutex=0|1,seed=N)",
     "a delay, jitter or lock in one call", layers::wrap_in_perturb},
    {"hazard", "hazard(quiet=0|1)", "finds submissions that race for a buffer",
     layers::wrap_in_hazard},
};

std::shared_ptr<Device> wrap(std::shared_ptr<Device> device,
                             const runtime::Uri& layer) {
  std::string known;
  for (const LayerRow& row : kLayers) {
    if (row.name == layer.scheme) return row.wrap(std::move(device), layer);
    known.append(known.empty() ? "" : ", ").append(row.name);
  }
  throw Error(StatusCode::invalid_argument,
              "unknown layer '" + layer.scheme + "'; known are " + known);
}

}  // namespace

std::vector<LayerEntry> known_layers() {
  std::vector<LayerEntry> entries;
  for (const LayerRow& row : kLayers) {
    entries.push_back(
        {std::string(row.name), std::string(row.form), std::string(row.summary)});
  }
  return entries;
}

std::vector<DeviceEntry> known_devices() {
  std::vector<DeviceEntry> entries;
  for (const Row& row : kDevices) {
    DeviceEntry entry{std::string(row.scheme), std::string(row.uri_form),
                      std::string(row.summary), ""};
    try {
      open_device(std::string(row.scheme) + "://");
    } catch (const Error& error) {
      if (error.code() != StatusCode::unavailable) throw;
      entry.absent_because = error.what();
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

namespace {

std::shared_ptr<Device> open_bare(std::string_view uri) {
  const runtime::Uri parsed = runtime::parse_uri(uri);
  std::string known;
  for (const Row& row : kDevices) {
    if (row.scheme == parsed.scheme) return row.open(parsed);
    known.append(known.empty() ? "" : ", ").append(row.scheme);
  }
  throw Error(StatusCode::invalid_argument, "device URI '" + std::string(uri) +
                                                "': unknown device '" + parsed.scheme +
                                                "'; known are " + known);
}

}  // namespace

std::shared_ptr<Device> open_device(std::string_view uri) {
  const runtime::UriStack stack = runtime::parse_stack(uri);
  std::shared_ptr<Device> device = open_bare(stack.device);
  for (auto layer = stack.layers.rbegin(); layer != stack.layers.rend(); ++layer) {
    device = wrap(std::move(device), *layer);
  }
  return device;
}

}  // namespace assay
