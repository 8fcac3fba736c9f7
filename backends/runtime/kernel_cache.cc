// SPDX-License-Identifier: MIT
#include "backends/runtime/kernel_cache.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>

#include "backends/interface/status.h"
#include "backends/runtime/cache_entry.h"
#include "backends/runtime/cache_folder.h"

namespace assay::runtime {
namespace {

struct KeyHash {
  std::size_t operator()(const KernelKey& key) const noexcept {
    std::size_t hash = key.abi;
    for (const std::string* field : {&key.kernel, &key.source, &key.options,
                                     &key.constants, &key.toolchain, &key.device}) {
      hash = hash * 0x9e3779b97f4a7c15U + std::hash<std::string_view>()(*field);
    }
    return hash;
  }
};

class Cache final : public KernelCache {
 public:
  explicit Cache(const KernelCacheDesc& desc) {
    if (!desc.folder.empty()) folder_.emplace(desc.folder, desc.most_bytes);
  }

  KernelBinary get_or_compile(const KernelKey& key,
                              const std::function<std::string()>& compile) override {
    std::unique_lock lock(mutex_);
    const auto found = slots_.find(key);
    if (found != slots_.end()) {
      if (found->second->binary) {
        ++stats_.hits;
        return found->second->binary;
      }
      return join(found->second, lock);
    }
    const auto slot = std::make_shared<Slot>();
    slot->compiler = std::this_thread::get_id();
    slots_.emplace(key, slot);
    lock.unlock();
    return fill(key, *slot, compile);
  }

  void replace(const KernelKey& key, std::string binary) override {
    const auto slot = std::make_shared<Slot>();
    slot->binary = std::make_shared<const std::string>(std::move(binary));
    slot->done = true;
    // Of two that replace a key at once, the later one wins on disk as it does here.
    const std::lock_guard one_at_a_time(replacing_);
    {
      const std::lock_guard lock(mutex_);
      const auto found = slots_.find(key);
      if (found != slots_.end() && !found->second->binary) {
        throw Error(
            StatusCode::failed_precondition,
            "a key is replaced while it is being compiled: wait for that first");
      }
      slots_.insert_or_assign(key, slot);
    }
    if (folder_) store(key, *slot->binary);
  }

  KernelCacheStats stats() const override {
    const std::lock_guard lock(mutex_);
    return stats_;
  }

 private:
  // One key. Under the lock, but for `binary` once it is set.
  struct Slot {
    KernelBinary binary;
    bool done = false;
    std::thread::id compiler;
    Status failure;
  };

  // Ends a slot however fill() is left.
  class Ending {
   public:
    Ending(Cache& cache, const KernelKey& key, Slot& slot)
        : cache_(cache), key_(key), slot_(slot) {}
    ~Ending() {
      const std::lock_guard lock(cache_.mutex_);
      slot_.binary = binary;
      slot_.failure = failure;
      slot_.done = true;
      if (!binary) cache_.slots_.erase(key_);
      cache_.changed_.notify_all();
    }
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;

    KernelBinary binary;
    Status failure;

   private:
    Cache& cache_;
    const KernelKey& key_;
    Slot& slot_;
  };

  KernelBinary join(std::shared_ptr<Slot> slot, std::unique_lock<std::mutex>& lock) {
    const std::thread::id self = std::this_thread::get_id();
    if (waits_for(*slot, self)) {
      throw Error(StatusCode::failed_precondition,
                  "the compilation of a key asks for its own result");
    }
    waiting_[self] = slot.get();
    changed_.wait(lock, [&] { return slot->done; });
    waiting_.erase(self);
    if (!slot->binary) throw Error(slot->failure);
    ++stats_.hits;
    return slot->binary;
  }

  // Whether `slot` ends only after something that `thread` does: it compiles it, or one
  // that its compilation waits for. Under the lock.
  bool waits_for(const Slot& slot, std::thread::id thread) const {
    for (const Slot* next = &slot;;) {
      if (next->compiler == thread) return true;
      const auto found = waiting_.find(next->compiler);
      if (found == waiting_.end() || found->second->done) return false;
      next = found->second;
    }
  }

  KernelBinary fill(const KernelKey& key, Slot& slot,
                    const std::function<std::string()>& compile) {
    // The slot may leave the table with its last other owner: kept by the caller.
    Ending ending(*this, key, slot);
    ending.failure = Status(StatusCode::internal, "the compilation was abandoned");
    try {
      if (auto stored = load(key)) {
        ending.binary = std::make_shared<const std::string>(std::move(*stored));
        return ending.binary;
      }
      count(&KernelCacheStats::compiles);
      ending.binary = std::make_shared<const std::string>(compile());
    } catch (const Error& error) {
      ending.failure = error.status();
      throw;
    } catch (const std::exception& error) {
      ending.failure = Status(StatusCode::internal, error.what());
      throw;
    }
    if (folder_) store(key, *ending.binary);
    return ending.binary;
  }

  void store(const KernelKey& key, const std::string& binary) {
    const std::string name = entry_name(key);
    if (!folder_->publish(name, encode_entry(key, binary))) {
      count(&KernelCacheStats::unwritten);
      return;
    }
    const std::uint64_t removed = folder_->remove_least_used(name);
    const std::lock_guard lock(mutex_);
    stats_.evicted += removed;
  }

  std::optional<std::string> load(const KernelKey& key) {
    if (!folder_) return std::nullopt;
    const std::optional<std::string> bytes = folder_->read(entry_name(key));
    if (!bytes) return std::nullopt;
    std::optional<std::string> payload = decode_entry(*bytes, key);
    count(payload ? &KernelCacheStats::disk_hits : &KernelCacheStats::damaged);
    return payload;
  }

  void count(std::uint64_t KernelCacheStats::*what) {
    const std::lock_guard lock(mutex_);
    ++(stats_.*what);
  }

  std::optional<CacheFolder> folder_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<KernelKey, std::shared_ptr<Slot>, KeyHash> slots_;
  // What each thread in join() waits for.
  std::unordered_map<std::thread::id, const Slot*> waiting_;
  std::mutex replacing_;  // taken before mutex_
  KernelCacheStats stats_;
};

}  // namespace

std::shared_ptr<KernelCache> open_kernel_cache(const KernelCacheDesc& desc) {
  return std::make_shared<Cache>(desc);
}

}  // namespace assay::runtime
