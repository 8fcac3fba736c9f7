// SPDX-License-Identifier: MIT
#include "backends/runtime/memory_pool.h"

#include <algorithm>
#include <array>
#include <bit>
#include <mutex>
#include <new>
#include <utility>

namespace assay::runtime {
namespace {

constexpr std::size_t kLeastBytes = 256;
constexpr std::size_t kLeastBits = 8;
constexpr std::size_t kClasses = 1 + (63 - kLeastBits) * 4;

// How many released blocks are looked at from either end of a class. The newest is in
// the caches and, on one queue, free at once; across queues the oldest dies first.
constexpr int kLook = 8;

// Points most blocks die at. More cost an allocation when they are noted.
constexpr std::size_t kUsualPoints = 4;

struct Entry : PoolEntry {
  std::size_t bytes = 0;
  std::size_t class_index = 0;
  std::uint64_t released = 0;  // counts releases: the order of idleness
  Entry* newer = nullptr;
  Entry* older = nullptr;
};

// The released blocks of one size.
struct Shelf {
  Entry* newest = nullptr;
  Entry* oldest = nullptr;

  void put(Entry& entry) noexcept {
    entry.newer = nullptr;
    entry.older = newest;
    (newest != nullptr ? newest->newer : oldest) = &entry;
    newest = &entry;
  }
  void take(Entry& entry) noexcept {
    (entry.newer != nullptr ? entry.newer->older : newest) = entry.older;
    (entry.older != nullptr ? entry.older->newer : oldest) = entry.newer;
  }
};

// Reached, or its timeline has failed: what was to happen before it is over.
bool over(const Point& point) {
  return point.timeline->value() >= point.value || point.timeline->query(point.value);
}

bool free_for(const Entry& entry, const Point& after) {
  return std::ranges::all_of(entry.points, [&](const Point& point) {
    return (point.timeline == after.timeline && point.value <= after.value) ||
           over(point);
  });
}

bool idle(const Entry& entry) { return std::ranges::all_of(entry.points, over); }

class Pool final : public MemoryPool, public std::enable_shared_from_this<Pool> {
 public:
  Pool(BufferFactory factory, const PoolDesc& desc, std::size_t max_buffer_bytes)
      : factory_(std::move(factory)),
        desc_(desc),
        max_buffer_bytes_(max_buffer_bytes) {}
  // Blocks handed out keep the pool alive, so all there are lie on shelves.
  ~Pool() override {
    for (Shelf& shelf : shelves_) {
      while (Entry* entry = shelf.newest) {
        shelf.take(*entry);
        delete entry;
      }
    }
  }

  const PoolDesc& desc() const noexcept override { return desc_; }

  std::size_t trim(std::size_t keep_bytes) override {
    const std::lock_guard lock(mutex_);
    std::size_t idle_bytes = 0;
    for_each_released([&](const Entry& entry) {
      if (idle(entry)) idle_bytes += entry.bytes;
    });
    return idle_bytes <= keep_bytes ? 0 : give_back(idle_bytes - keep_bytes);
  }

  PoolStats stats() const override {
    const std::lock_guard lock(mutex_);
    PoolStats stats = stats_;
    for_each_released([&](const Entry& entry) {
      (idle(entry) ? stats.idle_bytes : stats.limbo_bytes) += entry.bytes;
    });
    return stats;
  }

 private:
  Status do_allocate(std::size_t bytes, const Point& after, Grant& grant) override {
    if (bytes > max_buffer_bytes_) {
      return {StatusCode::invalid_argument,
              "a block of this size is above the device's limit of a buffer"};
    }
    SizeClass size = size_class(bytes);
    size.bytes = std::min(size.bytes, std::max(max_buffer_bytes_, kLeastBytes));
    {
      const std::lock_guard lock(mutex_);
      if (Entry* entry = find(shelves_[size.index], after)) {
        hand_out(*entry, grant);
        return {};
      }
      if (!make_room(size.bytes)) return wait_or_refuse(size, grant, over_budget());
      stats_.reserved_bytes += size.bytes;
    }
    // Unlocked: the system may take its time.
    Status status;
    std::unique_ptr<Entry> fresh = make_entry(size, status);
    if (status.code() == StatusCode::out_of_memory) {
      trim(0);
      fresh = make_entry(size, status);
    }
    const std::lock_guard lock(mutex_);
    if (!fresh) {
      stats_.reserved_bytes -= size.bytes;
      return wait_or_refuse(size, grant, status);
    }
    ++stats_.misses;
    count_live(*fresh);
    grant.entry = fresh.release();
    return {};
  }

  void do_release(PoolEntry& released) noexcept override {
    auto& entry = static_cast<Entry&>(released);
    const std::lock_guard lock(mutex_);
    entry.released = ++releases_;
    stats_.live_bytes -= entry.bytes;
    --stats_.live_blocks;
    shelves_[entry.class_index].put(entry);
  }

