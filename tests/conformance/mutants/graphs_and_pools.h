// SPDX-License-Identifier: MIT
// Graphs and pools with a defect.
#ifndef TESTS_CONFORMANCE_MUTANTS_GRAPHS_AND_POOLS_H_
#define TESTS_CONFORMANCE_MUTANTS_GRAPHS_AND_POOLS_H_

#include <memory>

#include "backends/interface/device.h"

namespace assay::conformance {

// Checks edges, cycles included, and then forgets them.
std::unique_ptr<GraphBuilder> edgeless_builder(Device& inner, const GraphDesc& desc);
// Forgets the death points of a block.
std::shared_ptr<MemoryPool> forgetful_pool(Device& inner, const PoolDesc& desc);

}  // namespace assay::conformance

#endif  // TESTS_CONFORMANCE_MUTANTS_GRAPHS_AND_POOLS_H_
