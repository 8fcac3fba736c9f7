// SPDX-License-Identifier: MIT
// The implementation in device code, by the shape of its tiles.
#ifndef ASSAY_KERNELS_MATMUL_STAGED_H_
#define ASSAY_KERNELS_MATMUL_STAGED_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/common/op.h"
#include "kernels/matmul/matmul.h"

namespace assay::matmul {

// A group computes rows x cols of C, depth terms at a time; a thread of it
// thread_rows x thread_cols, multiples of four. 32 threads compute 4 thread_rows x 8
// thread_cols of it, and the tile is made of such parts. The slices must divide evenly
// among the threads: rows * depth / 4 and cols * depth / 4 are multiples of threads().
struct StagedTile {
  std::uint32_t rows;
  std::uint32_t cols;
  std::uint32_t depth;
  std::uint32_t thread_rows;
  std::uint32_t thread_cols;

  constexpr std::uint32_t threads() const noexcept {
    return rows / thread_rows * (cols / thread_cols);
  }
  // Both slices, each row of theirs padded by four floats.
  constexpr std::uint32_t local_bytes() const noexcept {
    return depth * (rows + cols + 8) * 4;
  }
};

// All that are worth trying, the default's among them; for tests and for tuning.
std::span<const StagedTile> staged_tiles() noexcept;

// What shaders/staged.glsl calls Constants.
struct StagedConstants {
  std::uint32_t m;
  std::uint32_t n;
  std::uint32_t k;
  std::uint32_t lda;
  std::uint32_t ldb;
  std::uint32_t ldc;
  float alpha;
  float beta;
  std::uint32_t part = 0;  // terms of the depth for each group, when it is split
};
StagedConstants staged_constants(const Params& p) noexcept;

// Which operands are read and written 16 bytes at a time, without guards: bits 0 to 2
// for A, B and C.
inline constexpr std::uint32_t kAllAligned = 7;
std::uint32_t aligned_operands(const Params& p, const StagedTile& tile,
                               const Caps& caps) noexcept;
// `aligned` as above; `split`: a group's z is its part of the depth.
std::vector<std::uint32_t> staged_specialization(const Params& p, DType storage,
                                                 const StagedTile& tile,
                                                 std::uint32_t aligned, bool split,
                                                 const Caps& caps);
std::int64_t tiles_of(const Params& p, const StagedTile& tile) noexcept;
std::string text_of(const StagedTile& tile);

// The words of shaders/staged.comp, or of staged_narrow.comp where A and B are stored
// in 16 bits; empty in a build without a shader compiler.
std::span<const std::uint32_t> staged_code(DType storage) noexcept;

std::optional<std::string> staged_unsupported(const Problem& problem, const Caps& caps);
// With the tile that suits problem and device.
std::unique_ptr<Prepared> staged_prepare(const PrepareContext& context,
                                         const Problem& problem);
std::unique_ptr<Prepared> staged_prepare_tile(const PrepareContext& context,
                                              const Problem& problem,
                                              const StagedTile& tile);

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_STAGED_H_
