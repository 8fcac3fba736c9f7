// SPDX-License-Identifier: MIT
// How copies and fills are cut so that several compute units share one.
#ifndef ASSAY_BACKENDS_RUNTIME_TILES_H_
#define ASSAY_BACKENDS_RUNTIME_TILES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace assay::runtime {

// 256 KiB: some 10 us of copying on one core, far above the cost of handing out a tile
// (under 0.1 us) and small enough that two units finish a 1 MiB copy together.
inline constexpr std::size_t kCopyTileBytes = 256 * 1024;
inline constexpr std::uint64_t kCopyTileNs = 10'000;

inline std::uint64_t copy_tiles(std::size_t bytes) noexcept {
  return (bytes + kCopyTileBytes - 1) / kCopyTileBytes;
}

// Offset and size of a tile.
inline std::pair<std::size_t, std::size_t> tile_range(std::size_t bytes,
                                                      std::uint64_t tile) noexcept {
  const std::size_t begin = static_cast<std::size_t>(tile) * kCopyTileBytes;
  return {begin, std::min(kCopyTileBytes, bytes - begin)};
}

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_TILES_H_
