// SPDX-License-Identifier: MIT
// The forwarding base of every layer: a device over another device, that hands each
// call on unchanged. A layer derives and overrides the calls it is about.
//
// What is wrapped is what a layer has to see calls of: device, queue, timeline,
// encoder. Buffers, kernels and command buffers are the inner device's own objects.
// Were they wrapped, work in flight would keep the inner object alive and not the
// wrapper, and the rule that a submission keeps what it uses would break for everybody
// who looks.
//
// Lifetime follows from that too. A wrapper holds its inner handle and so keeps the
// device open as that handle does; work in flight holds no wrapper, so a device with
// unmet waits still closes when the user lets go. What a layer hangs on work (the
// closure of a host call, the data of a kernel) must therefore hold no handle either.
#ifndef ASSAY_BACKENDS_LAYERS_LAYER_H_
#define ASSAY_BACKENDS_LAYERS_LAYER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/interface/device.h"

namespace assay::layers {

class LayerTimeline : public Timeline {
 public:
  explicit LayerTimeline(std::shared_ptr<Timeline> inner) : inner_(std::move(inner)) {}

  std::uint64_t value() const noexcept override { return inner_->value(); }
  std::optional<Status> query(std::uint64_t value) const override {
    return inner_->query(value);
  }
  void signal(std::uint64_t value) override { inner_->signal(value); }
  void fail(const Status& status) override { inner_->fail(status); }
  Status wait(std::uint64_t value, Timeout timeout) override {
    return inner_->wait(value, timeout);
  }

  const std::shared_ptr<Timeline>& inner() const noexcept { return inner_; }

 private:
  std::shared_ptr<Timeline> inner_;
};

// The point as the inner device knows it. A point of any other device stays as it is,
// for the inner device to refuse.
Point unwrapped(const Point& point);
std::vector<Point> unwrapped(std::span<const Point> points);

class LayerQueue : public Queue {
 public:
  // `timeline` wraps the inner queue's own one: points keep the identity of it.
  LayerQueue(std::shared_ptr<Queue> inner, std::shared_ptr<LayerTimeline> timeline)
      : inner_(std::move(inner)), timeline_(std::move(timeline)) {}

  using Queue::submit;
  Point submit(std::shared_ptr<CommandBuffer> commands, std::span<const Point> waits,
               std::span<const Point> signals) override;
  Point last() const override { return {timeline_, inner_->last().value}; }
  std::optional<Timestamps> timestamps(const Point& point) const override {
    return inner_->timestamps(unwrapped(point));
  }

  const std::shared_ptr<Queue>& inner() const noexcept { return inner_; }
  const std::shared_ptr<LayerTimeline>& timeline() const noexcept { return timeline_; }

 private:
  std::shared_ptr<Queue> inner_;
  std::shared_ptr<LayerTimeline> timeline_;
};

class LayerEncoder : public CommandEncoder {
 public:
  explicit LayerEncoder(std::unique_ptr<CommandEncoder> inner)
      : inner_(std::move(inner)) {}

  using CommandEncoder::dispatch;
  void dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                std::span<const BufferSlice> bindings,
                std::span<const std::byte> constants) override {
    inner_->dispatch(kernel, groups, bindings, constants);
  }
  void copy(const BufferSlice& source, const BufferSlice& destination) override {
    inner_->copy(source, destination);
  }
  void fill(const BufferSlice& destination, std::uint32_t pattern) override {
    inner_->fill(destination, pattern);
  }
  void barrier() override { inner_->barrier(); }
  void host_call(HostCall call) override { inner_->host_call(std::move(call)); }
  void library_call(LibraryCall call) override {
    inner_->library_call(std::move(call));
  }
  std::shared_ptr<CommandBuffer> finish() override { return inner_->finish(); }

  CommandEncoder& inner() const noexcept { return *inner_; }

 private:
  std::unique_ptr<CommandEncoder> inner_;
};

class LayerDevice : public Device {
 public:
  // `spelling` is the layer in a URI ("trace", "perturb(call=submit,delay_us=5)"): the
  // device's own URI becomes spelling+<inner URI>, which opens the same stack again.
  LayerDevice(std::shared_ptr<Device> inner, std::string_view spelling);

  const Caps& caps() const noexcept override { return caps_; }
  std::shared_ptr<Buffer> create_buffer(const BufferDesc& desc) override {
    return inner_->create_buffer(desc);
  }
  std::shared_ptr<Kernel> create_kernel(const KernelDesc& desc) override {
    return inner_->create_kernel(desc);
  }
  std::unique_ptr<CommandEncoder> create_encoder(const EncoderDesc& desc) override {
    return std::make_unique<LayerEncoder>(inner_->create_encoder(desc));
  }
  // A graph's command buffers and a pool's blocks are the inner device's, as those made
  // by themselves are. A pool knows points only by what they answer, so it takes the
  // layer's.
  std::unique_ptr<GraphBuilder> create_graph_builder(const GraphDesc& desc) override {
    return inner_->create_graph_builder(desc);
  }
  std::shared_ptr<MemoryPool> create_memory_pool(const PoolDesc& desc) override {
    return inner_->create_memory_pool(desc);
  }
  std::shared_ptr<Queue> create_queue(const QueueDesc& desc) override;
  std::shared_ptr<Timeline> create_timeline(std::uint64_t initial_value) override {
    return std::make_shared<LayerTimeline>(inner_->create_timeline(initial_value));
  }
  Status synchronize(Timeout timeout) override { return inner_->synchronize(timeout); }
  std::uint64_t now_ns() const noexcept override { return inner_->now_ns(); }
  Counters counters() const noexcept override { return inner_->counters(); }

  const std::shared_ptr<Device>& inner() const noexcept { return inner_; }

 private:
  std::shared_ptr<Device> inner_;
  Caps caps_;
};

// The outermost layer of type T in the stack of `device`, or null. Lives as long as
// `device`.
template <typename T>
T* find_layer(Device& device) {
  Device* at = &device;
  while (auto* layer = dynamic_cast<LayerDevice*>(at)) {
    if (auto* found = dynamic_cast<T*>(layer)) return found;
    at = layer->inner().get();
  }
  return nullptr;
}

}  // namespace assay::layers

#endif  // ASSAY_BACKENDS_LAYERS_LAYER_H_
