// SPDX-License-Identifier: MIT
#include "kernels/matmul/openblas.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/matmul.h"
#include "kernels/vendor/float_mode.h"
#include "kernels/vendor/library.h"

namespace assay::matmul {
namespace {

// OpenBLAS's register tile is 16 elements along a row of a row-major C and a multiple
// of 4 down a column; 16 floats are also one cache line, which two tiles should not
// share.
constexpr std::int64_t kRowQuantum = 4;
constexpr std::int64_t kColumnQuantum = 16;

// Multiply-adds below which a tile is not worth a unit of its own: 0.6 us of work, some
// times what it costs to hand it out. 64x64x64 in two tiles (1.2 us each) still went
// from 211 to 371 GFLOP/s.
constexpr std::int64_t kLeastTileProducts = 65536;
// OpenBLAS's small-matrix path, which skips packing, takes m * n * k up to 100^3.
constexpr std::int64_t kSmallPathProducts = 1'000'000;
// How far a problem is cut to get there.
constexpr std::int64_t kMostTilesPerUnit = 4;

struct Tile {
  std::int64_t row = 0;
  std::int64_t column = 0;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};

// The SGEMM contract on one tile of C. Zero extents are settled here and not by the
// library: implementations of CBLAS disagree on which checks come first.
void sgemm_tile(vendor::SgemmFunction sgemm, const Params& p, const Tile& tile,
                const float* a, const float* b, float* c) noexcept {
  if (tile.rows == 0 || tile.columns == 0) return;
  float* const out = c + tile.row * p.ldc + tile.column;
  if (p.k == 0) {
    for (std::int64_t i = 0; i < tile.rows; ++i) {
      for (std::int64_t j = 0; j < tile.columns; ++j) {
        float& element = out[i * p.ldc + j];
        element = p.beta == 0.0F ? 0.0F : p.beta * element;
      }
    }
    return;
  }
  const auto narrow = [](std::int64_t value) { return static_cast<int>(value); };
  const vendor::KeptFloatMode mode;
  sgemm(vendor::kRowMajor, p.transpose_a ? vendor::kTranspose : vendor::kNoTranspose,
        p.transpose_b ? vendor::kTranspose : vendor::kNoTranspose, narrow(tile.rows),
        narrow(tile.columns), narrow(p.k), p.alpha,
        a + (p.transpose_a ? tile.row : tile.row * p.lda), narrow(p.lda),
        b + (p.transpose_b ? tile.column * p.ldb : tile.column), narrow(p.ldb), p.beta,
        out, narrow(p.ldc));
}

// What both ways need of a problem and a device.
std::optional<std::string> unsupported(const Problem& problem, const Caps& caps) {
  if (auto reason = needs_host_kernels(problem, caps)) return reason;
  const Params& p = params_of(problem);
  constexpr std::int64_t kMost = std::numeric_limits<int>::max();
  if (std::max({p.m, p.n, p.k, p.lda, p.ldb, p.ldc}) > kMost) {
    return "CBLAS takes extents and leading dimensions below 2^31";
  }
  return std::nullopt;
}

void require(const PrepareContext& context, const Problem& problem) {
  require_supported(unsupported(problem, context.device->caps()));
  if (context.library == nullptr) {
    throw Error(StatusCode::failed_precondition, "no library was loaded to call");
  }
}

std::string describe(const vendor::Library& library, const std::string& threads,
                     const std::string& partition) {
  const auto known = [](const std::string& text) { return text.empty() ? "?" : text; };
  const vendor::Identity& identity = library.identity();
  return "library=" + known(identity.flavour) + " version=" + known(identity.version) +
         " core=" + known(identity.core_name) + " threading=" + identity.threading +
         " threads=" + threads + " partition=" + partition;
}

class WholeCall final : public Prepared {
 public:
  WholeCall(const vendor::Library& library, const Params& params, std::uint32_t threads)
      : library_(library), params_(params), threads_(threads) {
    // Starts the library's threads here, and not in the first timed call.
    library.set_threads(static_cast<int>(threads));
    granted_ = library.threads();
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    LibraryCall call;
    call.label = "cblas_sgemm";
    call.threads = threads_;
    call.operands = {{operands[kA], Access::read},
                     {operands[kB], Access::read},
                     {operands[kC], access_of_c(params_)}};
    call.run = [library = &library_, params = params_, granted = granted_,
                threads =
                    static_cast<int>(threads_)](std::span<const BoundRange> bound) {
      // Set where the call is made: the count belongs to the process (with OpenMP: to
      // the calling thread), and another user of the library may have changed it. When
      // it is right already this costs one call that returns a number.
      if (library->threads() != granted) library->set_threads(threads);
      sgemm_tile(library->sgemm(), params, {0, 0, params.m, params.n},
                 bound[kA].as<const float>(), bound[kB].as<const float>(),
                 bound[kC].as<float>());
      return Status();
    };
    encoder.library_call(std::move(call));
  }

