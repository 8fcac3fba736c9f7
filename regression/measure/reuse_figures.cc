// SPDX-License-Identifier: MIT
#include "regression/measure/reuse_figures.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "backends/runtime/kernel_cache.h"
#include "regression/measure/figure_rig.h"
#include "regression/measure/timing.h"

namespace assay::measure {
namespace {

constexpr std::uint32_t kNodes = 64;
constexpr std::uint32_t kBranches = 8;
constexpr std::uint64_t kLongNodes = 8;

}  // namespace

// Everything warm: the figures are about the second time.
struct ReuseRig {
  explicit ReuseRig(FigureRig& rig)
      : chain(make_graph(rig, rig.kernel, kNodes, 1)),
        branches(make_graph(rig, rig.kernel, kNodes, kBranches)),
        long_chain(make_graph(rig, rig.long_kernel, kLongNodes, 1)),
        long_branches(make_graph(rig, rig.long_kernel, kLongNodes, kLongNodes)),
        pool(rig.device->create_memory_pool()),
        cache(runtime::open_kernel_cache({})),
        point(rig.first->submit(nullptr)) {
    require(point.wait());
  }

  // `nodes` of one group each, in `width` chains of the same length.
  static std::shared_ptr<Graph> make_graph(FigureRig& rig,
                                           const std::shared_ptr<Kernel>& kernel,
                                           std::uint64_t nodes, std::uint64_t width) {
    const auto builder = rig.device->create_graph_builder();
    std::vector<GraphNode> made;
    for (std::uint64_t i = 0; i < nodes; ++i) {
      made.push_back(builder->dispatch(kernel, {1, 1, 1}, {}));
      if (i >= width) builder->depend(made[i - width], made[i]);
    }
    return builder->instantiate();
  }

  std::shared_ptr<Graph> chain;
  std::shared_ptr<Graph> branches;
  std::shared_ptr<Graph> long_chain;
  std::shared_ptr<Graph> long_branches;
  std::shared_ptr<MemoryPool> pool;
  std::shared_ptr<KernelCache> cache;
  Point point;  // reached
};

namespace {

ReuseRig& reuse_of(FigureRig& rig) {
  if (!rig.reuse) rig.reuse = std::make_shared<ReuseRig>(rig);
  return *rig.reuse;
}

template <std::shared_ptr<Graph> ReuseRig::*kGraph>
double run_replays(FigureRig& rig, std::uint64_t iterations) {
  const std::shared_ptr<Graph>& graph = reuse_of(rig).*kGraph;
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t i = 0; i < iterations; ++i) {
    require(graph->replay(*rig.first).wait());
  }
  return ns_since(begin);
}

// What a figure says of itself, counted by those who know and checked after every epoch
// as groups are.
void count(FigureRig& rig, std::uint64_t events) {
  rig.count->groups.fetch_add(events, std::memory_order_relaxed);
}

// In handfuls, so that the calls are timed without what gives the blocks back.
double run_pool_hit(FigureRig& rig, std::uint64_t iterations) {
  ReuseRig& reuse = reuse_of(rig);
  constexpr std::size_t kBytes = 64 * 1024;
  std::array<PoolBlock, 32> blocks;
  for (PoolBlock& block : blocks) require(reuse.pool->allocate(kBytes, block));
  double total = 0;
  for (std::uint64_t done = 0; done < iterations;) {
    for (PoolBlock& block : blocks) block.release();
    const std::uint64_t batch =
        std::min<std::uint64_t>(blocks.size(), iterations - done);
    const std::uint64_t hits = reuse.pool->stats().hits;
    const Clock::time_point begin = Clock::now();
    for (std::uint64_t i = 0; i < batch; ++i) {
      require(reuse.pool->allocate(kBytes, blocks[i], reuse.point));
    }
    total += ns_since(begin);
    count(rig, reuse.pool->stats().hits - hits);
    done += batch;
  }
  return total;
}

double run_pool_cycle(FigureRig& rig, std::uint64_t iterations) {
  ReuseRig& reuse = reuse_of(rig);
  PoolBlock block;
  const std::uint64_t hits = reuse.pool->stats().hits;
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t i = 0; i < iterations; ++i) {
    require(reuse.pool->allocate(64 * 1024, block, reuse.point));
    block.used_at(reuse.point);
    block.release();
  }
  const double total = ns_since(begin);
  count(rig, reuse.pool->stats().hits - hits);
  return total;
}

double run_buffer(FigureRig& rig, std::uint64_t iterations) {
  BufferDesc desc;
  desc.bytes = 64 * 1024;
  const std::uint64_t buffers = rig.device->counters().buffers_allocated;
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t i = 0; i < iterations; ++i) rig.device->create_buffer(desc);
  const double total = ns_since(begin);
  count(rig, rig.device->counters().buffers_allocated - buffers);
  return total;
}

double run_cache_hit(FigureRig& rig, std::uint64_t iterations) {
  ReuseRig& reuse = reuse_of(rig);
  const auto compile = [] { return std::string("kc=256 a_block_bytes=262144"); };
  const std::uint64_t hits = reuse.cache->stats().hits;
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t i = 0; i < iterations; ++i) {
    KernelKey key;
    key.kernel = "matmul.packed.blocks";
    key.options = "mr=14 nr=32";
    key.constants = "local_bytes=1048576";
    key.toolchain = "block_limits 1";
    key.device = "isa=avx512 l1d=49152 l2=1048576 l3=33554432/8";
    reuse.cache->get_or_compile(key, compile);
  }
  const double total = ns_since(begin);
  count(rig, reuse.cache->stats().hits - hits);
  return total;
}

constexpr Figure kReuseFigures[] = {
    {"graph_chain", "replay of 64 empty nodes in a chain until the wait returns",
     kNodes, 2000, run_replays<&ReuseRig::chain>},
    {"graph_branches", "replay of 64 empty nodes in 8 branches until the wait returns",
     kNodes, 4000, run_replays<&ReuseRig::branches>},
    {"graph_in_turn", "replay of 8 nodes of 20 us, one after the other", kLongNodes,
     160'000, run_replays<&ReuseRig::long_chain>},
    {"graph_at_once", "replay of 8 nodes of 20 us that no edge orders", kLongNodes,
     160'000, run_replays<&ReuseRig::long_branches>},
    {"pool_hit", "64 KiB from a warm pool, the call alone", 1, 50, run_pool_hit},
    {"pool_cycle", "64 KiB from a warm pool, its use noted, given back", 1, 100,
     run_pool_cycle},
    {"buffer", "64 KiB without a pool, given back", 1, 100, run_buffer},
    {"kernel_cache_hit", "the key made, the kernel found in memory", 1, 200,
     run_cache_hit},
};

}  // namespace

std::span<const Figure> reuse_figures() noexcept { return kReuseFigures; }

}  // namespace assay::measure
