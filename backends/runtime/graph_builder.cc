// SPDX-License-Identifier: MIT
#include "backends/runtime/graph_builder.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "backends/interface/status.h"
#include "backends/runtime/short_memory.h"

namespace assay::runtime {
namespace {

struct DispatchNode {
  std::shared_ptr<Kernel> kernel;
  Dim3 groups;
  std::vector<BufferSlice> bindings;
  std::vector<std::byte> constants;
};
struct CopyNode {
  BufferSlice source;
  BufferSlice destination;
};
struct FillNode {
  BufferSlice destination;
  std::uint32_t pattern = 0;
};
using Node = std::variant<DispatchNode, CopyNode, FillNode, HostCall, LibraryCall>;

constexpr const char* kNoGraphMemory = "no memory for the graph";

struct RecordNode {
  CommandEncoder& encoder;
  void operator()(const DispatchNode& node) const {
    encoder.dispatch(node.kernel, node.groups, node.bindings, node.constants);
  }
  void operator()(const CopyNode& node) const {
    encoder.copy(node.source, node.destination);
  }
  void operator()(const FillNode& node) const {
    encoder.fill(node.destination, node.pattern);
  }
  void operator()(const HostCall& node) const { encoder.host_call(node); }
  void operator()(const LibraryCall& node) const { encoder.library_call(node); }
};

struct RebindNode {
  std::span<const BufferSlice> slices;
  void require(std::size_t count) const {
    if (slices.size() == count) return;
    invalid("rebind: " + std::to_string(slices.size()) +
            " slices given, the node has " + std::to_string(count));
  }
  void operator()(DispatchNode& node) const {
    require(node.bindings.size());
    node.bindings.assign(slices.begin(), slices.end());
  }
  void operator()(CopyNode& node) const {
    require(2);
    node = {slices[0], slices[1]};
  }
  void operator()(FillNode& node) const {
    require(1);
    node.destination = slices[0];
  }
  void operator()(HostCall& /*node*/) const { require(0); }
  void operator()(LibraryCall& node) const {
    require(node.operands.size());
    for (std::size_t i = 0; i < slices.size(); ++i) node.operands[i].slice = slices[i];
  }
};

// What a copy or a fill moves: fixed, so that a plan made for the graph stays good.
std::size_t moved_bytes(const Node& node) {
  if (const auto* copy = std::get_if<CopyNode>(&node)) {
    return range_of(copy->destination, "copy").bytes;
  }
  if (const auto* fill = std::get_if<FillNode>(&node)) {
    return range_of(fill->destination, "fill").bytes;
  }
  return 0;
}

class GraphImpl final : public Graph {
 public:
  GraphImpl(GraphSeam seam, std::vector<Node> nodes,
            std::shared_ptr<const GraphPlan> plan)
      : seam_(std::move(seam)), nodes_(std::move(nodes)), plan_(std::move(plan)) {
    encoded_ = encode();
  }

  std::size_t node_count() const noexcept override { return nodes_.size(); }

  std::shared_ptr<CommandBuffer> commands() override {
    const std::lock_guard lock(mutex_);
    if (!encoded_)
      encoded_ = or_out_of_memory(kNoGraphMemory, [this] { return encode(); });
    return encoded_;
  }

  using Graph::rebind;
  void rebind(GraphNode node, std::span<const BufferSlice> slices) override {
    const std::lock_guard lock(mutex_);
    or_out_of_memory(kNoGraphMemory, [&] {
      Node changed = at(node);
      std::visit(RebindNode{slices}, changed);
      replace(node, std::move(changed));
    });
  }

  using Graph::set_constants;
  void set_constants(GraphNode node, std::span<const std::byte> constants) override {
    const std::lock_guard lock(mutex_);
    or_out_of_memory(kNoGraphMemory, [&] {
      Node changed = at(node);
      auto* dispatch = std::get_if<DispatchNode>(&changed);
      if (dispatch == nullptr) invalid("set_constants: the node is not a dispatch");
      dispatch->constants.assign(constants.begin(), constants.end());
      replace(node, std::move(changed));
    });
  }

 private:
  const Node& at(GraphNode node) const {
    const auto index = static_cast<std::size_t>(node);
    if (index < nodes_.size()) return nodes_[index];
    invalid("the graph has no node " + std::to_string(index) + ": it has " +
            std::to_string(nodes_.size()));
  }

  void replace(GraphNode node, Node&& changed) {
    // The encoder knows what is wrong with a command, so it is asked.
    std::visit(RecordNode{*seam_.encoder()}, changed);
    Node& old = nodes_[static_cast<std::size_t>(node)];
    if (moved_bytes(changed) != moved_bytes(old)) {
      invalid("rebind: " + std::to_string(moved_bytes(changed)) +
              " bytes for a node of " + std::to_string(moved_bytes(old)) +
              ": a copy or fill keeps its size");
    }
    old = std::move(changed);
    encoded_.reset();
  }

  std::shared_ptr<CommandBuffer> encode() const {
    const std::unique_ptr<CommandEncoder> encoder = seam_.encoder();
    if (seam_.waves) {
      record_waves(*encoder);
    } else {
      for (const std::uint32_t node : plan_->order()) {
        std::visit(RecordNode{*encoder}, nodes_[node]);
      }
    }
    return seam_.finish(*encoder, plan_);
  }

