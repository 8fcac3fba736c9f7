// SPDX-License-Identifier: MIT
#include "tests/conformance/mutants/graphs_and_pools.h"

#include <map>
#include <mutex>
#include <utility>

namespace assay::conformance {
namespace {

class EdgelessBuilder final : public GraphBuilder {
 public:
  EdgelessBuilder(Device& device, const GraphDesc& desc)
      : real_(device.create_graph_builder(desc)),
        check_(device.create_graph_builder(desc)) {}

  GraphNode dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                     std::span<const BufferSlice> bindings,
                     std::span<const std::byte> constants) override {
    check_->dispatch(kernel, groups, bindings, constants);
    return real_->dispatch(kernel, groups, bindings, constants);
  }
  GraphNode copy(const BufferSlice& source, const BufferSlice& destination) override {
    check_->copy(source, destination);
    return real_->copy(source, destination);
  }
  GraphNode fill(const BufferSlice& destination, std::uint32_t pattern) override {
    check_->fill(destination, pattern);
    return real_->fill(destination, pattern);
  }
  GraphNode host_call(HostCall call) override {
    check_->host_call(call);
    return real_->host_call(std::move(call));
  }
  GraphNode library_call(LibraryCall call) override {
    check_->library_call(call);
    return real_->library_call(std::move(call));
  }
  void depend(GraphNode before, GraphNode after) override {
    check_->depend(before, after);
  }
  std::shared_ptr<Graph> instantiate() override {
    check_->instantiate();
    return real_->instantiate();
  }

 private:
  std::unique_ptr<GraphBuilder> real_;
  std::unique_ptr<GraphBuilder> check_;
};

// A pool over a real one, whose blocks are released without the points they died at.
class ForgetfulPool final : public MemoryPool,
                            public std::enable_shared_from_this<ForgetfulPool> {
 public:
  explicit ForgetfulPool(std::shared_ptr<MemoryPool> inner)
      : inner_(std::move(inner)) {}

  const PoolDesc& desc() const noexcept override { return inner_->desc(); }
  std::size_t trim(std::size_t keep_bytes) override { return inner_->trim(keep_bytes); }
  PoolStats stats() const override { return inner_->stats(); }

 private:
  struct Given {
    PoolEntry entry;
    PoolBlock block;
  };

  Status do_allocate(std::size_t bytes, const Point& after, Grant& grant) override {
    auto given = std::make_unique<Given>();
    Status status = inner_->allocate(bytes, given->block, after);
    if (!status.ok()) return status;
    given->entry.buffer = given->block.slice().buffer;
    const std::span<const Point> waits = given->block.waits();
    given->entry.points.assign(waits.begin(), waits.end());
    grant = {&given->entry, waits.size()};
    const std::lock_guard lock(mutex_);
    given_[&given->entry] = std::move(given);
    return status;
  }
  void do_release(PoolEntry& entry) noexcept override {
    const std::lock_guard lock(mutex_);
    given_.erase(&entry);
  }
  std::shared_ptr<MemoryPool> self() noexcept override { return shared_from_this(); }

  std::shared_ptr<MemoryPool> inner_;
  std::mutex mutex_;
  std::map<PoolEntry*, std::unique_ptr<Given>> given_;
};

}  // namespace

std::unique_ptr<GraphBuilder> edgeless_builder(Device& inner, const GraphDesc& desc) {
  return std::make_unique<EdgelessBuilder>(inner, desc);
}

std::shared_ptr<MemoryPool> forgetful_pool(Device& inner, const PoolDesc& desc) {
  return std::make_shared<ForgetfulPool>(inner.create_memory_pool(desc));
}

}  // namespace assay::conformance
