// SPDX-License-Identifier: MIT
// Recording work. An encoder is written once by one thread; finish() turns it into an
// immutable command buffer that any number of submissions may use, also at the same
// time.
#ifndef ASSAY_BACKENDS_INTERFACE_COMMAND_BUFFER_H_
#define ASSAY_BACKENDS_INTERFACE_COMMAND_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "backends/interface/buffer.h"
#include "backends/interface/kernel.h"
#include "backends/interface/status.h"

namespace assay {

// How the commands of one buffer relate.
enum class Ordering : std::uint8_t {
  // Each command completes, and is visible, before the next starts.
  sequential,
  // Commands between two barriers are unordered and may overlap on the device.
  concurrent,
};

struct EncoderDesc {
  Ordering ordering = Ordering::sequential;
  std::string label = {};
};

// A host function in the stream. Runs on a thread of the executing side (on an inline
// device: the thread that submits or signals). Must not wait for its own device: such
// waits are refused. A failure status, or an exception derived from std::exception,
// fails the submission.
struct HostCall {
  std::string label = {};
  std::function<Status()> run = {};
};

// A call into a library that brings its own threads. The device lends it `threads`
// compute units for as long as it runs, so that the two together never run more threads
// than the device has units. Slices must be bindable (not MemoryKind::host). Only where
// Caps::host_kernels: not_supported elsewhere.
struct LibraryCall {
  struct Operand {
    BufferSlice slice;
    Access access = Access::read;
  };
  std::string label = {};
  std::uint32_t threads = 1;  // 1 <= threads <= Caps::compute_units
  std::vector<Operand> operands = {};
  // Gets the operands' addresses, in order.
  std::function<Status(std::span<const BoundRange>)> run = {};
};

// Immutable; thread-safe; owned by shared_ptr. Keeps its kernels and buffers alive.
class CommandBuffer {
 public:
  CommandBuffer() = default;
  CommandBuffer(const CommandBuffer&) = delete;
  CommandBuffer& operator=(const CommandBuffer&) = delete;
  virtual ~CommandBuffer() = default;
  virtual const std::string& label() const noexcept = 0;
  virtual std::size_t command_count() const noexcept = 0;
};

// Belongs to one thread at a time. Every call checks its arguments and throws Error
// without recording anything; every call after finish() throws failed_precondition.
class CommandEncoder {
 public:
  CommandEncoder() = default;
  CommandEncoder(const CommandEncoder&) = delete;
  CommandEncoder& operator=(const CommandEncoder&) = delete;
  virtual ~CommandEncoder() = default;

  // Runs `kernel` once for each group of the grid. There is no default grid. A grid
  // with a zero is legal and does nothing. `constants` has KernelDesc::constants_bytes
  // bytes and is copied.
  virtual void dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                        std::span<const BufferSlice> bindings,
                        std::span<const std::byte> constants) = 0;
  // Sizes must be equal; overlapping ranges of one buffer are refused.
  virtual void copy(const BufferSlice& source, const BufferSlice& destination) = 0;
  // Fills with a repeated 32-bit pattern; offset and size are multiples of 4.
  virtual void fill(const BufferSlice& destination, std::uint32_t pattern) = 0;
  // Everything recorded before completes, and is visible, before anything recorded
  // after starts. In a sequential encoder this already holds and the call does nothing.
  virtual void barrier() = 0;
  virtual void host_call(HostCall call) = 0;
  virtual void library_call(LibraryCall call) = 0;

  // Ends recording. An empty command buffer is legal.
  virtual std::shared_ptr<CommandBuffer> finish() = 0;

  // dispatch() with a braced list of slices and a trivially copyable constants struct.
  template <typename T>
  void dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                std::initializer_list<BufferSlice> bindings, const T& constants) {
    static_assert(std::is_trivially_copyable_v<T>);
    dispatch(kernel, groups, std::span(bindings.begin(), bindings.size()),
             std::as_bytes(std::span(&constants, 1)));
  }
  void dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                std::initializer_list<BufferSlice> bindings) {
    dispatch(kernel, groups, std::span(bindings.begin(), bindings.size()),
             std::span<const std::byte>());
  }
};

}  // namespace assay

#endif  // ASSAY_BACKENDS_INTERFACE_COMMAND_BUFFER_H_
