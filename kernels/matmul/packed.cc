// SPDX-License-Identifier: MIT
// Step 3: both operands are copied into panels in the order the micro-kernel reads
// them.
//
// What tiled wasted: its rows of B lie a leading dimension apart, so a tile touches a
// page for each step of the sum, at powers of two all in one cache set (1024 runs at
// 0.6 of the rate of 512); a transposed B is not vectorized; and its register tile is
// no larger than the compiler will keep in registers.
//
// Two dispatches. The first packs op(B) into the workspace (panels_of_b.cc): for each
// of `depth_blocks` blocks of the sum all panels of NR columns. The second gives each
// group some rows of C: block after block of the sum it packs its rows of op(A) into
// group-local memory and multiplies them by all panels of op(B) of its columns. Alpha
// and beta are applied where C is written: folding alpha into a panel would round every
// product once more.
//
// Where op(B) fits the second-level cache packing costs more than it saves, and
// direct.cc reads the operands in place; so does thin.cc where one extent is small. In
// between plain_a.cc packs op(B) alone, and in_turn.cc does so block after block of the
// sum; way_of() below decides.
//
// matmul_bf16 and matmul_f16 go the same way: only how their elements come into panels
// is another (panel_format.h), and of bf16 a slot of a panel is a pair of steps where
// multiplying pairs pays. Twice the terms for the same loads, in an instruction
// as fast as a multiply-add: 1.85 to 2.01 of f32 at 256 to 2048 on one thread of a Zen
// 5 (2.00 is the ratio of the two instructions in registers). Widening while packing
// costs what the bytes that are not read save: 0.97 to 1.03 of f32 from 1000 on. At
// 512, where f32 packs nothing, it had 0.94, and 0.99 with both operands widened first.
//
// Where the machine multiplies whole tiles of bf16, all but few rows or columns go that
// way (amx.cc).
//
// Still wasted: op(B) goes through memory once more than it must, which counts when m
// is small; C is read and written once for each block of the sum; and of bf16, where
// multiplying takes half the time, packing takes twice the share: pairs.cc does without
// the panels of A where that fits the second-level cache.
#include <algorithm>
#include <utility>

#include "kernels/common/cache_info.h"
#include "kernels/common/checked_math.h"
#include "kernels/matmul/blocking.h"
#include "kernels/matmul/blocking_cache.h"
#include "kernels/matmul/direct_tiles.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/narrow.h"
#include "kernels/matmul/panel_format.h"
#include "kernels/matmul/panels_of_b.h"
#include "kernels/matmul/thin.h"
#include "kernels/matmul/whole_tiles.h"

