// SPDX-License-Identifier: MIT
// packed without panels of A: the tiles of direct.cc take its elements from rows, which
// stay in the second-level cache, a part of them at a time, while panel after panel of
// op(B) comes by.
//
// What panels of A waste: copying each element between lanes, 2 % of a product of 1024
// cubed; and blocks of the sum, at each but the first of which C is read and written
// once more. What reading B in place wastes, beyond the second-level cache: each part
// of A makes it come again from rows that lie pages apart. In panels it comes in order,
// and each is of the whole sum.
//
// Tiles and packing alone, one thread, GFLOP/s of panels / here / all in place: on a
// Zen 4 whose peak is 118, 600 104, 107 and 96; 1000 106, 110 and 103; 1100 105, 110
// and 97; 1400 107, 109 and 87; 1024 108, 110 and 87; on an Intel (family 6, model 207)
// 600 104, 117 and 100; 1000 152, 161 and 142; 1100 149, 160 and 129. Parts of an eighth
// to a quarter of the second-level cache are within 1 % of each other.
//
// Rows a multiple of 4 KiB apart share one set of the first-level cache, and 16-bit
// storage has to be widened: such rows are brought into group-local memory, spread. At
// 1024, time in place / brought there: on the Zen 4 0.99 to 1.01, on the Intel 1.09.
//
// A first tile that made each panel while it multiplied (as in pairs.cc; no dispatch for
// packing) lost: of oneDNN's speed at 1000 0.95 and 0.98 without, at 1100 1.00 and 1.06,
// for it reads B 128 bytes a row, and packing 512.
//
// Still wasted: op(B) goes through memory once more than it must; of a sum that is
// short (256 steps and 2048 columns: panels have 6 % more on the Zen 4, 15 % on the
// Intel) C is not asked for before it is needed.
#include <algorithm>
#include <cstring>
#include <string>

#include "kernels/common/cache_info.h"
#include "kernels/common/checked_math.h"
#include "kernels/matmul/blocking.h"
#include "kernels/matmul/direct_tiles.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/panels_of_b.h"
#include "kernels/matmul/widening.h"

