// SPDX-License-Identifier: MIT
#include "tests/conformance/mutants/encoders.h"

#include <algorithm>
#include <cstring>

namespace assay::conformance {
namespace {

using layers::LayerEncoder;

// Keeps the commands of a concurrent section until it ends. Each is also recorded by an
// encoder whose commands nobody runs, so that misuse is refused at its own call.
class ReversingEncoder final : public CommandEncoder {
 public:
  ReversingEncoder(Device& device, const EncoderDesc& desc, bool barriers)
      : real_(device.create_encoder(desc)),
        check_(device.create_encoder(desc)),
        concurrent_(desc.ordering == Ordering::concurrent),
        barriers_(barriers) {}

  void dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                std::span<const BufferSlice> bindings,
                std::span<const std::byte> constants) override {
    add([=, slices = std::vector(bindings.begin(), bindings.end()),
         bytes = std::vector(constants.begin(), constants.end())](CommandEncoder& to) {
      to.dispatch(kernel, groups, slices, bytes);
    });
  }
  void copy(const BufferSlice& source, const BufferSlice& destination) override {
    add([=](CommandEncoder& to) { to.copy(source, destination); });
  }
  void fill(const BufferSlice& destination, std::uint32_t pattern) override {
    add([=](CommandEncoder& to) { to.fill(destination, pattern); });
  }
  void barrier() override {
    if (finished_ || (barriers_ && concurrent_)) {
      end_section();
      real_->barrier();
    }
  }
  void host_call(HostCall call) override {
    add([=](CommandEncoder& to) { to.host_call(call); });
  }
  void library_call(LibraryCall call) override {
    add([=](CommandEncoder& to) { to.library_call(call); });
  }
  std::shared_ptr<CommandBuffer> finish() override {
    end_section();
    finished_ = true;
    return real_->finish();
  }

 private:
  using Record = std::function<void(CommandEncoder&)>;

  void add(Record record) {
    if (finished_ || !concurrent_) return record(*real_);
    record(*check_);
    section_.push_back(std::move(record));
  }
  void end_section() {
    for (auto record = section_.rbegin(); record != section_.rend(); ++record) {
      (*record)(*real_);
    }
    section_.clear();
  }

  EncoderPointer real_;
  EncoderPointer check_;
  const bool concurrent_;
  const bool barriers_;
  bool finished_ = false;
  std::vector<Record> section_;
};

class SwallowingEncoder final : public LayerEncoder {
 public:
  using LayerEncoder::LayerEncoder;
  void host_call(HostCall call) override {
    if (call.run) {
      call.run = [run = std::move(call.run)] {
        (void)run();
        return Status();
      };
    }
    inner().host_call(std::move(call));
  }
};

class HidingEncoder final : public LayerEncoder {
 public:
  HidingEncoder(EncoderPointer inner, WorldPointer world)
      : LayerEncoder(std::move(inner)), world_(std::move(world)) {}
  void host_call(HostCall call) override {
    if (call.run) {
      call.run = [run = std::move(call.run), hidden = hidden_] {
        Status status = run();
        if (status.ok()) return status;
        const std::lock_guard lock(hidden->mutex);
        hidden->status = std::move(status);
        return Status();
      };
    }
    inner().host_call(std::move(call));
  }
  std::shared_ptr<CommandBuffer> finish() override {
    std::shared_ptr<CommandBuffer> commands = inner().finish();
    const std::lock_guard lock(world_->mutex);
    world_->recorded[commands.get()] = hidden_;
    return commands;
  }

 private:
  WorldPointer world_;
  std::shared_ptr<HiddenFailure> hidden_ = std::make_shared<HiddenFailure>();
};

class ShortCopyEncoder final : public LayerEncoder {
 public:
  using LayerEncoder::LayerEncoder;
  void copy(const BufferSlice& source, const BufferSlice& destination) override {
    BufferSlice from = source;
    BufferSlice to = destination;
    for (BufferSlice* slice : {&from, &to}) {
      if (!slice->buffer || slice->offset > slice->buffer->bytes()) continue;
      if (slice->bytes == BufferSlice::kWhole) {
        slice->bytes = slice->buffer->bytes() - slice->offset;
      }
      if (slice->bytes > 4) slice->bytes -= 4;
    }
    inner().copy(from, to);
  }
};

class StaleConstantsEncoder final : public LayerEncoder {
 public:
  using LayerEncoder::LayerEncoder;
  void dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                std::span<const BufferSlice> bindings,
                std::span<const std::byte> constants) override {
    if (first_.empty()) first_.assign(constants.begin(), constants.end());
    inner().dispatch(kernel, groups, bindings,
                     first_.size() == constants.size() ? std::span(first_) : constants);
  }

