// SPDX-License-Identifier: MIT
// packed for thin products: 8x4096x4096, 1xnxn, nx1xn, nxnx1.
//
// Panels pay when each element of a matrix is used many times. Here the one large
// matrix is used a few times, and packing it made three passes over memory of one:
// 8x4096x4096 ran at 0.13 of peak and 0.75 of OpenBLAS, which packs too. So the large
// matrix stays where it is and is gone over once, in runs as long as registers allow.
//
// Of 16-bit storage B is widened vector by vector as it is read, half the bytes of what
// takes all the time; the few rows of A are widened once, by a dispatch of their own.
//
// Still wasted: one column of 16-bit storage is packed like any other product; a
// transposed op(B) beyond the caches is packed though each element is used only some
// ten times.
#include "kernels/matmul/thin.h"

#include <algorithm>
#include <string>

#include "kernels/common/cache_info.h"
#include "kernels/common/checked_math.h"
#include "kernels/common/rows.h"
#include "kernels/common/split.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/thin_tiles.h"
#include "kernels/matmul/widening.h"

namespace assay::matmul {
namespace {

struct Constants {
  Params params;
  ThinView view;
  Split split;  // of the columns; of the rows of a shallow product
  bool bypass = false;
  Distance distance = Distance::near;
};

// Of the large matrix.
double bytes_of_b(const Params& p, const ThinView& view, std::int64_t element) {
  return static_cast<double>(p.k) * static_cast<double>(view.swapped ? p.m : p.n) *
         static_cast<double>(element);
}

// From memory, or from a last cache that is as slow: where the second-level one is
// large. On one unit of an Intel with 2 MiB of it, GB/s of a square B as from a cache
// (few_rows-inl.h) by 2, 4 and 8 rows, and as from afar: 512 79, 70, 36 and 82, 49, 28;
// 724 38, 34, 19 and 51, 34, 28; 1024 21, 24, 14 and 30, 28, 25; 2048 20, 21, 12 and
// 29, 27, 22; 4096 12, 7, 3 and 15, 12, 11.
Distance distance_of(double bytes, std::uint32_t units) {
  const CacheInfo& caches = cache_info();
  if (!has_large_second_cache(caches)) {
    return comes_from_memory(bytes) ? Distance::far : Distance::near;
  }
  const bool beyond_second = bytes >= static_cast<double>(caches.l2_bytes) * units;
  const bool far = beyond_second || comes_from_memory(bytes);
  return far ? Distance::far_hinted : Distance::near;
}

constexpr std::size_t kSumsBytes =
    sizeof(float) * static_cast<std::size_t>(kFewRowsSums);

// op(A), op(B) and C as one of the ways wants them, whole. With dots B is transposed.
DirectArgs view_of(const Params& p, const ThinView& view, const Arrays& x) noexcept {
  DirectArgs args;
  args.depth = p.k;
  args.alpha = p.alpha;
  args.beta = p.beta;
  args.c = x.c;
  if (view.swapped) {
    args.a = x.b;
    args.a_step = p.transpose_b ? 1 : p.ldb;
    args.b = x.a;
    args.ldb = p.lda;
    args.rows = 1;
    args.cols = p.m;
    args.ldc = p.m;
    return args;
  }
  args.a = x.a;
  args.a_row = p.transpose_a ? 1 : p.lda;
  args.a_step = p.transpose_a ? p.lda : 1;
  args.b = x.b;
  args.ldb = p.ldb;
  args.rows = p.m;
  args.cols = p.n;
  args.ldc = p.ldc;
  return args;
}

void multiply_group(const GroupContext& context) noexcept {
  const auto& tiles = *static_cast<const ThinTiles*>(context.user);
  const auto constants = context.constants_as<Constants>();
  DirectArgs args = view_of(constants.params, constants.view, arrays_of(context));
  const bool by_rows = constants.view.way == Thin::shallow;
  const std::int64_t begin = constants.split.begin(context.group.x);
  const std::int64_t size =
      constants.split.end(context.group.x, by_rows ? args.rows : args.cols) - begin;
  if (by_rows) {
    args.a += begin * args.a_row;
    args.c += begin * args.ldc;
    args.rows = size;
    tiles.shallow(args, constants.bypass);
    return;
  }
  const bool dots = constants.view.way == Thin::dots;
  args.b += dots ? begin * args.ldb : begin;
  args.c += begin;
  args.cols = size;
  if (dots) {
    tiles.dots(args);
    return;
  }
  auto* const sums = reinterpret_cast<float*>(context.local.data());
  const std::int64_t done = tiles.few_rows(args, constants.distance, sums);
  args.b += done;
  args.c += done;
  args.cols -= done;
  if (args.cols > 0) direct_tiles(tiles.isa).multiply(args);
}

// Whole lines of C, and strips that are whole but for the last.
Split split_of(const Params& p, const ThinView& view, const ThinTiles& tiles,
               std::uint32_t units) {
  const auto least = [](std::int64_t row) { return divide_up(kLeastRowElements, row); };
  if (view.way == Thin::shallow) return split_for_units(p.m, least(p.n), 1, units);
  constexpr std::int64_t kVectorsOfStrip = 8;
  const std::int64_t quantum =
      view.way == Thin::dots ? 16 : kVectorsOfStrip * tiles.lanes;
  return split_for_units(view.swapped ? p.m : p.n, least(p.k), quantum, units);
}

bool result_beyond_cache(const Params& p) {
  const double bytes = static_cast<double>(p.m) * static_cast<double>(p.n) *
                       static_cast<double>(sizeof(float));
  return bytes > last_cache_share(cache_info());
}

std::unique_ptr<Prepared> prepare_f32(Device& device, const Params& p,
                                      const ThinView& view, const ThinTiles& tiles) {
  const Constants constants = {
      p, view, split_of(p, view, tiles, device.caps().compute_units),
      result_beyond_cache(p),
      distance_of(bytes_of_b(p, view, sizeof(float)), device.caps().compute_units)};
  const char* const ways[] = {"", "few-rows", "dots", "shallow"};
  HostDispatch<Constants>::What what;
  what.name = "matmul.packed.thin";
  what.function = multiply_group;
  what.groups = {constants.split.parts, 1, 1};
  what.configuration = "isa=" + std::string(to_string(tiles.isa)) +
                       " thin=" + ways[static_cast<int>(view.way)] +
                       " groups=" + std::to_string(constants.split.parts);
  if (view.way == Thin::few_rows) what.local_bytes = kSumsBytes;
  what.tools = of_static(&tiles);
  return std::make_unique<HostDispatch<Constants>>(device, std::move(what),
                                                   accesses_of(p), constants);
}

// Bindings: A widened and tight, as it was stored; B; C.
struct NarrowConstants {
  Params params;
  DType type = DType::bf16;
  Split split;  // of the columns
  Distance distance = Distance::near;
};

void narrow_group(const GroupContext& context) noexcept {
  const auto& tiles = *static_cast<const ThinTiles*>(context.user);
  const auto constants = context.constants_as<NarrowConstants>();
  const Params& p = constants.params;
  const std::int64_t begin = constants.split.begin(context.group.x);
  DirectArgs args;
  args.a = context.bindings[kA].as<const float>();
  args.a_row = p.transpose_a ? 1 : p.k;
  args.a_step = p.transpose_a ? p.m : 1;
  args.ldb = p.ldb;
  args.c = context.bindings[kC].as<float>() + begin;
  args.ldc = p.ldc;
  args.rows = p.m;
  args.cols = constants.split.end(context.group.x, p.n) - begin;
  args.depth = p.k;
  args.alpha = p.alpha;
  args.beta = p.beta;
  const auto compute =
      constants.type == DType::bf16 ? tiles.few_rows_bf16 : tiles.few_rows_f16;
  compute(args, context.bindings[kB].as<const std::uint16_t>() + begin,
          constants.distance, reinterpret_cast<float*>(context.local.data()));
}

class NarrowRows final : public Prepared {
 public:
  NarrowRows(Device& device, const Params& p, DType type, const ThinTiles& tiles)
      : constants_{p, type,
                   split_of(p, {Thin::few_rows, false}, tiles,
                            device.caps().compute_units),
                   distance_of(bytes_of_b(p, {}, sizeof(std::uint16_t)),
                               device.caps().compute_units)},
        widening_{type, tiles.isa, p.a_rows(), p.a_cols(), p.lda},
        widen_(create_widening(device, "matmul.packed.widen")) {
    BufferDesc workspace;
    workspace.bytes = static_cast<std::size_t>(p.m * p.k) * sizeof(float);
    workspace.label = "widened op(A)";
    workspace_ = device.create_buffer(workspace);
    KernelDesc desc;
    desc.name = "matmul.packed.narrow_rows";
    desc.bindings = accesses_of(p);
    desc.constants_bytes = sizeof(NarrowConstants);
    desc.local_bytes = kSumsBytes;
    desc.host = narrow_group;
    desc.host_data = of_static(&tiles);
    multiply_ = device.create_kernel(desc);
    configuration_ = "isa=" + std::string(to_string(tiles.isa)) +
                     " thin=few-rows groups=" + std::to_string(constants_.split.parts);
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    encoder.dispatch(widen_, {1, 1, 1}, {operands[kA], {workspace_}}, widening_);
    encoder.dispatch(multiply_, {constants_.split.parts, 1, 1},
                     {BufferSlice{workspace_}, operands[kB], operands[kC]}, constants_);
  }
  std::size_t workspace_bytes() const noexcept override { return workspace_->bytes(); }
  std::string configuration() const override { return configuration_; }