  std::string configuration() const override {
    return describe(library_, granted_ > 0 ? std::to_string(granted_) : "?", "whole");
  }

 private:
  const vendor::Library& library_;
  const Params params_;
  const std::uint32_t threads_;
  int granted_ = 0;  // what the library made of it: it may have a limit, or be serial
};

// What the groups of the partitioned kernel share. Lives in the kernel.
struct PartitionedCall {
  // One a compute unit, each of an instance of its own. Debian's serial OpenBLAS 0.3.21
  // is not safe to call from two threads: of 12 000 pairs of concurrent 512x512x512
  // calls in six processes, 4 gave a wrong product; on a busy machine two of six worker
  // processes met one.
  std::vector<vendor::SgemmFunction> sgemm;
  Params params;
  Partition partition;
};

void compute_group(const GroupContext& context) noexcept {
  const auto& call = *static_cast<const PartitionedCall*>(context.user);
  const Params& p = call.params;
  const auto row = [&](std::int64_t index) {
    return part_begin(p.m, call.partition.rows, index, kRowQuantum);
  };
  const auto column = [&](std::int64_t index) {
    return part_begin(p.n, call.partition.columns, index, kColumnQuantum);
  };
  const std::int64_t i = context.group.y;
  const std::int64_t j = context.group.x;
  sgemm_tile(call.sgemm[context.compute_unit], p,
             {row(i), column(j), row(i + 1) - row(i), column(j + 1) - column(j)},
             context.bindings[kA].as<const float>(),
             context.bindings[kB].as<const float>(), context.bindings[kC].as<float>());
}

class PartitionedCalls final : public Prepared {
 public:
  PartitionedCalls(Device& device, const vendor::Library& library, const Params& params)
      : library_(library),
        units_(device.caps().compute_units),
        partition_(choose_partition(params.m, params.n, params.k, units_)) {
    KernelDesc desc;
    desc.name = "matmul.openblas-serial";
    desc.bindings = {Access::read, Access::read, access_of_c(params)};
    desc.host = compute_group;
    auto call = std::make_shared<PartitionedCall>();
    for (std::uint32_t unit = 0; unit < units_; ++unit) {
      call->sgemm.push_back(library.instance(unit).sgemm());
    }
    call->params = params;
    call->partition = partition_;
    desc.host_data = std::move(call);
    kernel_ = device.create_kernel(desc);
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    const Dim3 groups{static_cast<std::uint32_t>(partition_.columns),
                      static_cast<std::uint32_t>(partition_.rows), 1};
    encoder.dispatch(kernel_, groups, operands, {});
  }

  std::string configuration() const override {
    return describe(
        library_, std::to_string(units_),
        std::to_string(partition_.rows) + "x" + std::to_string(partition_.columns));
  }

