// SPDX-License-Identifier: MIT
#include "backends/layers/layer.h"

namespace assay::layers {

Point unwrapped(const Point& point) {
  const auto* layer = dynamic_cast<const LayerTimeline*>(point.timeline.get());
  return layer == nullptr ? point : Point{layer->inner(), point.value};
}

std::vector<Point> unwrapped(std::span<const Point> points) {
  std::vector<Point> inner;
  inner.reserve(points.size());
  for (const Point& point : points) inner.push_back(unwrapped(point));
  return inner;
}

Point LayerQueue::submit(std::shared_ptr<CommandBuffer> commands,
                         std::span<const Point> waits, std::span<const Point> signals) {
  const Point point =
      inner_->submit(std::move(commands), unwrapped(waits), unwrapped(signals));
  return {timeline_, point.value};
}

LayerDevice::LayerDevice(std::shared_ptr<Device> inner, std::string_view spelling)
    : inner_(std::move(inner)), caps_(inner_->caps()) {
  caps_.uri = std::string(spelling) + "+" + caps_.uri;
  caps_.name += ", under " + std::string(spelling);
}

std::shared_ptr<Queue> LayerDevice::create_queue(const QueueDesc& desc) {
  std::shared_ptr<Queue> queue = inner_->create_queue(desc);
  auto timeline = std::make_shared<LayerTimeline>(queue->last().timeline);
  return std::make_shared<LayerQueue>(std::move(queue), std::move(timeline));
}

}  // namespace assay::layers