namespace assay::matmul {
namespace {

struct Constants {
  Params params;
  std::int64_t depth_blocks = 0;
  std::size_t scratch_at = 0;  // in group-local memory, in bytes
};

// Rows `rows` and slots `block` of op(A) into panels.
void pack_a(const PanelFormat& format, const Params& p, const std::byte* a,
            const Range& rows, const Range& block, float* packed,
            float* scratch) noexcept {
  const std::int64_t panels = divide_up(rows.size(), format.kernels.mr);
  const Range steps = steps_of(format, p, block);
  for (std::int64_t panel = 0; panel < panels; ++panel) {
    const Range lanes = part(rows.size(), panels, panel);
    const std::int64_t row = rows.begin + lanes.begin;
    PanelArgs args;
    args.source =
        a + format.element_bytes() *
                (p.transpose_a ? steps.begin * p.lda + row : row * p.lda + steps.begin);
    args.stride = p.lda;
    args.lanes = lanes.size();
    args.depth = steps.size();
    args.packed = packed + panel * format.kernels.mr * block.size();
    args.scratch = scratch;
    (p.transpose_a ? format.pack_a_along_lanes : format.pack_a_along_depth)(format,
                                                                            args);
  }
}

void multiply_group(const GroupContext& context) noexcept {
  const auto& format = *static_cast<const PanelFormat*>(context.user);
  const auto constants = context.constants_as<Constants>();
  const Params& p = constants.params;
  const auto* const a = context.bindings[kA].as<const std::byte>();
  auto* const c = context.bindings[kC].as<float>();
  const auto* const workspace = context.bindings[kB].as<const float>();
  const MicroKernels& kernels = format.kernels;
  // Behind what the panels of A take, the scratch of packing them.
  auto* const packed_a = reinterpret_cast<float*>(context.local.data());
  auto* const scratch =
      reinterpret_cast<float*>(context.local.data() + constants.scratch_at);

  const std::int64_t panels = divide_up(p.n, kernels.nr);
  const Range rows = part(p.m, context.groups.y, context.group.y);
  const Range mine = part(panels, context.groups.x, context.group.x);
  const std::int64_t col = mine.begin * kernels.nr;
  for (std::int64_t index = 0; index < constants.depth_blocks; ++index) {
    const Range block = slots_of(format, p, constants.depth_blocks, index);
    pack_a(format, p, a, rows, block, packed_a, scratch);
    MultiplyArgs args;
    args.a = packed_a;
    args.b = workspace + panel_offset(panels, block, mine.begin, kernels.nr);
    args.c = c + rows.begin * p.ldc + col;
    args.ldc = p.ldc;
    args.rows = rows.size();
    args.cols = std::min(mine.end * kernels.nr, p.n) - col;
    args.depth = block.size();
    args.alpha = p.alpha;
    args.beta = index == 0 ? p.beta : 1.0F;
    kernels.multiply(args);
  }
}

// alpha = 0 or k = 0: A and B are not read.
void scale_group(const GroupContext& context) noexcept {
  const Params p = context.constants_as<Constants>().params;
  auto* const c = context.bindings[kC].as<float>();
  const Range rows = part(p.m, context.groups.y, context.group.y);
  for (std::int64_t i = rows.begin; i < rows.end; ++i) {
    for (std::int64_t j = 0; j < p.n; ++j) {
      float& element = c[i * p.ldc + j];
      element = p.beta == 0.0F ? 0.0F : p.beta * element;
    }
  }
}

Dim3 grid(std::int64_t x, std::int64_t y) {
  return {static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), 1};
}

// The upper end of BlockLimits::kc.
constexpr std::int64_t kMostSlots = 512;

std::size_t scratch_at(const Cuts& cuts) {
  return (cuts.local_bytes + kLineBytes - 1) / kLineBytes * kLineBytes;
}

// A block of op(A), and what packing it takes.
std::size_t local_bytes(const PanelFormat& format, const Params& p, const Cuts& cuts) {
  const std::int64_t slots = divide_up(format.slots(p.k), cuts.depth_blocks);
  const std::size_t scratch = format.scratch_bytes(slots);
  return scratch == 0 ? cuts.local_bytes : scratch_at(cuts) + scratch;
}

class Scaled final : public Prepared {
 public:
  Scaled(Device& device, const Params& params) : constants_{params, 0, 0} {
    KernelDesc desc;
    desc.name = "matmul.packed.scale";
    desc.constants_bytes = sizeof(Constants);
    desc.host = scale_group;
    desc.bindings = {Access::read, Access::read, access_of_c(params)};
    kernel_ = device.create_kernel(desc);
    grid_ = grid(1, std::min<std::int64_t>(params.m, device.caps().compute_units));
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    const Params& p = constants_.params;
    // beta = 1 leaves C as it is.
    if (p.m == 0 || p.n == 0 || p.beta == 1.0F) return;
    encoder.dispatch(kernel_, grid_, operands,
                     std::as_bytes(std::span(&constants_, 1)));
  }

 private:
  Constants constants_;
  Dim3 grid_;
  std::shared_ptr<Kernel> kernel_;
};

Cuts cuts_for(const Params& p, const PanelFormat& format, const BlockLimits& limits,
              const Caps& caps) {
  return cut(p.m, p.n, format.slots(p.k), format.kernels.mr, format.kernels.nr, limits,
             caps.compute_units);
}

// What is left of group-local memory beside the longest scratch.
std::size_t local_limit(const PanelFormat& format, const Caps& caps) {
  const std::size_t most = caps.limits.max_local_bytes;
  const std::size_t scratch = format.scratch_bytes(kMostSlots);
  return scratch == 0 ? most : most - kLineBytes - scratch;
}

BlockLimits limits_for(const PanelFormat& format, const Caps& caps) {
  return block_limits(cache_info(), format.kernels.mr, format.kernels.nr,
                      local_limit(format, caps));
}

// How a product is computed.
enum class Way : std::uint8_t {
  scaled,   // nothing is added to beta * C
  thin,     // the large operand is gone over once, where it lies
  direct,   // neither operand is packed
  tiles,    // of bf16, by the unit for whole tiles
  pairs,    // of bf16, B packed a panel at a time while it multiplies
  plain_a,  // op(B) packed
  in_turn,  // the same, by blocks of the sum
  panels,   // both packed
};

// Of plain_a and in_turn.
bool goes_wide(const PanelFormat& format) noexcept {
  return format.steps_of_slot == 1 && direct_tiles(format.kernels.isa).wide_rows > 0 &&
         has_large_second_cache(cache_info());
}

// The same bits for any number of units.
Way way_of(const Params& p, DType storage, const PanelFormat& format,
           std::uint32_t units) noexcept {
  const CacheInfo& caches = cache_info();
  if (!multiplies(p)) return Way::scaled;
  if (thin_view(p, storage).way != Thin::no) return Way::thin;
  if (storage == DType::bf16 && whole_tiles_win(p, format.kernels.isa)) {
    return Way::tiles;
  }
  // Pairs are no slots that tiles could find in place.
  if (format.steps_of_slot == 2) {
    if (pairs_win(p, caches)) return Way::pairs;
  } else if (direct_wins(p, caches) ||
             (storage == DType::f32 && direct_wins_beyond_cache(p, caches))) {
    return plain_a_beats_direct(p, storage, caches, units) ? Way::plain_a : Way::direct;
  }
  if (goes_wide(format) && wide_panels_win(p, format.element_bytes(), caches)) {
    return in_turn_wins(p, caches) ? Way::in_turn : Way::plain_a;
  }
  return plain_a_wins(p, storage, format.steps_of_slot, caches) ? Way::plain_a
                                                                : Way::panels;
}

}  // namespace