 private:
  const vendor::Library& library_;
  const std::uint32_t units_;
  const Partition partition_;
  std::shared_ptr<Kernel> kernel_;
};

// The grid of exactly `tiles` tiles whose calls pack least, or 0 x 0 when the quanta do
// not allow that many. Each tile's call packs its rows of A and its columns of B, so a
// grid of r x c packs A c times and B r times.
Partition grid_of(std::int64_t tiles, std::int64_t m, std::int64_t n) {
  const std::int64_t most_rows = (m + kRowQuantum - 1) / kRowQuantum;
  const std::int64_t most_columns = (n + kColumnQuantum - 1) / kColumnQuantum;
  Partition best;
  for (std::int64_t rows = 1; rows <= std::min(tiles, most_rows); ++rows) {
    const std::int64_t columns = tiles / rows;
    if (rows * columns != tiles || columns > most_columns) continue;
    // In doubles: no overflow, and exact wherever it matters. Of equals the one with
    // more rows: its tiles write whole rows of C.
    const auto packed = [m, n](const Partition& grid) {
      return static_cast<double>(grid.columns) * static_cast<double>(m) +
             static_cast<double>(grid.rows) * static_cast<double>(n);
    };
    const Partition grid{rows, columns};
    if (best.rows == 0 || packed(grid) <= packed(best)) best = grid;
  }
  return best;
}

}  // namespace

std::int64_t part_begin(std::int64_t extent, std::int64_t parts, std::int64_t index,
                        std::int64_t quantum) noexcept {
  if (index >= parts) return extent;
  const std::int64_t even = extent * index / parts;
  return std::min(extent, (even + quantum / 2) / quantum * quantum);
}

// One tile a unit, as large as can be: a call packs its operands, and what two calls
// both pack is work done twice. Two and four tiles a unit even out a unit that is late,
// but measured on two units of a Zen 5 they lost: 2x1, 2x2, 4x1 at 512: 382, 370, 360
// GFLOP/s, at 1024: 361, 349, 344, at 2048: 386, 380, 381. Rows or columns made no
// difference there (2x1 and 1x2: 382 and 383 at 512, 386 and 382 at 2048).
//
// But for one case: where tiles of half or a quarter the size are small enough for the
// library's path without packing, which is worth more: 128 cubed went from 340 (2x1) to
// 400 (2x2), 192 cubed from 394 to 445 (4x2).
Partition choose_partition(std::int64_t m, std::int64_t n, std::int64_t k,
                           std::uint32_t units) {
  if (m == 0 || n == 0) return {};
  const double products = static_cast<double>(m) * static_cast<double>(n) *
                          static_cast<double>(std::max<std::int64_t>(k, 1));
  std::int64_t tiles = units;
  const double least = static_cast<double>(kLeastTileProducts);
  if (products < least * static_cast<double>(tiles)) {
    tiles = std::max<std::int64_t>(static_cast<std::int64_t>(products / least), 1);
  } else {
    const auto small = [products](std::int64_t count) {
      return products <= static_cast<double>(kSmallPathProducts * count);
    };
    std::int64_t finer = tiles;
    while (!small(finer) && finer < kMostTilesPerUnit * units) finer *= 2;
    if (small(finer)) tiles = finer;
  }
  // A thin C may not have that many; one tile there always is.
  Partition grid;
  for (; grid.rows == 0; --tiles) grid = grid_of(tiles, m, n);
  return grid;
}

std::optional<std::string> openblas_unsupported(const Problem& problem,
                                                const Caps& caps) {
  return unsupported(problem, caps);
}

std::optional<std::string> openblas_serial_unsupported(const Problem& problem,
                                                       const Caps& caps) {
  return unsupported(problem, caps);
}

std::unique_ptr<Prepared> openblas_prepare(const PrepareContext& context,
                                           const Problem& problem) {
  require(context, problem);
  return std::make_unique<WholeCall>(*context.library, params_of(problem),
                                     context.device->caps().compute_units);
}

std::unique_ptr<Prepared> openblas_serial_prepare(const PrepareContext& context,
                                                  const Problem& problem) {
  require(context, problem);
  const vendor::Identity& identity = context.library->identity();
  // A library with threads of its own would start them in each compute unit, and
  // OpenBLAS's threaded build computes concurrent calls one after the other.
  if (identity.threading != "serial") {
    throw Error(StatusCode::not_supported,
                "openblas-serial needs a serial library; '" + identity.resolved_path +
                    "' says threading=" + identity.threading);
  }
  return std::make_unique<PartitionedCalls>(*context.device, *context.library,
                                            params_of(problem));
}

}  // namespace assay::matmul
