// SPDX-License-Identifier: MIT
#include "regression/measure/tune.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "backends/interface/status.h"
#include "regression/measure/arm.h"
#include "regression/measure/choices.h"
#include "regression/measure/workbench.h"

namespace assay::measure {
namespace {

// Answers whatever is asked with one text; empty: with what is chosen, which it keeps.
class OneChoice final : public KernelCache {
 public:
  explicit OneChoice(std::string text) : text_(std::move(text)) {}
  KernelBinary get_or_compile(const KernelKey& key,
                              const std::function<std::string()>& compile) override {
    ++asked_;
    key_ = key;
    if (text_.empty()) text_ = compile();
    return std::make_shared<const std::string>(text_);
  }
  void replace(const KernelKey& key, std::string binary) override {
    key_ = key;
    text_ = std::move(binary);
  }
  KernelCacheStats stats() const override { return {}; }

  int asked() const { return asked_; }
  const KernelKey& key() const { return key_; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  KernelKey key_;
  int asked_ = 0;
};

std::string damage_of(const ArmCheck& check, const std::string& choice) {
  if (check.ok && check.guards_intact) return {};
  return choice + ": " + (check.detail.empty() ? "guard pads changed" : check.detail);
}

}  // namespace

std::optional<OwnChoice> own_choice(Device& device, const Implementation& row,
                                    const Problem& problem) {
  if (const auto reason = row.unsupported(problem, device.caps())) {
    throw Error(StatusCode::not_supported, std::string(row.name) + ": " + *reason);
  }
  OneChoice cache("");
  row.prepare({.device = &device, .library = nullptr, .cache = &cache}, problem);
  if (cache.asked() != 1) return std::nullopt;
  return OwnChoice{cache.key(), cache.text()};
}

Duel duel(const std::shared_ptr<Device>& device, const Implementation& row,
          const Problem& problem, const Expected& expected, const std::string& own,
          const std::string& other, const SamplerOptions& options) {
  Workbench workbench(device, problem, DataFamily::uniform, 1, expected);
  OneChoice own_cache(own);
  OneChoice other_cache(other);
  Arm own_arm(workbench, row, nullptr, own_cache);
  Arm other_arm(workbench, row, nullptr, other_cache);
  PassSamples samples = sample(*device, other_arm, own_arm, Pass::resident, options);
  Duel result;
  result.blocks = std::move(samples.blocks[Scope::kernel]);
  result.wrong = damage_of(other_arm.check(), other);
  if (result.wrong.empty()) result.wrong = damage_of(own_arm.check(), own);
  result.configuration = other_arm.configuration();
  return result;
}

bool keep_choice(KernelCache& cache, const OwnChoice& own, const std::string& best,
                 bool really_better) {
  const KernelBinary before = tuned_choice(cache, own.key);
  // Where nothing was tuned the default needs no entry that says the same.
  if (!really_better && before == nullptr) return false;
  const std::string& outcome = really_better ? best : own.text;
  if (before != nullptr && *before == outcome) return false;
  const std::uint64_t unwritten = cache.stats().unwritten;
  cache.replace(tuned_key(own.key), outcome);
  if (cache.stats().unwritten == unwritten) return true;
  throw Error(StatusCode::bad_file,
              std::string(kKernelCacheVariable) +
                  ": the folder does not take the entry; is the disk full?");
}

}  // namespace assay::measure
