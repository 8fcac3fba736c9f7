// SPDX-License-Identifier: MIT
#include "backends/runtime/encoder.h"

#include <algorithm>
#include <string>
#include <utility>

namespace assay::runtime {
namespace {

[[noreturn]] void invalid(const std::string& message) {
  throw Error(StatusCode::invalid_argument, message);
}

}  // namespace

HostKernelObject::HostKernelObject(KernelDesc desc, std::uint64_t device_id,
                                   const Caps& caps)
    : desc_(std::move(desc)), device_id_(device_id) {
  const std::string name = "kernel '" + desc_.name + "'";
  if (desc_.host != nullptr && !desc_.spirv.empty()) {
    invalid(name + " has both a host function and SPIR-V: exactly one must be set");
  }
  if (desc_.host == nullptr && desc_.spirv.empty()) invalid(name + " has no code");
  if (desc_.host == nullptr) {
    throw Error(StatusCode::not_supported,
                name + ": " + caps.uri + " runs host functions, not SPIR-V");
  }
  const Limits& limits = caps.limits;
  if (desc_.local_bytes > limits.max_local_bytes) {
    invalid(name + " wants " + std::to_string(desc_.local_bytes) +
            " bytes of local memory; the limit is " +
            std::to_string(limits.max_local_bytes));
  }
  if (desc_.constants_bytes > limits.max_constants_bytes) {
    invalid(name + " wants " + std::to_string(desc_.constants_bytes) +
            " bytes of constants; the limit is " +
            std::to_string(limits.max_constants_bytes));
  }
  if (desc_.bindings.size() > limits.max_bindings) {
    invalid(name + " has " + std::to_string(desc_.bindings.size()) +
            " bindings; the limit is " + std::to_string(limits.max_bindings));
  }
}

Encoder::Encoder(std::shared_ptr<DeviceCore> device, EncoderDesc desc)
    : device_(std::move(device)),
      desc_(std::move(desc)),
      recorded_(std::make_shared<RecordedCommands>()) {
  recorded_->label_ = desc_.label;
  recorded_->device_id_ = device_->id();
}

void Encoder::require_recording() const {
  if (!recorded_) {
    throw Error(StatusCode::failed_precondition, "the encoder is finished");
  }
}

Encoder::Resolved Encoder::resolve(const BufferSlice& slice, const char* what) const {
  if (!slice.buffer) invalid(std::string(what) + ": null buffer");
  auto buffer = std::dynamic_pointer_cast<HostBuffer>(slice.buffer);
  if (!buffer || buffer->device_id() != device_->id()) {
    invalid(std::string(what) + ": the buffer belongs to another device");
  }
  const std::size_t size = buffer->bytes();
  const std::size_t bytes = slice.bytes == BufferSlice::kWhole && slice.offset <= size
                                ? size - slice.offset
                                : slice.bytes;
  if (slice.offset > size || bytes > size - slice.offset) {
    invalid(std::string(what) + ": [" + std::to_string(slice.offset) + ", +" +
            std::to_string(bytes) + ") is outside the buffer of " +
            std::to_string(size) + " bytes");
  }
  BoundRange range{bytes == 0 ? nullptr : buffer->data() + slice.offset, bytes};
  return {std::move(buffer), range, slice.offset};
}

Encoder::Resolved Encoder::resolve_bindable(const BufferSlice& slice,
                                            const char* what) const {
  Resolved resolved = resolve(slice, what);
  if (resolved.buffer->kind() == MemoryKind::host) {
    throw Error(
        StatusCode::not_supported,
        std::string(what) +
            ": host memory cannot be bound; copy it to device or unified memory");
  }
  if (resolved.offset % device_->caps().limits.binding_alignment != 0) {
    invalid(std::string(what) + ": offset " + std::to_string(resolved.offset) +
            " is not a multiple of " +
            std::to_string(device_->caps().limits.binding_alignment));
  }
  return resolved;
}

void Encoder::add(Command command, std::uint64_t tiles, std::uint32_t library_threads) {
  RecordedCommands& recorded = *recorded_;
  if (!open_segment_ || library_threads != 0) {
    Segment segment;
    segment.first = recorded.commands_.size();
    recorded.segments_.push_back(std::move(segment));
  }
  Segment& segment = recorded.segments_.back();
  segment.tile_counts.push_back(tiles);
  segment.tiles += tiles;
  segment.library_threads = library_threads;
  recorded.library_threads_ = std::max(recorded.library_threads_, library_threads);
  recorded.commands_.push_back(std::move(command));
  open_segment_ = desc_.ordering == Ordering::concurrent && library_threads == 0;
}

void Encoder::dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                       std::span<const BufferSlice> bindings,
                       std::span<const std::byte> constants) {
  require_recording();
  const auto object = std::dynamic_pointer_cast<HostKernelObject>(kernel);
  if (!object) invalid("dispatch: null kernel, or one of another device");
  const KernelDesc& desc = object->desc();
  const std::string what = "dispatch of '" + desc.name + "'";
  if (object->device_id() != device_->id()) {
    invalid(what + ": the kernel belongs to another device");
  }
  if (bindings.size() != desc.bindings.size()) {
    invalid(what + ": " + std::to_string(bindings.size()) + " bindings given, " +
            std::to_string(desc.bindings.size()) + " declared");
  }
  if (constants.size() != desc.constants_bytes) {
    invalid(what + ": " + std::to_string(constants.size()) +
            " bytes of constants given, " + std::to_string(desc.constants_bytes) +
            " declared");
  }
  const std::uint32_t limit = device_->caps().limits.max_groups_per_dimension;
  if (groups.x > limit || groups.y > limit || groups.z > limit) {
    invalid(what + ": more than " + std::to_string(limit) + " groups in a dimension");
  }
  std::uint64_t count = std::uint64_t{groups.x} * groups.y;
  if (__builtin_mul_overflow(count, std::uint64_t{groups.z}, &count)) {
    invalid(what + ": the number of groups overflows");
  }
  DispatchCommand command{kernel, groups, {}, {constants.begin(), constants.end()}};
  std::vector<std::shared_ptr<Buffer>> retained;
  for (const BufferSlice& slice : bindings) {
    Resolved resolved = resolve_bindable(slice, what.c_str());
    command.bindings.push_back(resolved.range);
    retained.push_back(std::move(resolved.buffer));
  }
  recorded_->groups_ += count;
  recorded_->retained_.insert(recorded_->retained_.end(), retained.begin(),
                              retained.end());
  add(std::move(command), count);
}

