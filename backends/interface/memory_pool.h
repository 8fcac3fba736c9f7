// SPDX-License-Identifier: MIT
// Memory that is reused in the order of the work that uses it.
//
// Freeing waits for nobody. A block goes back to its pool with its death points: the
// places on the timelines after which nothing touches it any more. It is handed out
// again to whoever is ordered after them, and to nobody else:
//
//   PoolBlock block;
//   Status status = pool->allocate(bytes, block, *queue);
//   ... record commands on block.slice() ...
//   block.used_at(queue->submit(commands, block.waits()));
//   block.release();                       // now, though the work still runs
#ifndef ASSAY_BACKENDS_INTERFACE_MEMORY_POOL_H_
#define ASSAY_BACKENDS_INTERFACE_MEMORY_POOL_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/interface/buffer.h"
#include "backends/interface/queue.h"
#include "backends/interface/status.h"

namespace assay {

struct PoolDesc {
  MemoryKind kind = MemoryKind::device;
  // The most that the pool's buffers may take together.
  std::size_t budget_bytes = std::numeric_limits<std::size_t>::max();
  std::string label = {};  // of its buffers
};

// Bytes are those of the buffers, which are up to a quarter larger than what was asked
// for. At any time reserved_bytes = live_bytes + idle_bytes + limbo_bytes.
struct PoolStats {
  std::uint64_t reserved_bytes = 0;
  std::uint64_t live_bytes = 0;   // in blocks handed out
  std::uint64_t idle_bytes = 0;   // released, free for anybody
  std::uint64_t limbo_bytes = 0;  // released, a death point not reached yet
  std::uint64_t peak_bytes = 0;   // the most that live_bytes was
  std::uint64_t live_blocks = 0;
  std::uint64_t hits = 0;    // allocations met by a released block
  std::uint64_t waits = 0;   // of these, with waits()
  std::uint64_t misses = 0;  // allocations that made a buffer
  std::uint64_t refused = 0;
};

class MemoryPool;

// What a pool knows of one of its buffers; for implementations of MemoryPool.
struct PoolEntry {
  std::shared_ptr<Buffer> buffer;
  std::vector<Point> points;  // the last uses, one a timeline, behind the waits
};

// A piece of a pool's memory. Move-only; goes back when released or destroyed. Keeps
// its pool alive. Belongs to one thread at a time.
class PoolBlock {
 public:
  PoolBlock() = default;
  PoolBlock(PoolBlock&& other) noexcept { *this = std::move(other); }
  PoolBlock& operator=(PoolBlock&& other) noexcept;
  ~PoolBlock() { release(); }

  explicit operator bool() const noexcept { return entry_ != nullptr; }
  std::size_t bytes() const noexcept { return bytes_; }
  // Undefined contents, aligned as a buffer. Must not be used after release(); a
  // Mapping of it must be gone by then. Throws failed_precondition on an empty block.
  BufferSlice slice() const;

  // What the first submission that touches the block must wait for. Empty unless the
  // pool was out of budget and gave away a block whose death points were still ahead.
  std::span<const Point> waits() const noexcept;

  // Adds a death point: the submission at `point` touches the block. One call for each
  // queue's last use is enough. Throws failed_precondition on an empty block,
  // invalid_argument for a null point.
  void used_at(const Point& point);
  // Gives the block back; a second call does nothing.
  void release() noexcept;

 private:
  friend class MemoryPool;
  std::shared_ptr<MemoryPool> pool_;
  PoolEntry* entry_ = nullptr;
  std::size_t bytes_ = 0;
  std::size_t waits_ = 0;  // of entry_->points, how many
};

// Thread-safe. Owned by shared_ptr; keeps its device open.
class MemoryPool {
 public:
  MemoryPool() = default;
  MemoryPool(const MemoryPool&) = delete;
  MemoryPool& operator=(const MemoryPool&) = delete;
  virtual ~MemoryPool() = default;

  virtual const PoolDesc& desc() const noexcept = 0;

  // Puts at least `bytes` into `block`, which is released first. What the block is used
  // for must be ordered after `after`: submitted to that queue later, or waiting for
  // it. A null point stands for no order at all, which only finds blocks whose death
  // points are all reached, or failed: work that fails is over.
  //
  //   ok
  //   resource_exhausted  over budget, and no released block of the size
  //   out_of_memory       the device has no more, idle blocks given back included
  //   invalid_argument    above Limits::max_buffer_bytes
  Status allocate(std::size_t bytes, PoolBlock& block, const Point& after = {});
  Status allocate(std::size_t bytes, PoolBlock& block, const Queue& queue) {
    return allocate(bytes, block, queue.last());
  }

  // Gives idle buffers back to the device, the longest idle first, until at most
  // `keep_bytes` are left; those in limbo stay. Returns the bytes given back.
  virtual std::size_t trim(std::size_t keep_bytes = 0) = 0;
  virtual PoolStats stats() const = 0;

 protected:
  struct Grant {
    PoolEntry* entry = nullptr;
    std::size_t waits = 0;  // the first so many of its points must be waited for
  };

 private:
  friend class PoolBlock;
  virtual Status do_allocate(std::size_t bytes, const Point& after, Grant& grant) = 0;
  virtual void do_release(PoolEntry& entry) noexcept = 0;
  virtual std::shared_ptr<MemoryPool> self() noexcept = 0;
};

}  // namespace assay

#endif  // ASSAY_BACKENDS_INTERFACE_MEMORY_POOL_H_
