// SPDX-License-Identifier: MIT
// Statistics of a long array, piece by piece, through two queues: one uploads, one
// computes, and the upload of a piece overlaps with the work on the one before.
//
//   upload   [copy 0] [copy 1] [copy 2] ...      each into a block of the pool, which
//   has
//                \        \        \             room for two: the third copy waits for
//   compute     [graph 0] [graph 1] [graph 2]    graph 0 because the block says so
//
//   pipeline [device URI]        exit code 0: the sums are right
//
// Everything is submitted before anything may start, so that the wait that times out
// and the order at the end are the same on every machine. On hazard+vgpu:// nothing is
// reported; leave out an edge, used_at() or a block's waits, and it names the two that
// race. Leave out the wait for `uploaded`, and all the work is done before the start:
// nothing races, the first wait ends with ok, and the sum is wrong.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <vector>

#include "backends/registry.h"

namespace {

using assay::GroupContext;
using assay::Point;
using assay::Status;

constexpr std::uint32_t kPieces = 12;
constexpr std::uint32_t kPieceLength = 16384;
constexpr std::size_t kPieceBytes = kPieceLength * sizeof(std::uint32_t);

void sum(const GroupContext& context) noexcept {
  const auto* const piece = context.bindings[0].as<const std::uint32_t>();
  std::uint64_t result = 0;
  for (std::uint32_t i = 0; i < kPieceLength; ++i) result += piece[i];
  *context.bindings[1].as<std::uint64_t>() = result;
}

void largest(const GroupContext& context) noexcept {
  const auto* const piece = context.bindings[0].as<const std::uint32_t>();
  *context.bindings[1].as<std::uint64_t>() =
      *std::max_element(piece, piece + kPieceLength);
}

// Adds a piece's two figures to those of all pieces before.
void fold(const GroupContext& context) noexcept {
  auto* const total = context.bindings[2].as<std::uint64_t>();
  total[0] += *context.bindings[0].as<const std::uint64_t>();
  total[1] = std::max(total[1], *context.bindings[1].as<const std::uint64_t>());
}

void require(const Status& status) {
  if (!status.ok()) throw assay::Error(status);
}

// What one piece needs, as a graph: `sum` and `largest` may overlap, `fold` needs both.
struct Work {
  explicit Work(assay::Device& device)
      : total(device.create_buffer(
            {.bytes = 16, .kind = assay::MemoryKind::unified, .label = "total"})),
        figures_(device.create_buffer({.bytes = 16, .label = "figures of a piece"})) {
    using enum assay::Access;
    const auto piece = device.create_buffer({.bytes = kPieceBytes});
    const assay::BufferSlice first{figures_, 0, 8};
    const assay::BufferSlice second{figures_, 8, 8};
    const auto builder = device.create_graph_builder({.label = "piece"});
    sum_ = builder->dispatch(
        device.create_kernel({.name = "sum", .bindings = {read, write}, .host = sum}),
        {1, 1, 1}, {{piece}, first});
    largest_ = builder->dispatch(
        device.create_kernel(
            {.name = "largest", .bindings = {read, write}, .host = largest}),
        {1, 1, 1}, {{piece}, second});
    const assay::GraphNode fold_both = builder->dispatch(
        device.create_kernel(
            {.name = "fold", .bindings = {read, read, read_write}, .host = fold}),
        {1, 1, 1}, {first, second, {total}});
    builder->depend(sum_, fold_both);
    builder->depend(largest_, fold_both);
    graph = builder->instantiate();
    const assay::Mapping mapping = total->map();
    std::ranges::fill(mapping.as<std::uint64_t>(), 0);
  }

  // From the next replay on; those in flight keep the block they have.
  void read_from(const assay::BufferSlice& piece) {
    graph->rebind(sum_, {piece, {figures_, 0, 8}});
    graph->rebind(largest_, {piece, {figures_, 8, 8}});
  }