 private:
  std::vector<std::byte> first_;
};

class LooseBuffer final : public Buffer {
 public:
  explicit LooseBuffer(std::shared_ptr<Buffer> inner) : inner_(std::move(inner)) {}
  ~LooseBuffer() override {
    // Nobody but recorded work is left: as if its memory went to somebody else.
    if (inner_.use_count() == 1 || inner_->kind() == MemoryKind::device) return;
    std::ranges::fill(inner_->map().bytes(), std::byte{0xDD});
  }
  const BufferDesc& desc() const noexcept override { return inner_->desc(); }
  const std::shared_ptr<Buffer>& inner() const noexcept { return inner_; }

 private:
  std::span<std::byte> do_map() override {
    mapping_ = inner_->map();
    return mapping_.bytes();
  }
  void do_unmap() noexcept override { mapping_.unmap(); }

  std::shared_ptr<Buffer> inner_;
  Mapping mapping_;
};

BufferSlice tightened(BufferSlice slice) {
  if (const auto loose = std::dynamic_pointer_cast<LooseBuffer>(slice.buffer)) {
    slice.buffer = loose->inner();
  }
  return slice;
}

class LooseEncoder final : public LayerEncoder {
 public:
  using LayerEncoder::LayerEncoder;
  void dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                std::span<const BufferSlice> bindings,
                std::span<const std::byte> constants) override {
    std::vector<BufferSlice> slices;
    for (const BufferSlice& slice : bindings) slices.push_back(tightened(slice));
    inner().dispatch(kernel, groups, slices, constants);
  }
  void copy(const BufferSlice& source, const BufferSlice& destination) override {
    inner().copy(tightened(source), tightened(destination));
  }
  void fill(const BufferSlice& destination, std::uint32_t pattern) override {
    inner().fill(tightened(destination), pattern);
  }
  void library_call(LibraryCall call) override {
    for (LibraryCall::Operand& operand : call.operands) {
      operand.slice = tightened(operand.slice);
    }
    inner().library_call(std::move(call));
  }
};

}  // namespace

EncoderPointer reversing_encoder(const WorldPointer&, Device& inner,
                                 const EncoderDesc& desc) {
  return std::make_unique<ReversingEncoder>(inner, desc, true);
}

EncoderPointer barrierless_encoder(const WorldPointer&, Device& inner,
                                   const EncoderDesc& desc) {
  return std::make_unique<ReversingEncoder>(inner, desc, false);
}

EncoderPointer swallowing_encoder(const WorldPointer&, Device& inner,
                                  const EncoderDesc& desc) {
  return std::make_unique<SwallowingEncoder>(inner.create_encoder(desc));
}

EncoderPointer hiding_encoder(const WorldPointer& world, Device& inner,
                              const EncoderDesc& desc) {
  return std::make_unique<HidingEncoder>(inner.create_encoder(desc), world);
}

EncoderPointer short_copy_encoder(const WorldPointer&, Device& inner,
                                  const EncoderDesc& desc) {
  return std::make_unique<ShortCopyEncoder>(inner.create_encoder(desc));
}

EncoderPointer stale_constants_encoder(const WorldPointer&, Device& inner,
                                       const EncoderDesc& desc) {
  return std::make_unique<StaleConstantsEncoder>(inner.create_encoder(desc));
}

EncoderPointer loose_encoder(const WorldPointer&, Device& inner,
                             const EncoderDesc& desc) {
  return std::make_unique<LooseEncoder>(inner.create_encoder(desc));
}

std::shared_ptr<Buffer> loose_buffer(Device& inner, const BufferDesc& desc) {
  return std::make_shared<LooseBuffer>(inner.create_buffer(desc));
}

}  // namespace assay::conformance
