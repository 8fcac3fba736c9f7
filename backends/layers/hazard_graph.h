// SPDX-License-Identifier: MIT
// Graphs under the hazard layer: two nodes that touch the same bytes, one of them
// writing, need a path of edges between them; and a replay is a submission that touches
// what its nodes do.
#ifndef ASSAY_BACKENDS_LAYERS_HAZARD_GRAPH_H_
#define ASSAY_BACKENDS_LAYERS_HAZARD_GRAPH_H_

#include <memory>

#include "backends/interface/graph.h"
#include "backends/layers/hazard_state.h"

namespace assay::layers {

// Checks what is built with `inner`: a graph at instantiate(), a node again when it is
// bound to other memory.
std::unique_ptr<GraphBuilder> check_graphs(std::unique_ptr<GraphBuilder> inner,
                                           std::shared_ptr<HazardState> state,
                                           const GraphDesc& desc);

}  // namespace assay::layers

#endif  // ASSAY_BACKENDS_LAYERS_HAZARD_GRAPH_H_