  // Takes one node of each strand that has begun, as a device with any number of units
  // would whose nodes all take the same time.
  void record_waves(CommandEncoder& encoder) const {
    struct Begun {
      GraphRun::Claim claim;
      std::uint32_t next = 0;
    };
    GraphRun run(*plan_);
    std::vector<Begun> begun;
    for (;;) {
      while (run.claimable() != 0) {
        const GraphRun::Claim claim = run.claim(1);
        begun.push_back({claim, run.strand(claim.begin).begin});
      }
      if (begun.empty()) return;
      for (Begun& strand : begun) {
        std::visit(RecordNode{encoder}, nodes_[plan_->order()[strand.next++]]);
      }
      encoder.barrier();
      std::erase_if(begun, [&](const Begun& strand) {
        if (strand.next != run.strand(strand.claim.begin).end) return false;
        run.finish(strand.claim);
        return true;
      });
    }
  }

  const GraphSeam seam_;
  std::mutex mutex_;
  std::vector<Node> nodes_;
  const std::shared_ptr<const GraphPlan> plan_;
  std::shared_ptr<CommandBuffer> encoded_;  // null: encode anew
};

// Encoding anew copies a call; what its function holds must not become two.
template <typename Call>
Call with_shared_function(Call call) {
  if (!call.run) return call;  // for the encoder to refuse
  auto run = std::make_shared<decltype(call.run)>(std::move(call.run));
  call.run = [run = std::move(run)](auto&&... arguments) {
    return (*run)(std::forward<decltype(arguments)>(arguments)...);
  };
  return call;
}

class GraphBuilderImpl final : public GraphBuilder {
 public:
  GraphBuilderImpl(GraphSeam seam, GraphDesc desc)
      : seam_(std::move(seam)), desc_(std::move(desc)), probe_(seam_.encoder()) {}

  using GraphBuilder::dispatch;
  GraphNode dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                     std::span<const BufferSlice> bindings,
                     std::span<const std::byte> constants) override {
    return add([&] {
      return DispatchNode{kernel,
                          groups,
                          {bindings.begin(), bindings.end()},
                          {constants.begin(), constants.end()}};
    });
  }
  GraphNode copy(const BufferSlice& source, const BufferSlice& destination) override {
    return add([&] { return CopyNode{source, destination}; });
  }
  GraphNode fill(const BufferSlice& destination, std::uint32_t pattern) override {
    return add([&] { return FillNode{destination, pattern}; });
  }
  GraphNode host_call(HostCall call) override {
    return add([&] { return with_shared_function(std::move(call)); });
  }
  GraphNode library_call(LibraryCall call) override {
    return add([&] { return with_shared_function(std::move(call)); });
  }

  void depend(GraphNode before, GraphNode after) override {
    const GraphEdge edge{index_of(before), index_of(after)};
    if (edge.before == edge.after) {
      invalid(name() + ": node " + std::to_string(edge.before) +
              " cannot depend on itself");
    }
    or_out_of_memory(kNoGraphMemory, [&] { edges_.push_back(edge); });
  }

  std::shared_ptr<Graph> instantiate() override {
    return or_out_of_memory(kNoGraphMemory, [this]() -> std::shared_ptr<Graph> {
      auto plan = std::make_shared<const GraphPlan>(
          static_cast<std::uint32_t>(nodes_.size()), edges_, name());
      return std::make_shared<GraphImpl>(seam_, nodes_, std::move(plan));
    });
  }

 private:
  std::string name() const {
    return desc_.label.empty() ? "graph" : "graph '" + desc_.label + "'";
  }

  template <typename Make>
  GraphNode add(const Make& make) {
    if (nodes_.size() == std::numeric_limits<std::uint32_t>::max()) {
      throw Error(StatusCode::resource_exhausted, name() + " is full");
    }
    return or_out_of_memory(kNoGraphMemory, [&] {
      Node node = make();
      std::visit(RecordNode{*probe_}, node);
      // Nodes without edges are no business of whoever looks for hazards in it.
      if (seam_.waves) probe_->barrier();
      nodes_.push_back(std::move(node));
      return static_cast<GraphNode>(nodes_.size() - 1);
    });
  }

  std::uint32_t index_of(GraphNode node) const {
    const auto index = static_cast<std::uint32_t>(node);
    if (index < nodes_.size()) return index;
    invalid(name() + " has no node " + std::to_string(index) + ": it has " +
            std::to_string(nodes_.size()));
  }

  const GraphSeam seam_;
  const GraphDesc desc_;
  // Records every node for its checks' sake and is never finished.
  const std::unique_ptr<CommandEncoder> probe_;
  std::vector<Node> nodes_;
  std::vector<GraphEdge> edges_;
};

}  // namespace

std::unique_ptr<GraphBuilder> make_graph_builder(GraphSeam seam, GraphDesc desc) {
  return or_out_of_memory(kNoGraphMemory, [&] {
    return std::make_unique<GraphBuilderImpl>(std::move(seam), std::move(desc));
  });
}

}  // namespace assay::runtime
