// SPDX-License-Identifier: MIT
#include "backends/vulkan/commands.h"

#include <utility>

#include "backends/interface/status.h"
#include "backends/runtime/command_checks.h"
#include "backends/runtime/short_memory.h"

namespace assay::vulkan {
namespace {

using runtime::or_out_of_memory;

constexpr const char* kNoCommandMemory = "no memory to record a command";

constexpr VkPipelineStageFlags2 kWork =
    VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT;
constexpr VkAccessFlags2 kWrites =
    VK_ACCESS_2_SHADER_WRITE_BIT | VK_ACCESS_2_TRANSFER_WRITE_BIT;
constexpr VkAccessFlags2 kAccesses =
    kWrites | VK_ACCESS_2_SHADER_READ_BIT | VK_ACCESS_2_TRANSFER_READ_BIT;

void record_barrier(const VolkDeviceTable& vk, VkCommandBuffer commands,
                    VkPipelineStageFlags2 to_stage, VkAccessFlags2 to_access) {
  auto barrier = make<VkMemoryBarrier2>(VK_STRUCTURE_TYPE_MEMORY_BARRIER_2);
  barrier.srcStageMask = kWork;
  barrier.srcAccessMask = kWrites;
  barrier.dstStageMask = to_stage;
  barrier.dstAccessMask = to_access;
  auto info = make<VkDependencyInfo>(VK_STRUCTURE_TYPE_DEPENDENCY_INFO);
  info.memoryBarrierCount = 1;
  info.pMemoryBarriers = &barrier;
  vk.vkCmdPipelineBarrier2(commands, &info);
}

// A copy or a fill in the groups that WorkCap counts.
std::uint64_t groups_moving(std::size_t bytes) { return bytes / 4096; }

}  // namespace

GpuPoint QueueUse::elsewhere(const RealQueue& queue) const {
  if (queue_ == &queue || !until_.semaphore) return {};
  return until_.semaphore->reached(until_.value) ? GpuPoint() : until_;
}

void QueueUse::move_to(const RealQueue& queue, GpuPoint point) {
  queue_ = &queue;
  until_ = std::move(point);
}

GpuCommands::GpuCommands(std::shared_ptr<Gpu> gpu, std::string label)
    : gpu_(std::move(gpu)), label_(std::move(label)) {}

GpuCommands::~GpuCommands() {
  if (pool_ == VK_NULL_HANDLE) return;
  // Its command buffers go with the reset: a pool that is taken again starts empty.
  for (const Step& step : steps_) {
    if (step.commands == VK_NULL_HANDLE) continue;
    gpu_->vk().vkFreeCommandBuffers(gpu_->handle(), pool_, 1, &step.commands);
  }
  gpu_->vk().vkResetCommandPool(gpu_->handle(), pool_, 0);
  gpu_->release_pool(pool_);
}

GpuEncoder::GpuEncoder(std::shared_ptr<Gpu> gpu, EncoderDesc desc,
                       std::shared_ptr<std::atomic<std::uint64_t>> encoded)
    : gpu_(std::move(gpu)),
      desc_(std::move(desc)),
      encoded_(std::move(encoded)),
      recorded_(std::make_shared<GpuCommands>(gpu_, desc_.label)) {}

GpuEncoder::~GpuEncoder() {
  // Dropped in the middle: the step ends like any other, and goes with its pool.
  if (open_ != VK_NULL_HANDLE) gpu_->vk().vkEndCommandBuffer(open_);
}

void GpuEncoder::require_recording() const {
  if (!recorded_) {
    throw Error(StatusCode::failed_precondition, "the encoder is finished");
  }
}

std::shared_ptr<GpuBuffer> GpuEncoder::resolve(const BufferSlice& slice,
                                               const char* what) const {
  if (!slice.buffer) invalid(std::string(what) + ": null buffer");
  auto buffer = std::dynamic_pointer_cast<GpuBuffer>(slice.buffer);
  if (!buffer || buffer->gpu() != gpu_.get()) {
    invalid(std::string(what) + ": the buffer belongs to another device");
  }
  return buffer;
}

VkCommandBuffer GpuEncoder::begin_command(std::uint64_t groups) {
  const WorkCap& cap = gpu_->cap();
  if (open_ != VK_NULL_HANDLE &&
      (open_count_ >= cap.commands || open_groups_ + groups > cap.groups)) {
    end_commands(false);
  }
  if (open_ == VK_NULL_HANDLE) open_commands();
  if (barrier_due_) record_barrier(gpu_->vk(), open_, kWork, kAccesses);
  barrier_due_ = desc_.ordering == Ordering::sequential;
  ++open_count_;
  open_groups_ += groups;
  return open_;
}

void GpuEncoder::open_commands() {
  const VolkDeviceTable& vk = gpu_->vk();
  GpuCommands& recorded = *recorded_;
  if (recorded.pool_ == VK_NULL_HANDLE) recorded.pool_ = gpu_->acquire_pool();
  auto allocate =
      make<VkCommandBufferAllocateInfo>(VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO);
  allocate.commandPool = recorded.pool_;
  allocate.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
  allocate.commandBufferCount = 1;
  // Room first: what was allocated would be in no step.
  recorded.steps_.emplace_back();
  Step step;
  if (const VkResult made =
          vk.vkAllocateCommandBuffers(gpu_->handle(), &allocate, &step.commands);
      made != VK_SUCCESS) {
    recorded.steps_.pop_back();
    require(made, "vkAllocateCommandBuffers");
  }
  auto begin =
      make<VkCommandBufferBeginInfo>(VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO);
  // Any number of submissions at the same time, on any queue.
  begin.flags = VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT;
  const VkResult begun = vk.vkBeginCommandBuffer(step.commands, &begin);
  if (begun != VK_SUCCESS) {
    vk.vkFreeCommandBuffers(gpu_->handle(), recorded.pool_, 1, &step.commands);
    recorded.steps_.pop_back();
    require(begun, "vkBeginCommandBuffer");
  }
  open_ = step.commands;
  recorded.steps_.back() = std::move(step);
  open_count_ = 0;
  open_groups_ = 0;
  // Orders it after the earlier submissions of its queue, which went to the same real
  // queue: cheaper there than a semaphore, and visible to what follows.
  barrier_due_ = true;
}

void GpuEncoder::end_commands(bool host_may_look) {
  if (open_ == VK_NULL_HANDLE) return;
  // What a host wait for the point makes visible: takes an H200 0.9 us, so not where
  // all that was written is memory that nobody can map.
  if (host_may_look && host_sees_) {
    record_barrier(gpu_->vk(), open_, VK_PIPELINE_STAGE_2_HOST_BIT,
                   VK_ACCESS_2_HOST_READ_BIT | VK_ACCESS_2_HOST_WRITE_BIT);
    host_sees_ = false;
  }
  const VkResult ended =
      gpu_->vk().vkEndCommandBuffer(std::exchange(open_, VK_NULL_HANDLE));
  if (ended == VK_SUCCESS) return;
  recorded_.reset();  // half of it is lost, so all of it is
  require(ended, "vkEndCommandBuffer");
}

GpuEncoder::Descriptors GpuEncoder::describe(
    std::span<const BufferSlice> bindings) const {
  Descriptors all;
  auto& [infos, writes] = all;
  infos.resize(bindings.size());
  writes.resize(bindings.size());
  for (std::uint32_t i = 0; i < bindings.size(); ++i) {
    const SliceRange range = range_of(bindings[i], "dispatch");
    const auto& buffer = static_cast<const GpuBuffer&>(*bindings[i].buffer);
    infos[i] = {buffer.handle(), range.offset, range.bytes};
    // A byte is not an element of anything, so its array has length 0.
    if (range.bytes == 0) infos[i] = {gpu_->placeholder(), 0, 1};
    writes[i] = make<VkWriteDescriptorSet>(VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET);
    writes[i].dstBinding = i;
    writes[i].descriptorCount = 1;
    writes[i].descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
    writes[i].pBufferInfo = &infos[i];
  }
  return all;
}

void GpuEncoder::dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                          std::span<const BufferSlice> bindings,
                          std::span<const std::byte> constants) {
  require_recording();
  or_out_of_memory(kNoCommandMemory,
                   [&] { record_dispatch(kernel, groups, bindings, constants); });
}

