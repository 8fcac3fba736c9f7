// SPDX-License-Identifier: MIT
// What is taken from raw samples before any comparison: the blocks that count, and each
// arm's own figures.
#ifndef ASSAY_REGRESSION_JUDGE_ARMS_H_
#define ASSAY_REGRESSION_JUDGE_ARMS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "regression/judge/verdict.h"

namespace assay::judge {

enum class Arm : std::uint8_t { custom, library };
inline constexpr Arm kArms[] = {Arm::custom, Arm::library};
std::string_view to_string(Arm arm) noexcept;

const std::array<double, 2>& times_of(const measure::Block& block, Arm arm) noexcept;

// The blocks of each process that nothing outside spoiled; processes without any are
// left out. Points into the comparison.
struct UsableBlocks {
  std::vector<std::vector<const measure::Block*>> processes;
  std::vector<std::size_t> numbers;  // of each process above, its place among all
  std::uint64_t used = 0;
  std::uint64_t dropped = 0;
  std::string dropped_because;  // empty when none
};

// Drops by what was counted beside a block, never by how long it took: dropping slow
// blocks would choose the answer.
UsableBlocks usable_blocks(const measure::Comparison& comparison, const Rules& rules);
// All blocks, for figures when nothing is usable.
UsableBlocks all_blocks(const measure::Comparison& comparison);

// Flops the machine's peak could have done in the time of one iteration of this arm:
// the median over processes of (median usable epoch x that process's peak). A clock
// that moves scales time and peak alike and leaves it alone. 0: unknown, for want of a
// peak or of blocks.
double cost_of(const measure::Comparison& comparison, const UsableBlocks& blocks,
               Arm arm);

ArmSummary summarize(const measure::Comparison& comparison, const UsableBlocks& blocks,
                     Arm arm, double peak_gflops);

}  // namespace assay::judge

#endif  // ASSAY_REGRESSION_JUDGE_ARMS_H_
