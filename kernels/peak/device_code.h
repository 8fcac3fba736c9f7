// SPDX-License-Identifier: MIT
// The loops of the ceilings as device code, and how much work is in them.
#ifndef ASSAY_KERNELS_PEAK_DEVICE_CODE_H_
#define ASSAY_KERNELS_PEAK_DEVICE_CODE_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace assay::peak {

// Of shaders/*.comp.
inline constexpr std::uint32_t kThreadsAGroup = 256;
// 8 steps of 32 chains, 2 operations each, in every thread.
inline constexpr double kFlopsARound = 8.0 * 32.0 * 2.0 * kThreadsAGroup;
// Of products.comp: 8 steps of 16 chains of 16 x 16 x 16 terms, a group of its own
// size.
inline constexpr double kFlopsAProductRound = 8.0 * 16.0 * 2.0 * 16 * 16 * 16;
// Of the triad: four times four elements a thread.
inline constexpr std::size_t kTriadElementsAGroup = std::size_t{16} * kThreadsAGroup;
// Of the FMA loop, groups for each compute unit: enough threads to hide every latency
// (2048 a unit is what the largest GPUs hold).
inline constexpr std::uint32_t kGroupsAUnit = 8;

// Empty in a build without a shader compiler.
std::span<const std::uint32_t> fma_code() noexcept;
std::span<const std::uint32_t> triad_code() noexcept;
std::span<const std::uint32_t> products_code() noexcept;

}  // namespace assay::peak

#endif  // ASSAY_KERNELS_PEAK_DEVICE_CODE_H_
