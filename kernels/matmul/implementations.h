// SPDX-License-Identifier: MIT
// What each file of this folder offers to the table in implementations.cc.
#ifndef ASSAY_KERNELS_MATMUL_IMPLEMENTATIONS_H_
#define ASSAY_KERNELS_MATMUL_IMPLEMENTATIONS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "kernels/common/cache_info.h"
#include "kernels/common/isa.h"
#include "kernels/common/op.h"
#include "kernels/matmul/matmul.h"
#include "kernels/matmul/whole_tiles.h"

namespace assay::matmul {

struct PanelFormat;  // panel_format.h

std::span<const Implementation> implementations() noexcept;

// What runs wherever host code does: naive, of any storage.
std::optional<std::string> any_host_device(const Problem& problem, const Caps& caps);
// The same, of f32 alone: reference and tiled. A problem of 16-bit storage has half of
// the bytes that they would read.
std::optional<std::string> f32_on_host(const Problem& problem, const Caps& caps);
std::optional<std::string> packed_unsupported(const Problem& problem, const Caps& caps);

std::unique_ptr<Prepared> reference_prepare(const PrepareContext& context,
                                            const Problem& problem);
std::unique_ptr<Prepared> naive_prepare(const PrepareContext& context,
                                        const Problem& problem);
std::unique_ptr<Prepared> tiled_prepare(const PrepareContext& context,
                                        const Problem& problem);
// Of any storage.
std::unique_ptr<Prepared> packed_prepare(const PrepareContext& context,
                                         const Problem& problem);

// Of 16-bit storage.
std::optional<std::string> converted_unsupported(const Problem& problem,
                                                 const Caps& caps);
std::unique_ptr<Prepared> converted_prepare(const PrepareContext& context,
                                            const Problem& problem);
std::optional<std::string> onednn_bf16_unsupported(const Problem& problem,
                                                   const Caps& caps);
std::unique_ptr<Prepared> onednn_bf16_prepare(const PrepareContext& context,
                                              const Problem& problem);

// What packed chooses from, here for tests: panels, and direct.cc, plain_a.cc and
// pairs.cc where packing both operands loses.
// They require m, n, k > 0 and alpha != 0; direct a B that is not transposed.
bool direct_wins(const Params& params, const CacheInfo& caches) noexcept;
// Of f32, where direct_wins() does not say so.
bool direct_wins_beyond_cache(const Params& params, const CacheInfo& caches) noexcept;
std::unique_ptr<Prepared> panels_prepare(const PrepareContext& context,
                                         const Params& params,
                                         const PanelFormat& format);
std::unique_ptr<Prepared> direct_prepare(const PrepareContext& context,
                                         const Params& params);
// Where neither of direct's says so. `steps_of_slot` is the PanelFormat's.
bool plain_a_wins(const Params& params, DType storage, std::int64_t steps_of_slot,
                  const CacheInfo& caches) noexcept;
// Where one of direct's does, which has the same bits: the choice may ask for units.
bool plain_a_beats_direct(const Params& params, DType storage, const CacheInfo& caches,
                          std::uint32_t units) noexcept;
struct PlainA {
  bool wide = false;  // by tiles of two panels: requires DirectTiles::wide_rows > 0
  std::shared_ptr<Buffer> workspace = nullptr;  // see PanelsOfB
};
std::unique_ptr<Prepared> plain_a_prepare(const PrepareContext& context,
                                          const Params& params,
                                          const PanelFormat& format, PlainA how = {});
// Where the machine has a large second-level cache and tiles of two panels: plain_a by
// them, of panels of slots of one step. Beyond in_turn_wins() by blocks of the sum.
bool wide_panels_win(const Params& params, std::int64_t element_bytes,
                     const CacheInfo& caches) noexcept;
bool in_turn_wins(const Params& params, const CacheInfo& caches) noexcept;
std::int64_t in_turn_steps(std::int64_t depth) noexcept;  // of a block, at most
std::unique_ptr<Prepared> in_turn_prepare(const PrepareContext& context,
                                          const Params& params,
                                          const PanelFormat& format, bool wide);
// Of bf16, on a machine with dot products of its pairs, and neither operand transposed.
bool pairs_win(const Params& params, const CacheInfo& caches) noexcept;
std::unique_ptr<Prepared> pairs_prepare(const PrepareContext& context,
                                        const Params& params);

// Of bf16, where the machine multiplies whole tiles and kernels of `isa` may.
// `multiply` is multiply_whole_tiles(), or a test's of a model of that unit, which
// needs ISA avx512.
bool whole_tiles_win(const Params& params, Isa isa) noexcept;
enum class PackOfB : std::uint8_t {
  once,      // all of it, in a dispatch before
  by_group,  // by each group, for itself
};
// What is faster there. Requires whole_tiles_win(), but for the unit.
PackOfB whole_tiles_pack(const Params& params, const Caps& caps,
                         const CacheInfo& caches) noexcept;
std::unique_ptr<Prepared> whole_tiles_prepare(const PrepareContext& context,
                                              const Params& params,
                                              WholeTilesMultiply multiply,
                                              PackOfB pack);

std::optional<std::string> cublas_unsupported(const Problem& problem, const Caps& caps);
std::unique_ptr<Peer> cublas_prepare_peer(const vendor::cuda::Cublas& library,
                                          const Problem& problem);
std::unique_ptr<Peer> cublas_f16_prepare_peer(const vendor::cuda::Cublas& library,
                                              const Problem& problem);

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_IMPLEMENTATIONS_H_
