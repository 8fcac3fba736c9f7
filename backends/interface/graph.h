// SPDX-License-Identifier: MIT
// A DAG of commands, checked and planned once, replayed as one submission.
//
// A graph says which commands must be in order, and nothing else: what no edge orders,
// directly or through others, may run at the same time, so two nodes that touch the
// same memory, one of them writing, need a path of edges between them. A device may run
// branches in turn (one compute unit, no threads), so a node must not wait for another
// that no edge orders before it.
#ifndef ASSAY_BACKENDS_INTERFACE_GRAPH_H_
#define ASSAY_BACKENDS_INTERFACE_GRAPH_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <type_traits>

#include "backends/interface/buffer.h"
#include "backends/interface/command_buffer.h"
#include "backends/interface/kernel.h"
#include "backends/interface/queue.h"

namespace assay {

struct GraphDesc {
  std::string label = {};  // for messages and traces
};

// A node by its number: 0, 1, 2, ... in the order of a builder's calls.
enum class GraphNode : std::uint32_t {};

// Thread-safe. Owned by shared_ptr; keeps its device, kernels and buffers alive.
class Graph {
 public:
  Graph() = default;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  virtual ~Graph() = default;

  virtual std::size_t node_count() const noexcept = 0;

  // One replay, to be submitted like any commands: one submission, one point, one
  // failure (the first node to fail; nodes that did not start then do not run). Any
  // number may be in flight, also on several queues. Encodes anew after a change by
  // rebind() or set_constants(), else allocates nothing.
  virtual std::shared_ptr<CommandBuffer> commands() = 0;
  Point replay(Queue& queue, std::span<const Point> waits = {},
               std::span<const Point> signals = {}) {
    return queue.submit(commands(), waits, signals);
  }
  Point replay(Queue& queue, std::span<const Point> waits,
               std::initializer_list<Point> signals) {
    return queue.submit(commands(), waits, signals);
  }
  Point replay(Queue& queue, std::initializer_list<Point> waits,
               std::initializer_list<Point> signals = {}) {
    return queue.submit(commands(), waits, signals);
  }

  // What commands() returns from now on uses other memory; what it returned before, in
  // flight or not, keeps the old. `slices` are, in order, the bindings of a dispatch,
  // source and destination of a copy, the destination of a fill, the operands of a
  // library call. Throws, with nothing changed, what the encoder throws for the
  // command, and invalid_argument for an unknown node, a wrong number of slices, or a
  // copy or fill that would change its size.
  virtual void rebind(GraphNode node, std::span<const BufferSlice> slices) = 0;
  // The same for the constants of a dispatch.
  virtual void set_constants(GraphNode node, std::span<const std::byte> constants) = 0;

  void rebind(GraphNode node, std::initializer_list<BufferSlice> slices) {
    rebind(node, std::span(slices.begin(), slices.size()));
  }
  template <typename T>
  void set_constants(GraphNode node, const T& constants) {
    static_assert(std::is_trivially_copyable_v<T>);
    set_constants(node, std::as_bytes(std::span(&constants, 1)));
  }
};

// Belongs to one thread at a time. Each call that adds a node checks its arguments as
// CommandEncoder's does, and throws the same Error without adding it.
class GraphBuilder {
 public:
  GraphBuilder() = default;
  GraphBuilder(const GraphBuilder&) = delete;
  GraphBuilder& operator=(const GraphBuilder&) = delete;
  virtual ~GraphBuilder() = default;

  virtual GraphNode dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                             std::span<const BufferSlice> bindings,
                             std::span<const std::byte> constants) = 0;
  virtual GraphNode copy(const BufferSlice& source, const BufferSlice& destination) = 0;
  virtual GraphNode fill(const BufferSlice& destination, std::uint32_t pattern) = 0;
  virtual GraphNode host_call(HostCall call) = 0;
  // A graph with a library call of more than one thread runs its nodes one by one: the
  // call is lent the compute units that branches would run on.
  virtual GraphNode library_call(LibraryCall call) = 0;

  // `before` completes, and is visible, before `after` starts. Edges may be added in
  // any order, and twice. Throws invalid_argument for an unknown node, or twice the
  // same.
  virtual void depend(GraphNode before, GraphNode after) = 0;

  // A graph of what was added so far; later additions do not change it. Throws
  // invalid_argument naming the nodes of a cycle. A graph without nodes is legal.
  virtual std::shared_ptr<Graph> instantiate() = 0;

  // dispatch() with a braced list of slices and a trivially copyable constants struct.
  template <typename T>
  GraphNode dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                     std::initializer_list<BufferSlice> bindings, const T& constants) {
    static_assert(std::is_trivially_copyable_v<T>);
    return dispatch(kernel, groups, std::span(bindings.begin(), bindings.size()),
                    std::as_bytes(std::span(&constants, 1)));
  }
  GraphNode dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                     std::initializer_list<BufferSlice> bindings) {
    return dispatch(kernel, groups, std::span(bindings.begin(), bindings.size()),
                    std::span<const std::byte>());
  }
};

}  // namespace assay

#endif  // ASSAY_BACKENDS_INTERFACE_GRAPH_H_
