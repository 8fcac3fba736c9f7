// SPDX-License-Identifier: MIT
#include "backends/layers/hazard_graph.h"

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace assay::layers {
namespace {

// What a node declares, as it can be bound anew.
struct CheckedNode {
  std::string command;
  std::vector<Access> access;  // of each slice
  std::vector<DeclaredAccess> touches;
  std::vector<std::size_t> next;  // nodes behind an edge
};

// For each node, those that a path of edges leads to. Quadratic in the nodes, as is the
// comparison it is for; a checked run is not a fast one.
using Reach = std::vector<std::vector<bool>>;

Reach reach_of(const std::vector<CheckedNode>& nodes) {
  Reach reach(nodes.size(), std::vector<bool>(nodes.size()));
  for (std::size_t from = 0; from < nodes.size(); ++from) {
    std::vector<std::size_t> open = nodes[from].next;
    while (!open.empty()) {
      const std::size_t at = open.back();
      open.pop_back();
      if (reach[from][at]) continue;
      reach[from][at] = true;
      open.insert(open.end(), nodes[at].next.begin(), nodes[at].next.end());
    }
  }
  return reach;
}

class HazardGraph final : public Graph {
 public:
  HazardGraph(std::shared_ptr<Graph> inner, std::shared_ptr<HazardState> state,
              std::string label, std::vector<CheckedNode> nodes,
              std::shared_ptr<CommandUses> uses)
      : inner_(std::move(inner)),
        state_(std::move(state)),
        label_(std::move(label)),
        nodes_(std::move(nodes)),
        reach_(reach_of(nodes_)),
        uses_(std::move(uses)) {
    std::vector<Race> races;
    for (std::size_t i = 0; i < nodes_.size(); ++i) compare(i, 0, i, races);
    state_->findings.add(std::move(races));
  }

  std::size_t node_count() const noexcept override { return inner_->node_count(); }

  std::shared_ptr<CommandBuffer> commands() override {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<CommandBuffer> commands = inner_->commands();
    if (kept_.lock() != commands) {
      std::vector<DeclaredAccess> all;
      for (const CheckedNode& node : nodes_) {
        all.insert(all.end(), node.touches.begin(), node.touches.end());
      }
      state_->keep(
          commands,
          {std::make_shared<const std::vector<DeclaredAccess>>(std::move(all)), uses_});
      kept_ = commands;
    }
    return commands;
  }

  using Graph::rebind;
  void rebind(GraphNode node, std::span<const BufferSlice> slices) override {
    const std::lock_guard lock(mutex_);
    inner_->rebind(node, slices);
    const auto index = static_cast<std::size_t>(node);
    CheckedNode& changed = nodes_[index];
    changed.touches = state_->declared(slices, changed.access, changed.command);
    std::vector<Race> races;
    compare(index, 0, nodes_.size(), races);
    state_->findings.add(std::move(races));
  }
  using Graph::set_constants;
  void set_constants(GraphNode node, std::span<const std::byte> constants) override {
    inner_->set_constants(node, constants);
  }

 private:
  // A node with those of [begin, end) that no path orders with it. Not with itself: how
  // the groups of a command share is its own affair.
  void compare(std::size_t node, std::size_t begin, std::size_t end,
               std::vector<Race>& races) const {
    for (std::size_t other = begin; other < end; ++other) {
      if (other == node || reach_[node][other] || reach_[other][node]) continue;
      for (const DeclaredAccess& first : nodes_[other].touches) {
        for (const DeclaredAccess& second : nodes_[node].touches) {
          if (auto race = race_between(first, second, label_)) {
            races.push_back(std::move(*race));
          }
        }
      }
    }
  }

  const std::shared_ptr<Graph> inner_;
  const std::shared_ptr<HazardState> state_;
  const std::string label_;
  std::mutex mutex_;
  std::vector<CheckedNode> nodes_;
  const Reach reach_;
  const std::shared_ptr<CommandUses> uses_;
  std::weak_ptr<CommandBuffer> kept_;
};

class HazardGraphBuilder final : public GraphBuilder {
 public:
  HazardGraphBuilder(std::unique_ptr<GraphBuilder> inner,
                     std::shared_ptr<HazardState> state, std::string label)
      : inner_(std::move(inner)), state_(std::move(state)), label_(std::move(label)) {}

  using GraphBuilder::dispatch;
  GraphNode dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                     std::span<const BufferSlice> bindings,
                     std::span<const std::byte> constants) override {
    const GraphNode node = inner_->dispatch(kernel, groups, bindings, constants);
    const KernelDesc& desc = kernel->desc();
    add("dispatch of '" + desc.name + "'", desc.bindings, bindings);
    return node;
  }
  GraphNode copy(const BufferSlice& source, const BufferSlice& destination) override {
    const GraphNode node = inner_->copy(source, destination);
    const BufferSlice slices[] = {source, destination};
    add("copy", {Access::read, Access::write}, slices);
    return node;
  }
  GraphNode fill(const BufferSlice& destination, std::uint32_t pattern) override {
    const GraphNode node = inner_->fill(destination, pattern);
    add("fill", {Access::write}, std::span(&destination, 1));
    return node;
  }
  GraphNode host_call(HostCall call) override {
    const std::string command = "host call '" + call.label + "'";
    const GraphNode node =
        inner_->host_call(observed(std::move(call), state_->detector, uses_));
    add(command, {}, {});
    return node;
  }
  GraphNode library_call(LibraryCall call) override {
    const std::string command = "library call '" + call.label + "'";
    std::vector<Access> access;
    std::vector<BufferSlice> slices;
    for (const LibraryCall::Operand& operand : call.operands) {
      access.push_back(operand.access);
      slices.push_back(operand.slice);
    }
    const GraphNode node = inner_->library_call(std::move(call));
    add(command, std::move(access), slices);
    return node;
  }
  void depend(GraphNode before, GraphNode after) override {
    inner_->depend(before, after);
    nodes_[static_cast<std::size_t>(before)].next.push_back(
        static_cast<std::size_t>(after));
  }
  std::shared_ptr<Graph> instantiate() override {
    return std::make_shared<HazardGraph>(inner_->instantiate(), state_, label_, nodes_,
                                         uses_);
  }

 private:
  void add(std::string command, std::vector<Access> access,
           std::span<const BufferSlice> slices) {
    CheckedNode node;
    node.touches = state_->declared(slices, access, command);
    node.command = std::move(command);
    node.access = std::move(access);
    nodes_.push_back(std::move(node));
  }

  const std::unique_ptr<GraphBuilder> inner_;
  const std::shared_ptr<HazardState> state_;
  const std::string label_;
  std::vector<CheckedNode> nodes_;
  // One for all graphs of the builder: its host calls do not know which one they run
  // in, and only what is being executed counts (observe_from_inside).
  const std::shared_ptr<CommandUses> uses_ = std::make_shared<CommandUses>();
};

}  // namespace

std::unique_ptr<GraphBuilder> check_graphs(std::unique_ptr<GraphBuilder> inner,
                                           std::shared_ptr<HazardState> state,
                                           const GraphDesc& desc) {
  return std::make_unique<HazardGraphBuilder>(std::move(inner), std::move(state),
                                              desc.label);
}

}  // namespace assay::layers