void GpuEncoder::record_dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                                 std::span<const BufferSlice> bindings,
                                 std::span<const std::byte> constants) {
  const auto object = std::dynamic_pointer_cast<GpuKernel>(kernel);
  if (!object) invalid("dispatch: null kernel, or one of another device");
  const std::string what = "dispatch of '" + object->desc().name + "'";
  if (object->gpu() != gpu_.get()) {
    invalid(what + ": the kernel belongs to another device");
  }
  const Limits& limits = gpu_->caps().limits;
  const std::uint64_t count = runtime::check_dispatch(
      object->desc(), groups, bindings.size(), constants.size(), limits, what);
  std::vector<std::shared_ptr<const void>> retained = {object};
  for (const BufferSlice& slice : bindings) {
    retained.push_back(resolve(slice, what.c_str()));
    runtime::check_bindable(slice, limits, what);
  }
  if (count == 0) {
    ++recorded_->count_;
    return;
  }
  // Before there is a command that uses them.
  recorded_->retained_.insert(recorded_->retained_.end(), retained.begin(),
                              retained.end());
  std::vector<std::byte> padded(constants.begin(), constants.end());
  padded.resize(padded_constants(constants.size()));
  const Descriptors descriptors = describe(bindings);
  const VolkDeviceTable& vk = gpu_->vk();
  VkCommandBuffer commands = begin_command(count);
  ++recorded_->count_;
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    if (object->desc().bindings[i] == Access::read) continue;
    note_write(static_cast<const GpuBuffer&>(*bindings[i].buffer));
  }
  vk.vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, object->pipeline());
  if (!bindings.empty()) {
    vk.vkCmdPushDescriptorSetKHR(
        commands, VK_PIPELINE_BIND_POINT_COMPUTE, object->layout(), 0,
        static_cast<std::uint32_t>(bindings.size()), descriptors.writes.data());
  }
  if (!constants.empty()) {
    vk.vkCmdPushConstants(commands, object->layout(), VK_SHADER_STAGE_COMPUTE_BIT, 0,
                          static_cast<std::uint32_t>(padded.size()), padded.data());
  }
  vk.vkCmdDispatch(commands, groups.x, groups.y, groups.z);
  recorded_->groups_ += count;
}

