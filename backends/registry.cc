// SPDX-License-Identifier: MIT
// The only file that names every device. A new device is one row here, one folder
// beside, and one line in CMakeLists.txt.
#include "backends/registry.h"

#include "backends/inline/inline_device.h"
#include "backends/runtime/uri.h"
#include "backends/vgpu/vgpu.h"

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
};

}  // namespace

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

std::shared_ptr<Device> open_device(std::string_view uri) {
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

}  // namespace assay
