// SPDX-License-Identifier: MIT
// How operands of a type come into the panels that packed.cc multiplies.
//
// A panel is an array of 32-bit slots (micro_kernels.h). What is in a slot:
//   f32      one step of the sum, copied
//   widened  one step of the sum, of a 16-bit type, widened on its way
//   pairs    two steps, as two bf16: multiplied by an instruction that takes pairs, or
//            whole tiles of them
#ifndef ASSAY_KERNELS_MATMUL_PANEL_FORMAT_H_
#define ASSAY_KERNELS_MATMUL_PANEL_FORMAT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kernels/common/checked_math.h"
#include "kernels/common/op.h"
#include "kernels/matmul/micro_kernels.h"
#include "kernels/matmul/widening.h"

namespace assay::matmul {

struct PanelFormat;

// As PackArgs, for any type of element.
struct PanelArgs {
  const std::byte* source = nullptr;  // element (lane 0, step 0)
  std::int64_t stride = 0;            // elements from one stored row to the next
  std::int64_t lanes = 0;             // along the lanes: of any number of panels
  std::int64_t depth = 0;             // steps of the sum
  float* packed = nullptr;
  float* scratch = nullptr;  // PanelFormat::scratch_bytes()
};
using PanelPack = void (*)(const PanelFormat& format, const PanelArgs& args) noexcept;

struct PanelFormat {
  MicroKernels kernels;  // its packing is of slots
  const Widening* widening = nullptr;
  DType type = DType::f32;
  std::int64_t steps_of_slot = 1;
  std::int64_t slots_multiple = 1;  // panels end with zeros up to one
  std::string_view name;            // for configurations; empty: f32
  PanelPack pack_a_along_lanes = nullptr;
  PanelPack pack_b_along_lanes = nullptr;
  PanelPack pack_a_along_depth = nullptr;
  PanelPack pack_b_along_depth = nullptr;

  std::int64_t element_bytes() const noexcept {
    return static_cast<std::int64_t>(bytes_of(type));
  }
  std::int64_t slots(std::int64_t steps) const noexcept {
    return divide_up(steps, steps_of_slot * slots_multiple) * slots_multiple;
  }
  // What a pack function needs besides, for panels of either operand.
  std::size_t scratch_bytes(std::int64_t slots) const noexcept {
    if (type == DType::f32) return 0;
    return static_cast<std::size_t>(std::max(kernels.mr, kernels.nr) * slots) *
           sizeof(float);
  }
};

// Requires `isa` to be one of available_isas(), and has_bf16_dots(isa) for pairs.
PanelFormat f32_format(Isa isa) noexcept;
PanelFormat widened_format(DType type, Isa isa) noexcept;
PanelFormat bf16_pairs_format(Isa isa) noexcept;
// The same in whole tiles of the sum (whole_tiles.h), for op(B) alone: its kernels
// multiply no such panels. Requires kernels of `isa` with NR = kBlockCols.
PanelFormat bf16_tiles_format(Isa isa) noexcept;
// The best for the type.
PanelFormat panel_format(DType type, Isa isa) noexcept;

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_PANEL_FORMAT_H_
