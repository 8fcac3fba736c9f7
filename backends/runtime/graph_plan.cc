// SPDX-License-Identifier: MIT
#include "backends/runtime/graph_plan.h"

#include <algorithm>
#include <new>

#include "backends/interface/status.h"

namespace assay::runtime {
namespace {

// Successors by node, as ranges of one list: those of node i begin at first[i].
struct Adjacency {
  Adjacency(std::uint32_t nodes, std::span<const GraphEdge> sorted)
      : first(nodes + std::size_t{1}), predecessors(nodes) {
    after.reserve(sorted.size());
    for (const GraphEdge& edge : sorted) {
      after.push_back(edge.after);
      ++first[edge.before + std::size_t{1}];
      ++predecessors[edge.after];
    }
    for (std::size_t i = 1; i < first.size(); ++i) first[i] += first[i - 1];
  }
  std::span<const std::uint32_t> of(std::uint32_t node) const {
    return std::span(after).subspan(first[node],
                                    first[node + std::size_t{1}] - first[node]);
  }

  std::vector<std::uint32_t> first;
  std::vector<std::uint32_t> after;
  std::vector<std::uint32_t> predecessors;  // how many, by node
};

// Every node after its predecessors, the earliest added first; nodes of cycles, and
// those after them, are left out.
std::vector<std::uint32_t> topological(const Adjacency& graph) {
  std::vector<std::uint32_t> open = graph.predecessors;
  std::vector<std::uint32_t> order;
  order.reserve(open.size());
  for (std::uint32_t node = 0; node < open.size(); ++node) {
    if (open[node] == 0) order.push_back(node);
  }
  for (std::size_t done = 0; done < order.size(); ++done) {
    for (const std::uint32_t next : graph.of(order[done])) {
      if (--open[next] == 0) order.push_back(next);
    }
  }
  return order;
}

// "3 -> 5 -> 3". Going back from a node that was left out always finds another one that
// was, so some node comes again.
std::string cycle_text(const Adjacency& graph, std::span<const GraphEdge> edges,
                       std::span<const std::uint32_t> sorted) {
  std::vector<bool> left_out(graph.predecessors.size(), true);
  for (const std::uint32_t node : sorted) left_out[node] = false;
  std::vector<std::uint32_t> before(left_out.size());
  std::uint32_t node = 0;
  for (const GraphEdge& edge : edges) {
    if (!left_out[edge.before] || !left_out[edge.after]) continue;
    before[edge.after] = edge.before;
    node = edge.after;
  }
  std::vector<bool> seen(left_out.size());
  for (; !seen[node]; node = before[node]) seen[node] = true;
  constexpr int kShown = 8;
  std::string text = std::to_string(node);
  std::uint32_t at = before[node];
  for (int shown = 0; at != node && shown < kShown; ++shown, at = before[at]) {
    text.insert(0, std::to_string(at) + " -> ");
  }
  return std::to_string(node) + (at == node ? " -> " : " -> ... -> ") + text;
}

}  // namespace

GraphPlan::GraphPlan(std::uint32_t nodes, std::vector<GraphEdge> edges,
                     const std::string& what) {
  std::ranges::sort(edges);
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  const Adjacency graph(nodes, edges);
  const std::vector<std::uint32_t> sorted = topological(graph);
  if (sorted.size() != nodes) {
    throw Error(StatusCode::invalid_argument,
                what + ": the edges form a cycle: " + cycle_text(graph, edges, sorted));
  }

  // A strand begins where its first node does not continue another one.
  const auto continued_by = [&](std::uint32_t node) {
    const auto after = graph.of(node);
    return after.size() == 1 && graph.predecessors[after[0]] == 1;
  };
  std::vector<bool> continues(nodes);
  for (std::uint32_t node = 0; node < nodes; ++node) {
    if (continued_by(node)) continues[graph.of(node)[0]] = true;
  }
  std::vector<std::uint32_t> strand_of(nodes);
  order_.reserve(nodes);
  for (const std::uint32_t head : sorted) {
    if (continues[head]) continue;
    const auto begin = static_cast<std::uint32_t>(order_.size());
    order_.push_back(head);
    while (continued_by(order_.back())) order_.push_back(graph.of(order_.back())[0]);
    for (std::size_t i = begin; i < order_.size(); ++i) {
      strand_of[order_[i]] = static_cast<std::uint32_t>(strands_.size());
    }
    strands_.push_back({begin, static_cast<std::uint32_t>(order_.size())});
  }

  // Strands stand in the order of their heads, and a head comes after the heads of all
  // strands before it: order() is topological too.
  predecessors_.resize(strands_.size());
  first_successor_.reserve(strands_.size() + 1);
  for (const Strand& strand : strands_) {
    first_successor_.push_back(static_cast<std::uint32_t>(successors_.size()));
    for (const std::uint32_t next : graph.of(order_[strand.end - 1])) {
      successors_.push_back(strand_of[next]);
      ++predecessors_[strand_of[next]];
    }
  }
  first_successor_.push_back(static_cast<std::uint32_t>(successors_.size()));
  spare_ = std::make_unique<GraphRun>(*this).release();
}

GraphPlan::~GraphPlan() { const std::unique_ptr<GraphRun> last(spare_.load()); }

std::unique_ptr<GraphRun> GraphPlan::take_run() const noexcept {
  std::unique_ptr<GraphRun> run(spare_.exchange(nullptr, std::memory_order_acquire));
  try {
    if (!run) run = std::make_unique<GraphRun>(*this);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  run->restart();
  return run;
}

void GraphPlan::give_back(std::unique_ptr<GraphRun> run) const noexcept {
  run.reset(spare_.exchange(run.release(), std::memory_order_acq_rel));
}

GraphRun::GraphRun(const GraphPlan& plan)
    : plan_(plan), pending_(plan.strands_.size()), ready_(plan.strands_.size()) {
  restart();
}

void GraphRun::restart() noexcept {
  std::ranges::copy(plan_.predecessors_, pending_.begin());
  ready_begin_ = ready_end_ = 0;
  abandoned_ = false;
  for (std::uint32_t strand = 0; strand < pending_.size(); ++strand) {
    if (pending_[strand] == 0) ready_[ready_end_++] = strand;
  }
}

GraphRun::Claim GraphRun::claim(std::uint32_t most) noexcept {
  const std::uint32_t begin = ready_begin_;
  ready_begin_ += std::min(most, claimable());
  return {begin, ready_begin_};
}

void GraphRun::finish(Claim claim) noexcept {
  if (abandoned_) return;
  for (std::uint32_t place = claim.begin; place < claim.end; ++place) {
    for (const std::uint32_t next : plan_.successors(ready_[place])) {
      if (--pending_[next] == 0) ready_[ready_end_++] = next;
    }
  }
}

}  // namespace assay::runtime