namespace assay::matmul {
namespace {

constexpr std::int64_t kFloat = sizeof(float);

struct Tools {
  PanelFormat format;
  const DirectTiles* tiles = nullptr;  // of static storage
};

struct Constants {
  Params params;
  std::int64_t part_halves = 0;  // half tiles of a part, at most
  std::int64_t local_row = 0;    // floats between rows brought near; 0: none are
};

// A part is of whole halves of a tile: balanced over a part, no tile is low.
std::int64_t half_tile(const DirectTiles& tiles) noexcept {
  return std::max<std::int64_t>(tiles.rows / 2, 1);
}

// Rows of A into group-local memory, `to_stride` floats apart.
void bring(const PanelFormat& format, const Params& p, const std::byte* a,
           const Range& rows, float* to, std::int64_t to_stride) noexcept {
  const std::byte* const from = a + format.element_bytes() * rows.begin * p.lda;
  if (format.type != DType::f32) {
    format.widening->of(format.type)(
        {static_cast<const std::uint16_t*>(static_cast<const void*>(from)), p.lda, to,
         to_stride, rows.size(), p.k});
    return;
  }
  for (std::int64_t i = 0; i < rows.size(); ++i) {
    std::memcpy(to + i * to_stride, from + i * p.lda * kFloat,
                static_cast<std::size_t>(p.k * kFloat));
  }
}

void multiply_group(const GroupContext& context) noexcept {
  const auto& [format, tiles] = *static_cast<const Tools*>(context.user);
  const auto constants = context.constants_as<Constants>();
  const Params& p = constants.params;
  const auto* const a = context.bindings[0].as<const std::byte>();
  auto* const c = context.bindings[1].as<float>();
  const auto* const workspace = context.bindings[2].as<const float>();
  auto* const local = reinterpret_cast<float*>(context.local.data());

  const std::int64_t nr = format.kernels.nr;
  const std::int64_t panels = divide_up(p.n, nr);
  const Range rows = part(p.m, context.groups.y, context.group.y);
  const Range mine = part(panels, context.groups.x, context.group.x);
  const std::int64_t height = half_tile(*tiles);
  const std::int64_t halves = divide_up(rows.size(), height);
  const std::int64_t parts = divide_up(halves, constants.part_halves);


  DirectArgs args;
  args.a_step = 1;
  args.ldb = nr;
  args.ldc = p.ldc;
  args.depth = p.k;
  args.alpha = p.alpha;
  args.beta = p.beta;
  for (std::int64_t index = 0; index < parts; ++index) {
    const Range here = part(halves, parts, index);
    const Range part_rows = {rows.begin + here.begin * height,
                             std::min(rows.begin + here.end * height, rows.end)};
    args.rows = part_rows.size();
    if (constants.local_row > 0) {
      bring(format, p, a, part_rows, local, constants.local_row);
      args.a = local;
      args.a_row = constants.local_row;
    } else {
      args.a = static_cast<const float*>(static_cast<const void*>(a)) +
               part_rows.begin * p.lda;
      args.a_row = p.lda;
    }
    for (std::int64_t panel = mine.begin; panel < mine.end; ++panel) {
      const std::int64_t col = panel * nr;
      args.b = workspace + panel_offset(panels, {0, p.k}, panel, nr);
      args.c = c + part_rows.begin * p.ldc + col;
      args.cols = std::min(nr, p.n - col);
      tiles->multiply(args);
    }
  }
}

// A fifth of the second-level cache is for a part of A: the panel that comes by and
// the one that follows it have as much, and C the rest.
std::int64_t part_bytes(const CacheInfo& caches) noexcept {
  return static_cast<std::int64_t>(caches.l2_bytes) / 5;
}

// Floats between two rows in group-local memory: whole lines, and no multiple of the
// period of a first-level cache's sets.
constexpr std::int64_t kSetPeriod = 4096 / kFloat;
std::int64_t spread_row(std::int64_t k) noexcept {
  const std::int64_t row = divide_up(k, kLine) * kLine;
  return row % kSetPeriod == 0 ? row + kLine : row;
}

class PlainA final : public Prepared {
 public:
  PlainA(Device& device, const Params& p, const PanelFormat& format,
         const DirectTiles& tiles)
      : constants_{p},
        panels_(device, p, std::make_shared<const PanelFormat>(format), 1,
                std::min<std::int64_t>(divide_up(p.n, format.kernels.nr),
                                       device.caps().compute_units)) {
    const std::int64_t nr = format.kernels.nr;
    const std::int64_t height = half_tile(tiles);
    const Grid grid =
        share(p.m, p.n, p.k, tiles.rows, nr, device.caps().compute_units);
    const bool near = format.type != DType::f32 || p.lda % kSetPeriod == 0;
    const std::int64_t row = near ? spread_row(p.k) : p.k;
    constants_.local_row = near ? row : 0;
    constants_.part_halves = std::max<std::int64_t>(
        part_bytes(cache_info()) / (kFloat * row * height), 1);
    groups_ = {static_cast<std::uint32_t>(grid.cols),
               static_cast<std::uint32_t>(grid.rows), 1};
    KernelDesc desc;
    desc.name = "matmul.packed.plain_a";
    desc.bindings = {Access::read, access_of_c(p), Access::read};
    desc.constants_bytes = sizeof(Constants);
    desc.local_bytes = static_cast<std::size_t>(constants_.part_halves * height *
                                                constants_.local_row * kFloat);
    desc.host = multiply_group;
    desc.host_data = std::make_shared<const Tools>(Tools{format, &tiles});
    kernel_ = device.create_kernel(desc);
    configuration_ = format.name.empty() ? "" : std::string(format.name) + " ";
    configuration_ += "isa=" + std::string(to_string(tiles.isa)) +
                      " plain A mr=" + std::to_string(tiles.rows) +
                      " nr=" + std::to_string(nr) +
                      " part=" + std::to_string(constants_.part_halves * height) +
                      (constants_.local_row > 0 ? " near" : "") +
                      " groups=" + std::to_string(grid.rows) + "x" +
                      std::to_string(grid.cols);
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    panels_.record(encoder, operands[kB]);
    encoder.dispatch(kernel_, groups_, {operands[kA], operands[kC], panels_.slice()},
                     constants_);
  }
  std::size_t workspace_bytes() const noexcept override { return panels_.bytes(); }
  std::string configuration() const override { return configuration_; }

 private:
  Constants constants_;
  PanelsOfB panels_;
  Dim3 groups_;
  std::shared_ptr<Kernel> kernel_;
  std::string configuration_;
};

}  // namespace

// The panels of op(B) come from the last cache as often as there are parts of A: no
// more of them than that holds beside others' data, and no longer ones than leave the
// second-level cache to a part. Beyond: 1536 to 2048 cubed panels of both are as fast
// or 2 to 4 % faster on both machines.
bool plain_a_wins(const Params& p, const CacheInfo& caches) noexcept {
  constexpr double kTimesTheCache = 8;
  constexpr std::int64_t kLeastDepth = 512;
  constexpr double kPanelColumns = 32;
  const auto l2 = static_cast<double>(caches.l2_bytes);
  const auto column = static_cast<double>(p.k) * double{kFloat};
  return !p.transpose_a && p.k >= kLeastDepth && column * kPanelColumns <= l2 / 4 &&
         column * static_cast<double>(p.n) <= kTimesTheCache * l2;
}

std::unique_ptr<Prepared> plain_a_prepare(const PrepareContext& context,
                                          const Params& params,
                                          const PanelFormat& format) {
  return std::make_unique<PlainA>(*context.device, params, format,
                                  direct_tiles(format.kernels.isa));
}

}  // namespace assay::matmul