  std::shared_ptr<MemoryPool> self() noexcept override { return shared_from_this(); }

  static Status over_budget() {
    return {StatusCode::resource_exhausted,
            "the pool's budget is used up: release blocks, or raise the budget"};
  }

  // Null, and why, when there is none to be had.
  std::unique_ptr<Entry> make_entry(const SizeClass& size, Status& status) const {
    status = {};
    try {
      auto entry = std::make_unique<Entry>();
      entry->bytes = size.bytes;
      entry->class_index = size.index;
      entry->points.reserve(kUsualPoints);
      entry->buffer = factory_({size.bytes, desc_.kind, desc_.label});
      return entry;
    } catch (const Error& error) {
      status = error.status();
    } catch (const std::bad_alloc&) {
      status = {StatusCode::out_of_memory, "no memory for what is known of a block"};
    }
    return nullptr;
  }

  // The rest is under the lock.

  template <typename Visit>
  void for_each_released(const Visit& visit) const {
    for (const Shelf& shelf : shelves_) {
      for (Entry* entry = shelf.newest; entry != nullptr; entry = entry->older) {
        visit(*entry);
      }
    }
  }

  static Entry* find(const Shelf& shelf, const Point& after) {
    int looks = kLook;
    Entry* entry = shelf.newest;
    for (; entry != nullptr && looks > 0; entry = entry->older, --looks) {
      if (free_for(*entry, after)) return entry;
    }
    if (entry == nullptr) return nullptr;
    looks = kLook;
    for (entry = shelf.oldest; entry != nullptr && looks > 0; --looks) {
      if (free_for(*entry, after)) return entry;
      entry = entry->newer;
    }
    return nullptr;
  }

  void count_live(const Entry& entry) noexcept {
    ++stats_.live_blocks;
    stats_.live_bytes += entry.bytes;
    stats_.peak_bytes = std::max(stats_.peak_bytes, stats_.live_bytes);
  }

  void hand_out(Entry& entry, Grant& grant) {
    // Points still ahead stay: the block may come back unused.
    std::erase_if(entry.points, over);
    shelves_[entry.class_index].take(entry);
    ++stats_.hits;
    count_live(entry);
    grant.entry = &entry;
  }

  // For want of room: the block that was released first, with what to wait for.
  Status wait_or_refuse(const SizeClass& size, Grant& grant, Status refusal) {
    Entry* entry = shelves_[size.index].oldest;
    if (entry == nullptr) {
      ++stats_.refused;
      return refusal;
    }
    hand_out(*entry, grant);
    grant.waits = entry->points.size();
    if (grant.waits != 0) ++stats_.waits;
    return {};
  }

  bool make_room(std::size_t bytes) {
    if (bytes > desc_.budget_bytes) return false;
    const std::size_t most = desc_.budget_bytes - bytes;
    if (stats_.reserved_bytes > most) give_back(stats_.reserved_bytes - most);
    return stats_.reserved_bytes <= most;
  }

  // Frees at least `wanted` bytes of idle buffers, the longest idle first, or all.
  std::size_t give_back(std::size_t wanted) {
    std::size_t freed = 0;
    while (freed < wanted) {
      Entry* longest = nullptr;
      for_each_released([&](Entry& entry) {
        if ((longest == nullptr || entry.released < longest->released) && idle(entry)) {
          longest = &entry;
        }
      });
      if (longest == nullptr) break;
      shelves_[longest->class_index].take(*longest);
      freed += longest->bytes;
      stats_.reserved_bytes -= longest->bytes;
      delete longest;
    }
    return freed;
  }

  const BufferFactory factory_;
  const PoolDesc desc_;
  const std::size_t max_buffer_bytes_;

  mutable std::mutex mutex_;
  std::array<Shelf, kClasses> shelves_;
  std::uint64_t releases_ = 0;
  PoolStats stats_;  // without what is computed from the shelves
};

}  // namespace

SizeClass size_class(std::size_t bytes) noexcept {
  if (bytes <= kLeastBytes) return {0, kLeastBytes};
  const auto bits = static_cast<std::size_t>(std::bit_width(bytes - 1)) - 1;
  const std::size_t step = std::size_t{1} << (bits - 2);
  const std::size_t steps = (bytes - 1) / step + 1;  // 5, 6, 7 or 8
  return {1 + (bits - kLeastBits) * 4 + (steps - 5), steps * step};
}

std::shared_ptr<MemoryPool> make_memory_pool(BufferFactory factory,
                                             const PoolDesc& desc,
                                             std::size_t max_buffer_bytes) {
  // Above 2^63 sizes would not round; no device comes near.
  return std::make_shared<Pool>(std::move(factory), desc,
                                std::min(max_buffer_bytes, std::size_t{1} << 62));
}

}  // namespace assay::runtime