void Encoder::copy(const BufferSlice& source, const BufferSlice& destination) {
  require_recording();
  Resolved from = resolve(source, "copy source");
  Resolved to = resolve(destination, "copy destination");
  if (from.range.bytes != to.range.bytes) {
    invalid("copy: " + std::to_string(from.range.bytes) + " bytes into " +
            std::to_string(to.range.bytes));
  }
  const std::size_t bytes = from.range.bytes;
  if (from.buffer == to.buffer && from.offset < to.offset + bytes &&
      to.offset < from.offset + bytes) {
    invalid("copy: source and destination overlap");
  }
  recorded_->retained_.push_back(std::move(from.buffer));
  recorded_->retained_.push_back(std::move(to.buffer));
  add(CopyCommand{from.range.data, to.range.data, bytes}, copy_tiles(bytes));
}

void Encoder::fill(const BufferSlice& destination, std::uint32_t pattern) {
  require_recording();
  Resolved to = resolve(destination, "fill");
  if (to.offset % sizeof(pattern) != 0 || to.range.bytes % sizeof(pattern) != 0) {
    invalid("fill: offset and size must be multiples of 4 bytes");
  }
  recorded_->retained_.push_back(std::move(to.buffer));
  add(FillCommand{to.range.data, to.range.bytes, pattern}, copy_tiles(to.range.bytes));
}

void Encoder::barrier() {
  require_recording();
  open_segment_ = false;
}

void Encoder::host_call(HostCall call) {
  require_recording();
  if (!call.run) invalid("host call '" + call.label + "' has no function");
  add(std::move(call), 1);
}

void Encoder::library_call(LibraryCall call) {
  require_recording();
  const std::string what = "library call '" + call.label + "'";
  if (!call.run) invalid(what + " has no function");
  const std::uint32_t units = device_->caps().compute_units;
  if (call.threads == 0 || call.threads > units) {
    invalid(what + ": " + std::to_string(call.threads) + " threads on a device with " +
            std::to_string(units) + " compute units");
  }
  std::vector<BoundRange> operands;
  std::vector<std::shared_ptr<Buffer>> retained;
  for (const LibraryCall::Operand& operand : call.operands) {
    Resolved resolved = resolve_bindable(operand.slice, what.c_str());
    operands.push_back(resolved.range);
    retained.push_back(std::move(resolved.buffer));
  }
  recorded_->retained_.insert(recorded_->retained_.end(), retained.begin(),
                              retained.end());
  const std::uint32_t threads = call.threads;
  add(LibraryCommand{std::move(call), std::move(operands)}, 1, threads);
}

std::shared_ptr<CommandBuffer> Encoder::finish() {
  require_recording();
  device_->count_encoded();
  return std::exchange(recorded_, nullptr);
}

}  // namespace assay::runtime