  std::shared_ptr<assay::Graph> graph;
  const std::shared_ptr<assay::Buffer> total;

 private:
  const std::shared_ptr<assay::Buffer> figures_;  // replays of one queue take turns
  assay::GraphNode sum_{};
  assay::GraphNode largest_{};
};

// Whole numbers, of which any order of adding is exact.
std::vector<std::uint32_t> input() {
  std::vector<std::uint32_t> numbers(kPieces * kPieceLength);
  std::uint32_t state = 1;
  for (std::uint32_t& number : numbers)
    number = (state = state * 1664525 + 1013904223) >> 8;
  return numbers;
}

// Submits every piece, each to start when `start` reaches 1 at the earliest, and drops
// all handles but the result's: submissions keep what they use.
void submit_all(assay::Device& device, assay::Queue& upload, assay::Queue& compute,
                const Point& start, Work& work) {
  const std::vector<std::uint32_t> numbers = input();
  const auto staging = device.create_buffer({.bytes = kPieces * kPieceBytes,
                                             .kind = assay::MemoryKind::host,
                                             .label = "staging"});
  std::ranges::copy(numbers, staging->map().as<std::uint32_t>().begin());

  const auto pool =
      device.create_memory_pool({.budget_bytes = 2 * kPieceBytes, .label = "pieces"});
  const auto uploaded = device.create_timeline();
  upload.submit(nullptr, {start});  // in order: holds back all that follows it
  for (std::uint32_t i = 0; i < kPieces; ++i) {
    assay::PoolBlock block;
    require(pool->allocate(kPieceBytes, block, upload));
    const auto encoder = device.create_encoder({.label = "upload"});
    encoder->copy({staging, i * kPieceBytes, kPieceBytes}, block.slice());
    upload.submit(encoder->finish(), block.waits(), {{uploaded, i + 1}});
    work.read_from(block.slice());
    block.used_at(work.graph->replay(compute, {{uploaded, i + 1}}));
    block.release();  // at once: the next owner waits for the point above
  }
  const assay::PoolStats stats = pool->stats();
  std::printf(
      "%u pieces in %llu buffers, %llu blocks handed on before they were free\n",
      kPieces, static_cast<unsigned long long>(stats.misses),
      static_cast<unsigned long long>(stats.waits));
}

int run(const char* uri) {
  using std::chrono_literals::operator""ms;
  const auto device = assay::open_device(uri);
  const auto upload = device->create_queue({.label = "upload"});
  const auto compute = device->create_queue({.label = "compute"});
  const auto start = device->create_timeline();
  Work work(*device);
  submit_all(*device, *upload, *compute, {start, 1}, work);

  assay::Event done;
  compute->record(done);
  std::printf("before the start: %s\n", done.synchronize(1ms).to_string().c_str());
  start->signal(1);
  require(done.synchronize());
  if (const auto times = compute->timestamps(done.point())) {
    std::printf("last piece: waited %.1f us, ran %.1f us\n",
                static_cast<double>(times->started_ns - times->enqueued_ns) * 1e-3,
                static_cast<double>(times->ended_ns - times->started_ns) * 1e-3);
  }

  std::uint64_t expected_sum = 0;
  std::uint64_t expected_largest = 0;
  for (const std::uint32_t number : input()) {
    expected_sum += number;
    expected_largest = std::max<std::uint64_t>(expected_largest, number);
  }
  const assay::Mapping mapping = work.total->map();
  const auto total = mapping.as<std::uint64_t>();
  const bool right = total[0] == expected_sum && total[1] == expected_largest;
  std::printf("sum %llu, largest %llu: %s\n", static_cast<unsigned long long>(total[0]),
              static_cast<unsigned long long>(total[1]), right ? "right" : "WRONG");
  return right ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc > 1 ? argv[1] : "vgpu://");
  } catch (const assay::Error& error) {
    std::fprintf(stderr, "pipeline: %s\n", error.what());
    return 2;
  }
}
