// SPDX-License-Identifier: MIT
// A place where work runs. Open one with open_device() of backends/registry.h.
//
// Nothing is implicit: no default queue, no current queue of a thread, no default grid,
// no global last error.
#ifndef ASSAY_BACKENDS_INTERFACE_DEVICE_H_
#define ASSAY_BACKENDS_INTERFACE_DEVICE_H_

#include <cstdint>
#include <memory>

#include "backends/interface/buffer.h"
#include "backends/interface/caps.h"
#include "backends/interface/command_buffer.h"
#include "backends/interface/graph.h"
#include "backends/interface/kernel.h"
#include "backends/interface/memory_pool.h"
#include "backends/interface/queue.h"
#include "backends/interface/timeline.h"

namespace assay {

// Totals since the device was opened. A measurement compares them before and after a
// timed region: a region that compiles or allocates is not the region it claims to be.
struct Counters {
  std::uint64_t kernels_compiled = 0;
  std::uint64_t buffers_allocated = 0;
  std::uint64_t bytes_allocated = 0;
  std::uint64_t command_buffers_encoded = 0;
  std::uint64_t submissions = 0;
  std::uint64_t groups_executed = 0;
};

// Thread-safe. Owned by shared_ptr and open while any handle made from it lives. When
// the last handle goes, runnable work is finished and work whose wait nobody can meet
// any more fails as `aborted`.
class Device {
 public:
  Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  virtual ~Device() = default;

  virtual const Caps& caps() const noexcept = 0;

  // Whatever is created: out_of_memory when there is none for it, with nothing changed.
  // So do the calls of an encoder; what was recorded before stays recorded.

  // Throws out_of_memory, or invalid_argument above Limits::max_buffer_bytes, before
  // touching memory.
  virtual std::shared_ptr<Buffer> create_buffer(const BufferDesc& desc) = 0;
  // Throws invalid_argument or not_supported; never returns a kernel that does nothing.
  virtual std::shared_ptr<Kernel> create_kernel(const KernelDesc& desc) = 0;
  virtual std::unique_ptr<CommandEncoder> create_encoder(
      const EncoderDesc& desc = {}) = 0;
  // Throws not_supported on a device without graphs.
  virtual std::unique_ptr<GraphBuilder> create_graph_builder(
      const GraphDesc& desc = {});
  // Throws not_supported on a device without pools.
  virtual std::shared_ptr<MemoryPool> create_memory_pool(const PoolDesc& desc = {});
  virtual std::shared_ptr<Queue> create_queue(const QueueDesc& desc = {}) = 0;
  virtual std::shared_ptr<Timeline> create_timeline(
      std::uint64_t initial_value = 0) = 0;

  // Waits for everything submitted to any queue before the call; later submissions do
  // not extend it. Returns the first failure among that work. Refused with
  // failed_precondition inside work of this device. Timeouts as Timeline::wait.
  virtual Status synchronize(Timeout timeout = kForever) = 0;

  // The clock of Timestamps: monotonic nanoseconds, comparable with the host's
  // std::chrono::steady_clock on CPU devices.
  virtual std::uint64_t now_ns() const noexcept = 0;
  virtual Counters counters() const noexcept = 0;
};

}  // namespace assay

#endif  // ASSAY_BACKENDS_INTERFACE_DEVICE_H_