 private:
  const NarrowConstants constants_;
  const WideningShape widening_;
  std::shared_ptr<Kernel> widen_;
  std::shared_ptr<Kernel> multiply_;
  std::shared_ptr<Buffer> workspace_;
  std::string configuration_;
};

// Elements of B, 4 MiB of them, for some rows. A smaller B is read from a cache, where
// direct.cc and panels have no reason to lose.
constexpr double kManyElements = 1024.0 * 1024.0;

// One row: B as it lies is read in strips, a transposed one in dot products, for which
// the row has to lie in one piece.
Thin one_row(bool transposed, std::int64_t step) noexcept {
  if (!transposed) return Thin::few_rows;
  return step == 1 ? Thin::dots : Thin::no;
}

}  // namespace

// On one thread of a Zen 5, GFLOP/s as packed before / here: 8x4096x4096 34 / 80,
// 1x256x256 57 / 91, 1x4096x4096 5 / 19, 1024x1x1024 9 / 56, 4096x4096x1 6 / 22,
// 1024x1024x1 7 / 47. What is not small any more still pays for panels: 4096x4096x5 30,
// where 4096x4096x4 has 87. Eight rows leave registers for strips of three vectors;
// beyond, runs of B get shorter still, and B beyond the caches is read in blocks of 32
// steps and 1024 columns, each multiplied by all rows: ms as packed / so, and OpenBLAS:
// 12x4096x4096 9.3 / 4.6, 7.2; 16x2048x2048 2.13 / 1.06, 1.53; 32x2048x2048 2.63
// / 1.81, 2.19. At 64 rows 4.0, which nothing was held against.
//
// A Zen 4 wants B in another order (few_rows-inl.h), and sums of a block beside C,
// whose rows can share a set of a cache. There, in those blocks / as it is, and oneDNN:
// 12x4096x4096 9.4 / 6.1, 9.0; 16x2048x2048 2.6 / 1.7, 2.0; 32x2048x2048 4.0
// / 3.2, 3.2; 8x4096x4096 8.0 / 4.2, 8.0; 1x4096x4096 5.2 / 2.6, 3.1.
ThinView thin_view(const Params& p, DType storage) noexcept {
  if (storage != DType::f32) {
    const bool few = p.m <= kFewRows && !p.transpose_b;
    return {few ? Thin::few_rows : Thin::no, false};
  }
  if (p.k <= kFewSteps && !p.transpose_b && p.m > kFewRows)
    return {Thin::shallow, false};
  if (p.m == 1) return {one_row(p.transpose_b, p.transpose_a ? p.lda : 1), false};
  if (p.n == 1 && p.ldc == 1) {
    return {one_row(!p.transpose_a, p.transpose_b ? 1 : p.ldb), true};
  }
  if (p.m <= kFewRows && !p.transpose_b) return {Thin::few_rows, false};
  const double b_elements = static_cast<double>(p.k) * static_cast<double>(p.n);
  if (p.m <= kSomeRows && !p.transpose_b && b_elements >= kManyElements) {
    return {Thin::few_rows, false};
  }
  return {};
}

std::unique_ptr<Prepared> thin_prepare(const PrepareContext& context,
                                       const Params& params, DType storage) {
  const ThinTiles& tiles = thin_tiles(selected_isa());
  if (storage != DType::f32) {
    return std::make_unique<NarrowRows>(*context.device, params, storage, tiles);
  }
  return prepare_f32(*context.device, params, thin_view(params), tiles);
}

}  // namespace assay::matmul
