// SPDX-License-Identifier: MIT
#include "tests/conformance/mutants/caches.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <utility>

#include "backends/runtime/cache_entry.h"

namespace assay::conformance {
namespace {

class CacheLayer : public KernelCache {
 public:
  explicit CacheLayer(const runtime::KernelCacheDesc& desc)
      : inner_(runtime::open_kernel_cache(desc)) {}
  KernelBinary get_or_compile(const KernelKey& key,
                              const std::function<std::string()>& compile) override {
    return inner_->get_or_compile(key, compile);
  }
  void replace(const KernelKey& key, std::string binary) override {
    inner_->replace(key, std::move(binary));
  }
  KernelCacheStats stats() const override { return inner_->stats(); }

 private:
  std::shared_ptr<KernelCache> inner_;
};

class Optionless final : public CacheLayer {
 public:
  using CacheLayer::CacheLayer;
  KernelBinary get_or_compile(const KernelKey& key,
                              const std::function<std::string()>& compile) override {
    KernelKey mixed_up = key;
    mixed_up.options.clear();
    return CacheLayer::get_or_compile(mixed_up, compile);
  }
};

// Makes an entry of whatever is there, which the cache then believes.
class Credulous final : public CacheLayer {
 public:
  explicit Credulous(const runtime::KernelCacheDesc& desc)
      : CacheLayer(desc), folder_(desc.folder) {}
  KernelBinary get_or_compile(const KernelKey& key,
                              const std::function<std::string()>& compile) override {
    const std::string path = folder_ + "/" + runtime::entry_name(key);
    if (!folder_.empty() && std::filesystem::is_regular_file(path)) {
      std::ifstream in(path, std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      const std::size_t before = runtime::encode_entry(key, "").size();
      const std::string payload = bytes.substr(std::min(before, bytes.size()));
      std::ofstream(path, std::ios::binary) << runtime::encode_entry(key, payload);
    }
    return CacheLayer::get_or_compile(key, compile);
  }

 private:
  std::string folder_;
};

}  // namespace

std::shared_ptr<KernelCache> forwarding_cache(const runtime::KernelCacheDesc& desc) {
  return std::make_shared<CacheLayer>(desc);
}
std::shared_ptr<KernelCache> optionless_cache(const runtime::KernelCacheDesc& desc) {
  return std::make_shared<Optionless>(desc);
}
std::shared_ptr<KernelCache> credulous_cache(const runtime::KernelCacheDesc& desc) {
  return std::make_shared<Credulous>(desc);
}

}  // namespace assay::conformance
