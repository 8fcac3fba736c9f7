// SPDX-License-Identifier: MIT
// A data race between two groups of one dispatch. ThreadSanitizer must report it: were
// it quiet here, its silence about every other test would mean nothing, be it for a
// suppression or for synchronization in the device that hides what kernels do.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <thread>

#include "backends/registry.h"

namespace {

// The race: groups run at the same time, and this is not atomic.
void add_without_order(const assay::GroupContext& context) noexcept {
  std::uint32_t& counter = *context.bindings[0].as<std::uint32_t>();
  for (int i = 0; i < 10; ++i) {
    counter = counter + 1;
    // Long enough for the other unit to take a group, also on one core.
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

int main() {
  const std::shared_ptr<assay::Device> device =
      assay::open_device("vgpu://?cus=2&executor=std");
  assay::BufferDesc buffer_desc;
  buffer_desc.bytes = sizeof(std::uint32_t);
  buffer_desc.kind = assay::MemoryKind::unified;
  const std::shared_ptr<assay::Buffer> counter = device->create_buffer(buffer_desc);

  assay::KernelDesc desc;
  desc.name = "add_without_order";
  desc.bindings = {assay::Access::read_write};
  desc.host = add_without_order;
  const std::shared_ptr<assay::Kernel> kernel = device->create_kernel(desc);

  const std::unique_ptr<assay::CommandEncoder> encoder = device->create_encoder();
  encoder->fill({counter}, 0);
  encoder->dispatch(kernel, {8, 1, 1}, {{counter}});
  const assay::Status status = device->create_queue()->submit(encoder->finish()).wait();
  std::printf("the race was not found: %s\n", status.to_string().c_str());
  return status.ok() ? 0 : 1;
}