void GpuEncoder::copy(const BufferSlice& source, const BufferSlice& destination) {
  require_recording();
  or_out_of_memory(kNoCommandMemory, [&] {
    const auto from = resolve(source, "copy source");
    const auto to = resolve(destination, "copy destination");
    const SliceRange from_range = range_of(source, "copy source");
    const SliceRange to_range = range_of(destination, "copy destination");
    runtime::check_copy(from == to, from_range, to_range);
    if (from_range.bytes != 0) {
      const VkBufferCopy region = {from_range.offset, to_range.offset,
                                   from_range.bytes};
      recorded_->retained_.push_back(from);
      recorded_->retained_.push_back(to);
      gpu_->vk().vkCmdCopyBuffer(begin_command(groups_moving(from_range.bytes)),
                                 from->handle(), to->handle(), 1, &region);
      note_write(*to);
    }
    ++recorded_->count_;
  });
}

void GpuEncoder::fill(const BufferSlice& destination, std::uint32_t pattern) {
  require_recording();
  or_out_of_memory(kNoCommandMemory, [&] {
    const auto to = resolve(destination, "fill");
    const SliceRange range = range_of(destination, "fill");
    runtime::check_fill(range);
    if (range.bytes != 0) {
      recorded_->retained_.push_back(to);
      gpu_->vk().vkCmdFillBuffer(begin_command(groups_moving(range.bytes)),
                                 to->handle(), range.offset, range.bytes, pattern);
      note_write(*to);
    }
    ++recorded_->count_;
  });
}

void GpuEncoder::barrier() {
  require_recording();
  if (open_ != VK_NULL_HANDLE) barrier_due_ = true;
}

void GpuEncoder::host_call(HostCall call) {
  require_recording();
  if (!call.run) invalid("host call '" + call.label + "' has no function");
  or_out_of_memory(kNoCommandMemory, [&] {
    end_commands(true);
    recorded_->steps_.push_back({VK_NULL_HANDLE, std::move(call)});
    ++recorded_->count_;
    recorded_->host_calls_ = true;
  });
}

void GpuEncoder::library_call(LibraryCall call) {
  require_recording();
  throw Error(StatusCode::not_supported,
              "library call '" + call.label +
                  "': the host has no address for a Vulkan device's memory; use a CPU "
                  "device");
}

std::shared_ptr<CommandBuffer> GpuEncoder::finish() {
  require_recording();
  end_commands(true);
  encoded_->fetch_add(1, std::memory_order_relaxed);
  return std::exchange(recorded_, nullptr);
}

}  // namespace assay::vulkan
