// SPDX-License-Identifier: MIT
#include "backends/runtime/graph_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "backends/interface/status.h"

namespace assay::runtime {
namespace {

std::vector<std::uint32_t> nodes_of(const GraphPlan& plan,
                                    const GraphPlan::Strand& strand) {
  const auto nodes = plan.order().subspan(strand.begin, strand.end - strand.begin);
  return {nodes.begin(), nodes.end()};
}

TEST(GraphPlanTest, AChainIsOneStrand) {
  const GraphPlan plan(4, {{2, 0}, {0, 3}, {3, 1}, {0, 3}}, "graph");
  ASSERT_EQ(plan.strands().size(), 1U);
  EXPECT_EQ(nodes_of(plan, plan.strands()[0]),
            (std::vector<std::uint32_t>{2, 0, 3, 1}));
}

TEST(GraphPlanTest, StrandsEndWhereTheGraphForksAndJoins) {
  // 0 -> 1 -> {2 -> 3, 4 -> 5} -> 6
  const GraphPlan plan(7, {{0, 1}, {1, 2}, {1, 4}, {2, 3}, {4, 5}, {3, 6}, {5, 6}},
                       "graph");
  ASSERT_EQ(plan.strands().size(), 4U);
  EXPECT_EQ(nodes_of(plan, plan.strands()[0]), (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(nodes_of(plan, plan.strands()[3]), (std::vector<std::uint32_t>{6}));

  GraphRun run(plan);
  EXPECT_EQ(run.claimable(), 1U);
  const GraphRun::Claim root = run.claim(9);
  EXPECT_EQ(run.claimable(), 0U);
  run.finish(root);
  EXPECT_EQ(run.claimable(), 2U);
  const GraphRun::Claim left = run.claim(1);
  const GraphRun::Claim right = run.claim(1);
  run.finish(right);
  EXPECT_EQ(run.claimable(), 0U);
  run.finish(left);
  EXPECT_EQ(run.claimable(), 1U);
  run.abandon();
  EXPECT_EQ(run.claimable(), 0U);
  run.restart();
  EXPECT_EQ(run.claimable(), 1U);
}

TEST(GraphPlanTest, CyclesAreNamed) {
  const auto message = [](std::uint32_t nodes, const std::vector<GraphEdge>& edges) {
    try {
      const GraphPlan plan(nodes, edges, "graph 'x'");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_EQ(message(2, {{0, 1}, {1, 0}}),
            "graph 'x': the edges form a cycle: 0 -> 1 -> 0");
  // Nodes that lead to the cycle and away from it are not in it.
  EXPECT_EQ(message(4, {{0, 1}, {1, 2}, {2, 1}, {2, 3}}),
            "graph 'x': the edges form a cycle: 2 -> 1 -> 2");
  std::vector<GraphEdge> ring;
  for (std::uint32_t i = 0; i < 100; ++i) ring.push_back({i, (i + 1) % 100});
  EXPECT_NE(message(100, ring).find(" -> ... -> "), std::string::npos);
}

// The order is topological, and a run hands out each strand once, after those before
// it.
TEST(GraphPlanTest, RandomGraphsAreRunInAnOrderOfTheirEdges) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 generator(seed);
    const auto below = [&](std::uint32_t bound) {
      return static_cast<std::uint32_t>(generator() % bound);
    };
    const std::uint32_t nodes = 1 + below(40);
    std::vector<std::uint32_t> names(nodes);
    for (std::uint32_t i = 0; i < nodes; ++i) names[i] = i;
    std::ranges::shuffle(names, generator);
    std::vector<GraphEdge> edges;
    for (std::uint32_t i = below(2 * nodes); i > 0; --i) {
      const std::uint32_t a = below(nodes);
      const std::uint32_t b = below(nodes);
      if (a != b) edges.push_back({names[std::min(a, b)], names[std::max(a, b)]});
    }
    const GraphPlan plan(nodes, edges, "graph");
    std::vector<std::size_t> place(nodes, nodes);
    ASSERT_EQ(plan.order().size(), nodes);
    for (std::size_t i = 0; i < nodes; ++i) place[plan.order()[i]] = i;
    for (const GraphEdge& edge : edges)
      ASSERT_LT(place[edge.before], place[edge.after]);

    std::unique_ptr<GraphRun> run = plan.take_run();
    std::vector<bool> done(nodes);
    std::vector<GraphRun::Claim> open;
    std::size_t strands = 0;
    while (run->claimable() != 0 || !open.empty()) {
      if (run->claimable() != 0 && below(2) == 0) {
        open.push_back(run->claim(1 + below(3)));
        strands += open.back().end - open.back().begin;
        for (std::uint32_t i = open.back().begin; i < open.back().end; ++i) {
          const std::uint32_t head = nodes_of(plan, run->strand(i)).front();
          for (const GraphEdge& edge : edges) {
            const bool ready = edge.after != head || done[edge.before];
            ASSERT_TRUE(ready) << "seed " << seed;
          }
        }
      } else if (!open.empty()) {
        const std::size_t which = below(static_cast<std::uint32_t>(open.size()));
        for (std::uint32_t i = open[which].begin; i < open[which].end; ++i) {
          for (const std::uint32_t node : nodes_of(plan, run->strand(i))) {
            done[node] = true;
          }
        }
        run->finish(open[which]);
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
      }
    }
    ASSERT_EQ(strands, plan.strands().size());
    ASSERT_EQ(std::ranges::count(done, true), nodes);
    plan.give_back(std::move(run));
  }
}

}  // namespace
}  // namespace assay::runtime
