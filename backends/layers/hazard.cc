// SPDX-License-Identifier: MIT
#include "backends/layers/hazard.h"

#include <string>
#include <utility>

#include "backends/layers/hazard_graph.h"
#include "backends/layers/hazard_state.h"
#include "backends/layers/layer.h"

namespace assay::layers {
namespace {

class HazardTimeline final : public LayerTimeline {
 public:
  HazardTimeline(std::shared_ptr<Timeline> inner, std::shared_ptr<HazardState> state,
                 std::uint32_t line)
      : LayerTimeline(std::move(inner)), state_(std::move(state)), line_(line) {}

  std::uint64_t value() const noexcept override {
    const std::uint64_t reached = inner()->value();
    state_->detector->host_observes({line_, reached});
    return reached;
  }
  std::optional<Status> query(std::uint64_t value) const override {
    std::optional<Status> status = inner()->query(value);
    if (status) state_->detector->host_observes({line_, value});
    return status;
  }
  void signal(std::uint64_t value) override {
    raise(value, [&] { inner()->signal(value); });
  }
  void fail(const Status& status) override {
    raise(UINT64_MAX, [&] { inner()->fail(status); });
  }
  Status wait(std::uint64_t value, Timeout timeout) override {
    Status status = inner()->wait(value, timeout);
    // Over, well or not; else it timed out or was refused, and nothing is known.
    if (status.ok() || inner()->query(value)) {
      state_->detector->host_observes({line_, value});
    }
    return status;
  }

  std::uint32_t line() const noexcept { return line_; }

 private:
  // Known before it happens, so that nobody sees the value without its clock.
  template <typename Signal>
  void raise(std::uint64_t value, const Signal& signal) {
    std::vector<Race> races;
    const LinePoint point{line_, value};
    const bool added = state_->detector->host_signal(point, races);
    try {
      signal();
    } catch (const Error&) {
      if (added) state_->detector->retract_host_signal(point);
      throw;
    }
    state_->findings.add(std::move(races));
  }

  std::shared_ptr<HazardState> state_;
  const std::uint32_t line_;
};

std::vector<LinePoint> lines_of(std::span<const Point> points) {
  std::vector<LinePoint> lines;
  for (const Point& point : points) {
    const auto* line = dynamic_cast<const HazardTimeline*>(point.timeline.get());
    if (line != nullptr) lines.push_back({line->line(), point.value});
  }
  return lines;
}

class HazardQueue final : public LayerQueue {
 public:
  HazardQueue(std::shared_ptr<Device> device, const std::shared_ptr<Queue>& inner,
              const std::shared_ptr<HazardState>& state, RaceDetector::QueueIds ids)
      : LayerQueue(inner, std::make_shared<HazardTimeline>(inner->last().timeline,
                                                           state, ids.line)),
        device_(std::move(device)),
        state_(state),
        ids_(ids) {}

  using Queue::submit;
  Point submit(std::shared_ptr<CommandBuffer> commands, std::span<const Point> waits,
               std::span<const Point> signals) override {
    // The submission waits for this too, and so does not run before it is recorded.
    const Point permit{device_->create_timeline(0), 1};
    std::vector<Point> inner_waits = unwrapped(waits);
    inner_waits.push_back(permit);
    const RecordedAccesses recorded =
        commands ? state_->recorded(commands) : RecordedAccesses();
    std::string label = commands ? commands->label() : "";
    const Point point =
        inner()->submit(std::move(commands), inner_waits, unwrapped(signals));
    if (recorded.uses) {
      const std::lock_guard lock(recorded.uses->mutex);
      recorded.uses->uses.push_back({point.timeline, {ids_.line, point.value}});
    }
    state_->findings.add(state_->detector->submit(ids_.queue, point.value,
                                                  std::move(label), recorded.accesses,
                                                  lines_of(waits), lines_of(signals)));
    permit.timeline->signal(permit.value);
    return {timeline(), point.value};
  }

 private:
  std::shared_ptr<Device> device_;  // the inner one
  std::shared_ptr<HazardState> state_;
  const RaceDetector::QueueIds ids_;
};

class HazardEncoder final : public LayerEncoder {
 public:
  HazardEncoder(std::unique_ptr<CommandEncoder> inner,
                std::shared_ptr<HazardState> state, const EncoderDesc& desc)
      : LayerEncoder(std::move(inner)),
        state_(std::move(state)),
        label_(desc.label),
        concurrent_(desc.ordering == Ordering::concurrent) {}

