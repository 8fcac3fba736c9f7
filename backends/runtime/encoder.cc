// SPDX-License-Identifier: MIT
#include "backends/runtime/encoder.h"

#include <algorithm>
#include <new>
#include <string>
#include <typeinfo>
#include <utility>

#include "backends/interface/status.h"
#include "backends/runtime/command_checks.h"
#include "backends/runtime/short_memory.h"

namespace assay::runtime {
namespace {

constexpr const char* kNoCommandMemory = "no memory to record a command";

}  // namespace

Encoder::Encoder(std::shared_ptr<DeviceCore> device, const EncoderDesc& desc)
    : device_(std::move(device)),
      ordering_(desc.ordering),
      recorded_(std::make_shared<RecordedCommands>(desc.label, device_->id())) {}

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
  const SliceRange range = range_of(slice, what);
  BoundRange bound{range.bytes == 0 ? nullptr : buffer->data() + range.offset,
                   range.bytes};
  return {std::move(buffer), bound, range.offset};
}

Encoder::Resolved Encoder::resolve_bindable(const BufferSlice& slice,
                                            const char* what) const {
  Resolved resolved = resolve(slice, what);
  check_bindable(slice, device_->caps().limits, what);
  return resolved;
}

template <typename Recorded, typename... Arguments>
void Encoder::add(std::uint64_t tiles, std::uint32_t library_threads,
                  Arguments&&... made_of) {
  RecordedCommands& recorded = *recorded_;
  const bool continues = open_segment_ && library_threads == 0;
  const std::uint64_t before = continues ? recorded.segments_.back().tiles : 0;
  if (!continues) {
    recorded.segments_.emplace_back().first = recorded.commands_.size();
  }
  try {
    recorded.commands_.emplace_back(std::in_place_type<Recorded>, before + tiles,
                                    std::forward<Arguments>(made_of)...);
  } catch (const std::bad_alloc&) {
    if (!continues) recorded.segments_.pop_back();
    throw;
  }
  Segment& segment = recorded.segments_.back();
  ++segment.count;
  segment.tiles += tiles;
  segment.library_threads = library_threads;
  recorded.library_threads_ = std::max(recorded.library_threads_, library_threads);
  open_segment_ = ordering_ == Ordering::concurrent && library_threads == 0;
}

void Encoder::dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                       std::span<const BufferSlice> bindings,
                       std::span<const std::byte> constants) {
  require_recording();
  or_out_of_memory(kNoCommandMemory,
                   [&] { record_dispatch(kernel, groups, bindings, constants); });
}

void Encoder::record_dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                              std::span<const BufferSlice> bindings,
                              std::span<const std::byte> constants) {
  // The class is final, so its type is compared: dynamic_cast, which GCC 12 calls the
  // library for all the same, is 5 of the 60 ns of a command buffer.
  const Kernel* const given = kernel.get();
  if (given == nullptr || typeid(*given) != typeid(HostKernelObject)) {
    invalid("dispatch: null kernel, or one of another device");
  }
  const auto& object = static_cast<const HostKernelObject&>(*given);
  const KernelDesc& desc = object.desc();
  const std::string& what = object.dispatch_name();
  if (object.device_id() != device_->id()) {
    invalid(what + ": the kernel belongs to another device");
  }
  const std::uint64_t count = check_dispatch(
      desc, groups, bindings.size(), constants.size(), device_->caps().limits, what);
  std::vector<BoundRange> bound;
  std::vector<std::shared_ptr<Buffer>> retained;
  for (const BufferSlice& slice : bindings) {
    Resolved resolved = resolve_bindable(slice, what.c_str());
    bound.push_back(resolved.range);
    retained.push_back(std::move(resolved.buffer));
  }
  recorded_->retained_.insert(recorded_->retained_.end(), retained.begin(),
                              retained.end());
  add<DispatchCommand>(count, 0, kernel, groups, std::move(bound), constants);
  recorded_->groups_ += count;  // after all that may throw
}

void Encoder::copy(const BufferSlice& source, const BufferSlice& destination) {
  require_recording();
  or_out_of_memory(kNoCommandMemory, [&] {
    Resolved from = resolve(source, "copy source");
    Resolved to = resolve(destination, "copy destination");
    const std::size_t bytes = from.range.bytes;
    check_copy(from.buffer == to.buffer, {from.offset, bytes},
               {to.offset, to.range.bytes});
    recorded_->retained_.push_back(std::move(from.buffer));
    recorded_->retained_.push_back(std::move(to.buffer));
    add<CopyCommand>(copy_tiles(bytes), 0,
                     CopyCommand{from.range.data, to.range.data, bytes});
  });
}

void Encoder::fill(const BufferSlice& destination, std::uint32_t pattern) {
  require_recording();
  or_out_of_memory(kNoCommandMemory, [&] {
    Resolved to = resolve(destination, "fill");
    check_fill({to.offset, to.range.bytes});
    recorded_->retained_.push_back(std::move(to.buffer));
    add<FillCommand>(copy_tiles(to.range.bytes), 0,
                     FillCommand{to.range.data, to.range.bytes, pattern});
  });
}

void Encoder::barrier() {
  require_recording();
  open_segment_ = false;
}

void Encoder::host_call(HostCall call) {
  require_recording();
  if (!call.run) invalid("host call '" + call.label + "' has no function");
  or_out_of_memory(kNoCommandMemory, [&] { add<HostCall>(1, 0, std::move(call)); });
}

void Encoder::library_call(LibraryCall call) {
  require_recording();
  or_out_of_memory(kNoCommandMemory, [&] { record_library_call(std::move(call)); });
}

void Encoder::record_library_call(LibraryCall call) {
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
  add<LibraryCommand>(1, threads, LibraryCommand{std::move(call), std::move(operands)});
}

std::shared_ptr<CommandBuffer> Encoder::finish() {
  require_recording();
  device_->count_encoded();
  return std::exchange(recorded_, nullptr);
}

std::shared_ptr<CommandBuffer> Encoder::finish_graph(
    std::shared_ptr<const GraphPlan> plan) {
  require_recording();
  // A library call with several threads takes the compute units that the threads of
  // other branches would wait on: in order, there are none.
  const bool in_order = plan->strands().size() < 2 || recorded_->library_threads_ > 1;
  if (!in_order) recorded_->plan_ = std::move(plan);
  return finish();
}

}  // namespace assay::runtime
