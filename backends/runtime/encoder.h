// SPDX-License-Identifier: MIT
// Checks commands and records them as tiles and segments.
#ifndef ASSAY_BACKENDS_RUNTIME_ENCODER_H_
#define ASSAY_BACKENDS_RUNTIME_ENCODER_H_

#include <memory>
#include <string>

#include "backends/interface/command_buffer.h"
#include "backends/runtime/commands.h"
#include "backends/runtime/device_core.h"
#include "backends/runtime/host_memory.h"
#include "backends/runtime/tiles.h"

namespace assay::runtime {

// One dispatch recorded allocates twice: the encoder, and the command buffer. Blocks
// kept by each thread would make that never, and 60 ns 50: not done, since malloc keeps
// such blocks too, and of ours no tool would see a use after the end.
class Encoder final : public CommandEncoder {
 public:
  Encoder(std::shared_ptr<DeviceCore> device, const EncoderDesc& desc);

  using CommandEncoder::dispatch;
  void dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                std::span<const BufferSlice> bindings,
                std::span<const std::byte> constants) override;
  void copy(const BufferSlice& source, const BufferSlice& destination) override;
  void fill(const BufferSlice& destination, std::uint32_t pattern) override;
  void barrier() override;
  void host_call(HostCall call) override;
  void library_call(LibraryCall call) override;
  std::shared_ptr<CommandBuffer> finish() override;
  // finish() of a sequential encoder that holds a graph's nodes in the plan's order.
  std::shared_ptr<CommandBuffer> finish_graph(std::shared_ptr<const GraphPlan> plan);

 private:
  struct Resolved {
    std::shared_ptr<HostBuffer> buffer;
    BoundRange range;
    std::size_t offset = 0;
  };
  void require_recording() const;
  void record_dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                       std::span<const BufferSlice> bindings,
                       std::span<const std::byte> constants);
  void record_library_call(LibraryCall call);
  // Checks owner and range; throws invalid_argument naming `what`.
  Resolved resolve(const BufferSlice& slice, const char* what) const;
  Resolved resolve_bindable(const BufferSlice& slice, const char* what) const;
  // Recorded{made_of...} is the command.
  template <typename Recorded, typename... Arguments>
  void add(std::uint64_t tiles, std::uint32_t library_threads, Arguments&&... made_of);

  std::shared_ptr<DeviceCore> device_;
  Ordering ordering_;
  std::shared_ptr<RecordedCommands> recorded_;
  bool open_segment_ = false;
};

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_ENCODER_H_
