// SPDX-License-Identifier: MIT
#include "kernels/matmul/blocking_cache.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "kernels/matmul/micro_kernels.h"

namespace assay::matmul {
namespace {

// Raised whenever block_limits() chooses otherwise for the same arguments.
constexpr std::string_view kChooser = "block_limits 2";

// Reads `name` and the number behind it off the front of `text`.
std::optional<std::int64_t> take_number(std::string_view& text, std::string_view name) {
  if (!text.starts_with(name)) return std::nullopt;
  text.remove_prefix(name.size());
  std::int64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

KernelKey key_of(const CacheInfo& caches, Isa isa, std::int64_t mr, std::int64_t nr,
                 std::size_t max_local_bytes) {
  KernelKey key;
  key.kernel = "matmul.packed.blocks";
  key.options = "mr=" + std::to_string(mr) + " nr=" + std::to_string(nr);
  key.constants = "local_bytes=" + std::to_string(max_local_bytes);
  key.toolchain = kChooser;
  key.device = "isa=" + std::string(to_string(isa)) +
               " l1d=" + std::to_string(caches.l1d_bytes) +
               " l2=" + std::to_string(caches.l2_bytes) +
               " l3=" + std::to_string(caches.l3_bytes) + "/" +
               std::to_string(caches.l3_sharers);
  key.abi = 1;
  return key;
}

}  // namespace

std::string to_text(const BlockLimits& limits) {
  return "kc=" + std::to_string(limits.kc) +
         " a_block_bytes=" + std::to_string(limits.a_block_bytes);
}

std::optional<BlockLimits> parse_block_limits(std::string_view text, std::int64_t mr,
                                              std::size_t max_local_bytes) {
  const auto kc = take_number(text, "kc=");
  const auto bytes = take_number(text, " a_block_bytes=");
  if (!kc || !bytes || !text.empty()) return std::nullopt;
  // In units of a float, so that no product overflows.
  const auto local = static_cast<std::int64_t>(max_local_bytes / sizeof(float));
  const auto room = *kc > 0 && *kc <= local / mr ? local - mr * *kc - kPackSlack : 0;
  if (*bytes > 0 && *bytes / static_cast<std::int64_t>(sizeof(float)) <= room) {
    return BlockLimits{*kc, *bytes};
  }
  return std::nullopt;
}

BlockLimits cached_block_limits(KernelCache& cache, const CacheInfo& caches, Isa isa,
                                std::int64_t mr, std::int64_t nr,
                                std::size_t max_local_bytes) {
  const auto choose = [&] { return block_limits(caches, mr, nr, max_local_bytes); };
  const KernelBinary kept = cache.get_or_compile(
      key_of(caches, isa, mr, nr, max_local_bytes), [&] { return to_text(choose()); });
  // An entry that another build wrote under the same key is no better than none.
  const auto limits = parse_block_limits(*kept, mr, max_local_bytes);
  return limits ? *limits : choose();
}

std::vector<std::string> other_block_limits(std::string_view chosen, std::int64_t mr,
                                            std::size_t max_local_bytes) {
  const auto limits = parse_block_limits(chosen, mr, max_local_bytes);
  if (!limits) return {};
  // In quarters of what was chosen: of the sum, of op(A).
  constexpr std::pair<std::int64_t, std::int64_t> kQuarters[] = {
      {3, 4}, {6, 4}, {8, 4}, {4, 2}, {4, 6}, {4, 8}, {3, 6}, {6, 6}};
  std::vector<std::string> others;
  for (const auto& [sum, rows] : kQuarters) {
    const BlockLimits other = {std::max<std::int64_t>(limits->kc * sum / 32 * 8, 8),
                               limits->a_block_bytes / 4 * rows};
    const std::string text = to_text(other);
    if (text != chosen && parse_block_limits(text, mr, max_local_bytes)) {
      others.push_back(text);
    }
  }
  return others;
}

std::vector<std::string> packed_other_choices(const Caps& caps,
                                              std::string_view chosen) {
  return other_block_limits(chosen, micro_kernels(selected_isa()).mr,
                            caps.limits.max_local_bytes);
}

}  // namespace assay::matmul
