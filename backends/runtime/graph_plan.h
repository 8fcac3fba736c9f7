// SPDX-License-Identifier: MIT
// The order of a graph's nodes, and what of it may overlap. No device knowledge.
//
// Nodes are joined to strands: chains in which each node is the only successor of the
// one before, and it the only predecessor. A strand is run by one thread without asking
// anybody, so that a chain costs a graph no more than a command buffer; only where the
// graph forks or joins is there something to decide.
#ifndef ASSAY_BACKENDS_RUNTIME_GRAPH_PLAN_H_
#define ASSAY_BACKENDS_RUNTIME_GRAPH_PLAN_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace assay::runtime {

struct GraphEdge {
  std::uint32_t before = 0;
  std::uint32_t after = 0;
  // clang-tidy takes the 0 of the generated comparison for a pointer.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const GraphEdge&, const GraphEdge&) = default;
};

class GraphRun;

// Immutable but for the run it keeps ready; thread-safe.
class GraphPlan {
 public:
  // Positions [begin, end) of order().
  struct Strand {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };

  // Edges connect two different nodes below `nodes`; one may come twice. Throws
  // invalid_argument naming the nodes of a cycle; `what` begins the message.
  GraphPlan(std::uint32_t nodes, std::vector<GraphEdge> edges, const std::string& what);
  ~GraphPlan();
  GraphPlan(const GraphPlan&) = delete;
  GraphPlan& operator=(const GraphPlan&) = delete;

  // All nodes, each after its predecessors, strand by strand.
  std::span<const std::uint32_t> order() const noexcept { return order_; }
  std::span<const Strand> strands() const noexcept { return strands_; }

  // A fresh run of this plan. One is kept from the start, so that replays that do not
  // overlap allocate nothing; null when another is needed and memory is short.
  std::unique_ptr<GraphRun> take_run() const noexcept;
  void give_back(std::unique_ptr<GraphRun> run) const noexcept;

 private:
  friend class GraphRun;
  std::span<const std::uint32_t> successors(std::uint32_t strand) const noexcept {
    return std::span(successors_)
        .subspan(first_successor_[strand],
                 first_successor_[strand + 1] - first_successor_[strand]);
  }

  std::vector<std::uint32_t> order_;
  std::vector<Strand> strands_;
  std::vector<std::uint32_t> predecessors_;     // how many, by strand
  std::vector<std::uint32_t> first_successor_;  // in successors_, by strand, and an end
  std::vector<std::uint32_t> successors_;
  mutable std::atomic<GraphRun*> spare_ = nullptr;
};

// Which strands can start, in one execution of a plan. Externally synchronized, but for
// strand(), whose claimed part nobody writes any more.
class GraphRun {
 public:
  explicit GraphRun(const GraphPlan& plan);
  void restart() noexcept;

  // Strands whose predecessors are finished and that nobody has claimed.
  std::uint32_t claimable() const noexcept { return ready_end_ - ready_begin_; }

  // Places [begin, end) of the list of ready strands.
  struct Claim {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };
  // At most `most` strands, those first that became ready first.
  Claim claim(std::uint32_t most) noexcept;
  const GraphPlan::Strand& strand(std::uint32_t place) const noexcept {
    return plan_.strands_[ready_[place]];
  }
  // All strands of the claim are over: what waited for nothing else becomes claimable.
  void finish(Claim claim) noexcept;
  // Nothing more will be claimable.
  void abandon() noexcept { abandoned_ = true, ready_begin_ = ready_end_; }

 private:
  const GraphPlan& plan_;
  std::vector<std::uint32_t> pending_;  // unfinished predecessors, by strand
  // Every strand enters once, so the list needs no wrap-around and claims stay put.
  std::vector<std::uint32_t> ready_;
  std::uint32_t ready_begin_ = 0;
  std::uint32_t ready_end_ = 0;
  bool abandoned_ = false;
};

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_GRAPH_PLAN_H_
