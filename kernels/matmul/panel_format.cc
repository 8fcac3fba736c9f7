// SPDX-License-Identifier: MIT
#include "kernels/matmul/panel_format.h"

#include <cstring>

#include "kernels/matmul/whole_tiles.h"

namespace assay::matmul {
namespace {

PackArgs slots_of(const PanelArgs& args, const float* source, std::int64_t stride,
                  std::int64_t slots) noexcept {
  return {source, stride, args.lanes, slots, args.packed};
}

template <PackFunction MicroKernels::*kPack>
void copy(const PanelFormat& format, const PanelArgs& args) noexcept {
  const auto* const source =
      static_cast<const float*>(static_cast<const void*>(args.source));
  (format.kernels.*kPack)(slots_of(args, source, args.stride, args.depth));
}

NarrowBlock block_of(const PanelArgs& args, float* to, std::int64_t to_stride,
                     std::int64_t rows, std::int64_t cols) noexcept {
  return {static_cast<const std::uint16_t*>(static_cast<const void*>(args.source)),
          args.stride,
          to,
          to_stride,
          rows,
          cols};
}

// Stored rows run along the lanes: each is a row of the panels. What the last panel
// lacks are zeros.
template <std::int64_t MicroKernels::*kWidth, bool kPairs>
void rows_as_they_lie(const PanelFormat& format, const PanelArgs& args) noexcept {
  const std::int64_t width = format.kernels.*kWidth;
  const std::int64_t panel = format.slots(args.depth) * width;
  for (std::int64_t lane = 0; lane < args.lanes; lane += width) {
    PanelArgs one = args;
    one.source += lane * format.element_bytes();
    one.lanes = std::min(width, args.lanes - lane);
    one.packed += lane / width * panel;
    // What lies beyond the sum as well.
    const std::int64_t kept =
        one.lanes < width ? 0 : divide_up(args.depth, format.steps_of_slot) * width;
    std::memset(one.packed + kept, 0,
                static_cast<std::size_t>(panel - kept) * sizeof(float));
    const NarrowBlock block = block_of(one, one.packed, width, one.depth, one.lanes);
    if (kPairs) {
      format.widening->pair_rows(block);
    } else {
      format.widening->of(format.type)(block);
    }
  }
}

// Stored rows run along the sum: widened row by row, then transposed as f32 is.
template <PackFunction MicroKernels::*kPack>
void widen_and_turn(const PanelFormat& format, const PanelArgs& args) noexcept {
  format.widening->of(format.type)(
      block_of(args, args.scratch, args.depth, args.lanes, args.depth));
  (format.kernels.*kPack)(slots_of(args, args.scratch, args.depth, args.depth));
}

// Two steps that lie side by side are a slot already. Where rows begin between slots
// they are moved to where floats may lie, and end with zeros up to whole slots.
template <PackFunction MicroKernels::*kPack>
void pair_and_turn(const PanelFormat& format, const PanelArgs& args) noexcept {
  const std::int64_t slots = format.slots(args.depth);
  const bool lies_right = reinterpret_cast<std::uintptr_t>(args.source) % 4 == 0 &&
                          args.stride % 2 == 0 && args.depth == 2 * slots;
  if (lies_right) {
    const auto* const source =
        static_cast<const float*>(static_cast<const void*>(args.source));
    (format.kernels.*kPack)(slots_of(args, source, args.stride / 2, slots));
    return;
  }
  const auto row_bytes = static_cast<std::size_t>(args.depth) * sizeof(std::uint16_t);
  const std::int64_t whole = args.depth / 2;
  for (std::int64_t lane = 0; lane < args.lanes; ++lane) {
    float* const to = args.scratch + lane * slots;
    std::memset(to + whole, 0, static_cast<std::size_t>(slots - whole) * sizeof(float));
    std::memcpy(to, args.source + lane * args.stride * format.element_bytes(),
                row_bytes);
  }
  (format.kernels.*kPack)(slots_of(args, args.scratch, slots, slots));
}

}  // namespace

PanelFormat f32_format(Isa isa) noexcept {
  PanelFormat format;
  format.kernels = micro_kernels(isa);
  format.pack_a_along_lanes = copy<&MicroKernels::pack_a_along_lanes>;
  format.pack_b_along_lanes = copy<&MicroKernels::pack_b_along_lanes>;
  format.pack_a_along_depth = copy<&MicroKernels::pack_a_along_depth>;
  format.pack_b_along_depth = copy<&MicroKernels::pack_b_along_depth>;
  return format;
}

PanelFormat widened_format(DType type, Isa isa) noexcept {
  PanelFormat format;
  format.kernels = micro_kernels(isa);
  format.widening = &widening(isa);
  format.type = type;
  format.name = "widened";
  format.pack_a_along_lanes = rows_as_they_lie<&MicroKernels::mr, false>;
  format.pack_b_along_lanes = rows_as_they_lie<&MicroKernels::nr, false>;
  format.pack_a_along_depth = widen_and_turn<&MicroKernels::pack_a_along_depth>;
  format.pack_b_along_depth = widen_and_turn<&MicroKernels::pack_b_along_depth>;
  return format;
}

PanelFormat bf16_pairs_format(Isa isa) noexcept {
  PanelFormat format;
  format.kernels = micro_kernels(isa);
  format.kernels.multiply = format.kernels.multiply_bf16_pairs;
  format.widening = &widening(isa);
  format.type = DType::bf16;
  format.steps_of_slot = 2;
  format.name = "pairs";
  format.pack_a_along_lanes = rows_as_they_lie<&MicroKernels::mr, true>;
  format.pack_b_along_lanes = rows_as_they_lie<&MicroKernels::nr, true>;
  format.pack_a_along_depth = pair_and_turn<&MicroKernels::pack_a_along_depth>;
  format.pack_b_along_depth = pair_and_turn<&MicroKernels::pack_b_along_depth>;
  return format;
}

PanelFormat bf16_tiles_format(Isa isa) noexcept {
  PanelFormat format = bf16_pairs_format(isa);
  format.kernels.multiply = nullptr;
  format.slots_multiple = kTileSlots;
  format.name = "tiles";
  return format;
}

PanelFormat panel_format(DType type, Isa isa) noexcept {
  if (type == DType::f32) return f32_format(isa);
  if (type == DType::bf16 && bf16_dots_pay(isa)) return bf16_pairs_format(isa);
  return widened_format(type, isa);
}

}  // namespace assay::matmul