std::optional<std::string> packed_unsupported(const Problem& problem,
                                              const Caps& caps) {
  if (auto reason = any_host_device(problem, caps)) return reason;
  const Params& p = params_of(problem);
  const DType storage = storage_of(problem);
  const PanelFormat format = panel_format(storage, selected_isa());
  const Way way = way_of(p, storage, format, caps.compute_units);
  const bool packs_whole_b =
      way == Way::plain_a || way == Way::in_turn || way == Way::panels ||
      (way == Way::tiles && whole_tiles_pack(p, caps, cache_info()) == PackOfB::once);
  if (!packs_whole_b) return std::nullopt;
  const PanelFormat& of_b =
      way == Way::tiles ? bf16_tiles_format(format.kernels.isa) : format;
  const std::int64_t steps =
      way == Way::in_turn ? std::min(in_turn_steps(p.k), p.k) : p.k;
  const std::int64_t bytes = panels_bytes(p.n, of_b.slots(steps), of_b.kernels.nr);
  if (bytes < 0 || static_cast<std::uint64_t>(bytes) > caps.limits.max_buffer_bytes) {
    return "packed op(B) is larger than a buffer may be";
  }
  if (way != Way::panels) return std::nullopt;
  const Cuts cuts = cuts_for(p, format, limits_for(format, caps), caps);
  if (local_bytes(format, p, cuts) > caps.limits.max_local_bytes) {
    return "a block of op(A) is larger than group-local memory";
  }
  return std::nullopt;
}

std::unique_ptr<Prepared> packed_prepare(const PrepareContext& context,
                                         const Problem& problem) {
  require_supported(packed_unsupported(problem, context.device->caps()));
  const Params& p = params_of(problem);
  const DType storage = storage_of(problem);
  const PanelFormat format = panel_format(storage, selected_isa());
  switch (way_of(p, storage, format, context.device->caps().compute_units)) {
    case Way::scaled:
      return std::make_unique<Scaled>(*context.device, p);
    case Way::thin:
      return thin_prepare(context, p, storage);
    case Way::direct:
      // What is widened for a product in place is widened whole.
      return storage == DType::f32 ? direct_prepare(context, p)
                                   : converted_prepare(context, problem);
    case Way::tiles:
      return whole_tiles_prepare(
          context, p, multiply_whole_tiles,
          whole_tiles_pack(p, context.device->caps(), cache_info()));
    case Way::pairs:
      return pairs_prepare(context, p);
    case Way::plain_a:
      return plain_a_prepare(context, p, format, {goes_wide(format)});
    case Way::in_turn:
      return in_turn_prepare(context, p, format, goes_wide(format));
    case Way::panels:
      break;
  }
  return panels_prepare(context, p, format);
}

std::unique_ptr<Prepared> panels_prepare(const PrepareContext& context, const Params& p,
                                         const PanelFormat& format) {
  const Caps& caps = context.device->caps();
  // What `assay tune` keeps was measured with f32.
  const BlockLimits limits =
      context.cache == nullptr || format.type != DType::f32
          ? limits_for(format, caps)
          : cached_block_limits(*context.cache, cache_info(), format.kernels.isa,
                                format.kernels.mr, format.kernels.nr,
                                local_limit(format, caps));
  const Cuts cuts = cuts_for(p, format, limits, caps);
  const auto shared = std::make_shared<const PanelFormat>(format);
  PanelsOfB panels(*context.device, p, shared, cuts.depth_blocks, cuts.pack_groups);
  ProductOfPanels<Constants>::What what;
  what.name = "matmul.packed.multiply";
  what.function = multiply_group;
  what.tools = shared;
  what.groups = grid(cuts.col_groups, cuts.row_groups);
  what.local_bytes = local_bytes(format, p, cuts);
  const MicroKernels& kernels = format.kernels;
  const std::int64_t most_slots = divide_up(format.slots(p.k), cuts.depth_blocks);
  what.configuration = format.name.empty() ? "" : std::string(format.name) + " ";
  what.configuration += "isa=" + std::string(to_string(kernels.isa)) +
                        " mr=" + std::to_string(kernels.mr) +
                        " nr=" + std::to_string(kernels.nr) +
                        " kc=" + std::to_string(most_slots * format.steps_of_slot) +
                        " mc=" + std::to_string(divide_up(p.m, cuts.row_groups)) +
                        " groups=" + std::to_string(cuts.row_groups) + "x" +
                        std::to_string(cuts.col_groups);
  return std::make_unique<ProductOfPanels<Constants>>(
      *context.device, std::move(panels), std::move(what),
      Constants{p, cuts.depth_blocks, scratch_at(cuts)});
}

}  // namespace assay::matmul