  void dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                std::span<const BufferSlice> bindings,
                std::span<const std::byte> constants) override {
    inner().dispatch(kernel, groups, bindings, constants);
    const KernelDesc& desc = kernel->desc();
    Accesses accesses;
    for (std::size_t i = 0; i < bindings.size(); ++i) {
      state_->declare(bindings[i], desc.bindings[i], "dispatch of '" + desc.name + "'",
                      accesses);
    }
    add(std::move(accesses));
  }
  void copy(const BufferSlice& source, const BufferSlice& destination) override {
    inner().copy(source, destination);
    Accesses accesses;
    state_->declare(source, Access::read, "copy", accesses);
    state_->declare(destination, Access::write, "copy", accesses);
    add(std::move(accesses));
  }
  void fill(const BufferSlice& destination, std::uint32_t pattern) override {
    inner().fill(destination, pattern);
    Accesses accesses;
    state_->declare(destination, Access::write, "fill", accesses);
    add(std::move(accesses));
  }
  void barrier() override {
    inner().barrier();
    section_ = all_.size();
  }
  void host_call(HostCall call) override {
    inner().host_call(observed(std::move(call), state_->detector, uses_));
  }
  void library_call(LibraryCall call) override {
    const std::vector<LibraryCall::Operand> operands = call.operands;
    const std::string command = "library call '" + call.label + "'";
    inner().library_call(std::move(call));
    Accesses accesses;
    for (const LibraryCall::Operand& operand : operands) {
      state_->declare(operand.slice, operand.access, command, accesses);
    }
    add(std::move(accesses));
  }
  std::shared_ptr<CommandBuffer> finish() override {
    std::shared_ptr<CommandBuffer> commands = inner().finish();
    state_->findings.add(std::move(races_));
    state_->keep(commands, {std::make_shared<const Accesses>(std::move(all_)), uses_});
    return commands;
  }

 private:
  using Accesses = std::vector<DeclaredAccess>;

  // A command is not compared with itself: how its groups share is its own affair.
  void add(Accesses accesses) {
    for (const DeclaredAccess& access : accesses) {
      for (std::size_t i = section_; concurrent_ && i < all_.size(); ++i) {
        if (auto race = race_between(all_[i], access, label_)) {
          races_.push_back(std::move(*race));
        }
      }
    }
    all_.insert(all_.end(), accesses.begin(), accesses.end());
  }

  std::shared_ptr<HazardState> state_;
  const std::string label_;
  const bool concurrent_;
  Accesses all_;
  std::size_t section_ = 0;  // where the commands since the last barrier begin
  std::vector<Race> races_;
  std::shared_ptr<CommandUses> uses_ = std::make_shared<CommandUses>();
};

class HazardDevice final : public LayerDevice {
 public:
  HazardDevice(std::shared_ptr<Device> inner, const std::string& spelling, bool quiet)
      : LayerDevice(std::move(inner), spelling),
        state_(std::make_shared<HazardState>(quiet)) {}

  std::unique_ptr<CommandEncoder> create_encoder(const EncoderDesc& desc) override {
    return std::make_unique<HazardEncoder>(inner()->create_encoder(desc), state_, desc);
  }
  std::unique_ptr<GraphBuilder> create_graph_builder(const GraphDesc& desc) override {
    return check_graphs(inner()->create_graph_builder(desc), state_, desc);
  }
  std::shared_ptr<Queue> create_queue(const QueueDesc& desc) override {
    const std::shared_ptr<Queue> queue = inner()->create_queue(desc);
    return std::make_shared<HazardQueue>(inner(), queue, state_,
                                         state_->detector->add_queue(desc.label));
  }
  std::shared_ptr<Timeline> create_timeline(std::uint64_t initial_value) override {
    return std::make_shared<HazardTimeline>(inner()->create_timeline(initial_value),
                                            state_,
                                            state_->detector->add_line(initial_value));
  }
  Status synchronize(Timeout timeout) override {
    const std::vector<LinePoint> points = state_->detector->last_points();
    Status status = inner()->synchronize(timeout);
    // Whoever times out or is refused knows nothing; after any other failure all of the
    // work is over.
    if (status.code() != StatusCode::deadline_exceeded &&
        status.code() != StatusCode::failed_precondition) {
      for (const LinePoint& point : points) state_->detector->host_observes(point);
    }
    return status;
  }

  HazardReport report() const {
    HazardReport report = state_->findings.report();
    report.pending = state_->detector->pending();
    return report;
  }

 private:
  std::shared_ptr<HazardState> state_;
};

}  // namespace

std::shared_ptr<Device> wrap_in_hazard(std::shared_ptr<Device> inner,
                                       const runtime::Uri& layer) {
  runtime::require_only(layer, {"quiet"});
  const bool quiet = runtime::integer_parameter(layer, "quiet", 0, 0, 1) != 0;
  return std::make_shared<HazardDevice>(std::move(inner), runtime::spelling(layer),
                                        quiet);
}

HazardReport hazards_of(Device& device) {
  const auto* layer = find_layer<HazardDevice>(device);
  if (layer == nullptr) {
    throw Error(
        StatusCode::failed_precondition,
        device.caps().uri + " has no hazard layer: open hazard+" + device.caps().uri);
  }
  return layer->report();
}

}  // namespace assay::layers
