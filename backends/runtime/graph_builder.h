// SPDX-License-Identifier: MIT
// Graphs over any device that has an encoder: nodes are kept as they were given and
// encoded in an order that the edges permit.
#ifndef ASSAY_BACKENDS_RUNTIME_GRAPH_BUILDER_H_
#define ASSAY_BACKENDS_RUNTIME_GRAPH_BUILDER_H_

#include <functional>
#include <memory>

#include "backends/interface/graph.h"
#include "backends/runtime/graph_plan.h"

namespace assay::runtime {

// What a graph asks of its device. Both keep the device open.
struct GraphSeam {
  std::function<std::unique_ptr<CommandEncoder>()> encoder;
  // Ends an encoder that recorded one command a node, in the order of `plan`. A device
  // that cannot run branches at the same time may forget the plan: the order alone is
  // right.
  std::function<std::shared_ptr<CommandBuffer>(CommandEncoder& encoder,
                                               std::shared_ptr<const GraphPlan> plan)>
      finish;
  // The encoder leaves commands between two barriers unordered: record the graph in
  // waves, a barrier after each. A node is in the first wave after all it depends on;
  // `finish` has nothing to do with the plan then.
  bool waves = false;
};

std::unique_ptr<GraphBuilder> make_graph_builder(GraphSeam seam, GraphDesc desc);

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_GRAPH_BUILDER_H_
