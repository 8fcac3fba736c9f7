// SPDX-License-Identifier: MIT
// The ladder's step for devices that run device code: shaders/staged.glsl, specialized
// for a tile; A and B of 16 bits are widened on the way into the slices. Each sum is
// taken term by term in the order of the depth by fused multiply-adds, whatever the
// tile: all tiles round alike.
//
// Still wasted: few rows leave most of a GPU idle (no split of the depth), and half of
// the arithmetic waits for group-local memory where a tensor unit would not.
#include "kernels/matmul/staged.h"

#include <array>
#include <cmath>

#include "kernels/common/checked_math.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/narrow.h"

namespace assay::matmul {
namespace {

// Largest first. 128 x 128 x 16 with 8 x 8 sums a thread is what hand-written CUDA
// kernels settled on (64 sums: 16 floats read for 64 multiply-adds), and what an H200
// runs fastest; the shader says what lost.
constexpr std::array kTiles = {
    StagedTile{128, 128, 16, 8, 8},
    StagedTile{64, 64, 16, 8, 4},
    StagedTile{64, 64, 16, 4, 4},
    StagedTile{32, 32, 16, 4, 4},
};

// What shaders/staged.glsl calls Constants.
struct Constants {
  std::uint32_t m;
  std::uint32_t n;
  std::uint32_t k;
  std::uint32_t lda;
  std::uint32_t ldb;
  std::uint32_t ldc;
  float alpha;
  float beta;
};

std::int64_t tiles_of(const Params& p, const StagedTile& tile) {
  return divide_up(p.m, tile.rows) * divide_up(p.n, tile.cols);
}

// The first that leaves no unit without a tile, of those whose slices fit.
const StagedTile& suitable_tile(const Params& p, const Caps& caps) {
  for (const StagedTile& tile : kTiles) {
    if (tile.local_bytes() <= caps.limits.max_local_bytes &&
        tiles_of(p, tile) >= caps.compute_units) {
      return tile;
    }
  }
  return kTiles.back();
}

// Rows of C that start at multiples of 16 bytes, and of A and B at multiples of four
// numbers; no tile that is cut.
bool is_aligned(const Params& p, const StagedTile& tile, const Caps& caps) {
  return caps.limits.binding_alignment % 16 == 0 && p.m % tile.rows == 0 &&
         p.n % tile.cols == 0 && p.k % tile.depth == 0 && p.lda % 4 == 0 &&
         p.ldb % 4 == 0 && p.ldc % 4 == 0;
}

std::string text_of(const StagedTile& tile, bool aligned) {
  return "tile=" + std::to_string(tile.rows) + "x" + std::to_string(tile.cols) + "x" +
         std::to_string(tile.depth) + " thread=" + std::to_string(tile.thread_rows) +
         "x" + std::to_string(tile.thread_cols) + (aligned ? " aligned" : " guarded");
}

class Staged final : public Prepared {
 public:
  Staged(const PrepareContext& context, const Params& p, DType storage,
         const StagedTile& tile)
      : empty_(p.m == 0 || p.n == 0),
        groups_{static_cast<std::uint32_t>(divide_up(p.n, tile.cols)),
                static_cast<std::uint32_t>(divide_up(p.m, tile.rows)), 1},
        constants_{static_cast<std::uint32_t>(p.m), static_cast<std::uint32_t>(p.n),
                   // With alpha 0, A and B are not read.
                   p.alpha == 0.0F ? 0 : static_cast<std::uint32_t>(p.k),
                   static_cast<std::uint32_t>(p.lda), static_cast<std::uint32_t>(p.ldb),
                   static_cast<std::uint32_t>(p.ldc), p.alpha, p.beta} {
    const bool aligned = is_aligned(p, tile, context.device->caps());
    configuration_ = text_of(tile, aligned);
    KernelDesc desc;
    desc.name = "matmul.staged";
    desc.bindings = {Access::read, Access::read, access_of_c(p)};
    desc.constants_bytes = sizeof(Constants);
    desc.local_bytes = tile.local_bytes();
    const auto code = staged_code(storage);
    desc.device_code.assign(code.begin(), code.end());
    desc.specialization = {tile.threads(), tile.rows, tile.cols, tile.depth,
                           tile.thread_rows, tile.thread_cols, p.transpose_a ? 1U : 0U,
                           p.transpose_b ? 1U : 0U, aligned ? 1U : 0U,
                           // Straight code costs a driver on the processor up to 5 s a
                           // kernel, and makes nothing faster there.
                           context.device->caps().simulated_device_memory ? 0U : 1U};
    if (storage != DType::f32) {
      desc.specialization.push_back(storage == DType::bf16 ? 1U : 0U);
    }
    kernel_ = context.device->create_kernel(desc);
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    if (empty_) return;
    encoder.dispatch(kernel_, groups_, operands,
                     std::as_bytes(std::span(&constants_, 1)));
  }
  std::string configuration() const override { return configuration_; }

 private:
  const bool empty_;
  const Dim3 groups_;
  const Constants constants_;
  std::string configuration_;
  std::shared_ptr<Kernel> kernel_;
};

}  // namespace

std::span<const StagedTile> staged_tiles() noexcept { return kTiles; }

std::optional<std::string> staged_unsupported(const Problem& problem,
                                              const Caps& caps) {
  const DType storage = storage_of(problem);
  if (!caps.device_kernels) return "device code needs a device that runs it";
  if (staged_code(storage).empty()) return "built without a shader compiler";
  if (storage != DType::f32 && !caps.narrow_storage) {
    return "the device has no arrays of 16-bit numbers";
  }
  const Params& p = params_of(problem);
  const StagedTile& tile = suitable_tile(p, caps);
  const std::int64_t most = caps.limits.max_groups_per_dimension;
  if (divide_up(p.m, tile.rows) > most || divide_up(p.n, tile.cols) > most) {
    return "more tiles than the device takes groups in a dimension";
  }
  return std::nullopt;
}

std::unique_ptr<Prepared> staged_prepare(const PrepareContext& context,
                                         const Problem& problem) {
  return staged_prepare_tile(context, problem,
                             suitable_tile(params_of(problem), context.device->caps()));
}

std::unique_ptr<Prepared> staged_prepare_tile(const PrepareContext& context,
                                              const Problem& problem,
                                              const StagedTile& tile) {
  require_supported(staged_unsupported(problem, context.device->caps()));
  return std::make_unique<Staged>(context, params_of(problem), storage_of(problem),
                                  tile);
}

}  // namespace assay::matmul
