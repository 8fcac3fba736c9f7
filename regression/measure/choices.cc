// SPDX-License-Identifier: MIT
#include "regression/measure/choices.h"

#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "backends/interface/status.h"
#include "backends/runtime/kernel_cache.h"

namespace assay::measure {

namespace {

// Not an Error: what the cache throws of a compilation is what it was thrown.
struct NotTuned final : std::exception {};

class TunedCache final : public KernelCache {
 public:
  explicit TunedCache(std::shared_ptr<KernelCache> inner) : inner_(std::move(inner)) {}
  KernelBinary get_or_compile(const KernelKey& key,
                              const std::function<std::string()>& compile) override {
    if (auto tuned = tuned_choice(*inner_, key)) return tuned;
    return inner_->get_or_compile(key, compile);
  }
  void replace(const KernelKey& key, std::string binary) override {
    inner_->replace(key, std::move(binary));
  }
  KernelCacheStats stats() const override { return inner_->stats(); }

 private:
  std::shared_ptr<KernelCache> inner_;
};

bool wants_tuned() {
  const char* const text = std::getenv(kTunedVariable);
  const std::string_view value = text == nullptr ? "" : text;
  if (value == "1") return true;
  if (value.empty() || value == "0") return false;
  throw Error(StatusCode::failed_precondition, std::string(kTunedVariable) +
                                                   ": it is 1, 0 or empty, and not '" +
                                                   std::string(value) + "'");
}

}  // namespace

KernelKey tuned_key(KernelKey key) {
  key.toolchain = "tuned 1 over " + key.toolchain;
  return key;
}

KernelBinary tuned_choice(KernelCache& cache, const KernelKey& key) {
  try {
    return cache.get_or_compile(tuned_key(key),
                                []() -> std::string { throw NotTuned(); });
  } catch (const NotTuned&) {
    return nullptr;
  } catch (const Error&) {
    // Somebody else looked at the same time and found nothing.
    return nullptr;
  }
}

std::shared_ptr<KernelCache> with_tuned_choices(std::shared_ptr<KernelCache> cache) {
  return std::make_shared<TunedCache>(std::move(cache));
}

KernelCache& kernel_cache() {
  static const std::shared_ptr<KernelCache> cache = [] {
    runtime::KernelCacheDesc desc;
    if (const char* const folder = std::getenv(kKernelCacheVariable)) {
      desc.folder = folder;
    }
    const bool tuned = wants_tuned();
    try {
      auto opened = runtime::open_kernel_cache(desc);
      return tuned ? with_tuned_choices(std::move(opened)) : opened;
    } catch (const Error& error) {
      throw Error(error.code(),
                  std::string(kKernelCacheVariable) + ": " + error.what());
    }
  }();
  return *cache;
}

}  // namespace assay::measure
