// SPDX-License-Identifier: MIT
// Step 3: both operands are copied into panels in the order the micro-kernel reads
// them.
//
// What tiled wasted: its rows of B lie a leading dimension apart, so a tile touches a
// page for each step of the sum, at powers of two all in one cache set (1024 runs at
// 0.6 of the rate of 512); a transposed B is not vectorized; and its register tile is
// no larger than the compiler will keep in registers.
//
// Two dispatches. The first packs op(B) into the workspace: for each of `depth_blocks`
// blocks of the sum all panels of NR columns. The second gives each group some rows of
// C: block after block of the sum it packs its rows of op(A) into group-local memory
// and multiplies them by all panels of op(B) of its columns. Alpha and beta are applied
// where C is written: folding alpha into a panel would round every product once more.
//
// Where op(B) fits the second-level cache packing costs more than it saves, and
// direct.cc reads the operands in place; so does thin.cc where one extent is small.
//
// Still wasted: op(B) goes through memory once more than it must, which counts when m
// is small; and C is read and written once for each block of the sum.
#include <algorithm>

#include "kernels/common/cache_info.h"
#include "kernels/common/checked_math.h"
#include "kernels/matmul/blocking.h"
#include "kernels/matmul/blocking_cache.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/micro_kernels.h"
#include "kernels/matmul/thin.h"

namespace assay::matmul {
namespace {

struct Constants {
  Params params;
  std::int64_t depth_blocks = 0;
};

// Steps of the sum in block `index`.
struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t size() const noexcept { return end - begin; }
};
Range part(std::int64_t extent, std::int64_t count, std::int64_t index) noexcept {
  return {balanced_begin(extent, count, index),
          balanced_begin(extent, count, index + 1)};
}

// Panel `panel` of block `block` of the packed op(B).
std::int64_t panel_offset(std::int64_t panels, const Range& block, std::int64_t panel,
                          std::int64_t nr) noexcept {
  return (panels * block.begin + panel * block.size()) * nr;
}

void pack_b(const GroupContext& context) noexcept {
  const auto& kernels = *static_cast<const MicroKernels*>(context.user);
  const auto constants = context.constants_as<Constants>();
  const Params& p = constants.params;
  const auto* const b = context.bindings[0].as<const float>();
  auto* const workspace = context.bindings[1].as<float>();

  const std::int64_t panels = divide_up(p.n, kernels.nr);
  const Range mine = part(panels, context.groups.x, context.group.x);
  for (std::int64_t index = 0; index < constants.depth_blocks; ++index) {
    const Range block = part(p.k, constants.depth_blocks, index);
    for (std::int64_t panel = mine.begin; panel < mine.end; ++panel) {
      const std::int64_t col = panel * kernels.nr;
      PackArgs args;
      args.source =
          b + (p.transpose_b ? col * p.ldb + block.begin : block.begin * p.ldb + col);
      args.stride = p.ldb;
      args.lanes = std::min(kernels.nr, p.n - col);
      args.depth = block.size();
      args.packed = workspace + panel_offset(panels, block, panel, kernels.nr);
      (p.transpose_b ? kernels.pack_b_along_depth : kernels.pack_b_along_lanes)(args);
    }
  }
}

// Rows `rows` and steps `block` of op(A) into panels.
void pack_a(const MicroKernels& kernels, const Params& p, const float* a,
            const Range& rows, const Range& block, float* packed) noexcept {
  const std::int64_t panels = divide_up(rows.size(), kernels.mr);
  for (std::int64_t panel = 0; panel < panels; ++panel) {
    const Range lanes = part(rows.size(), panels, panel);
    const std::int64_t row = rows.begin + lanes.begin;
    PackArgs args;
    args.source =
        a + (p.transpose_a ? block.begin * p.lda + row : row * p.lda + block.begin);
    args.stride = p.lda;
    args.lanes = lanes.size();
    args.depth = block.size();
    args.packed = packed + panel * kernels.mr * block.size();
    (p.transpose_a ? kernels.pack_a_along_lanes : kernels.pack_a_along_depth)(args);
  }
}

void multiply_group(const GroupContext& context) noexcept {
  const auto& kernels = *static_cast<const MicroKernels*>(context.user);
  const auto constants = context.constants_as<Constants>();
  const Params& p = constants.params;
  const auto* const a = context.bindings[0].as<const float>();
  auto* const c = context.bindings[1].as<float>();
  const auto* const workspace = context.bindings[2].as<const float>();
  auto* const packed_a = reinterpret_cast<float*>(context.local.data());

  const std::int64_t panels = divide_up(p.n, kernels.nr);
  const Range rows = part(p.m, context.groups.y, context.group.y);
  const Range mine = part(panels, context.groups.x, context.group.x);
  const std::int64_t col = mine.begin * kernels.nr;
  for (std::int64_t index = 0; index < constants.depth_blocks; ++index) {
    const Range block = part(p.k, constants.depth_blocks, index);
    pack_a(kernels, p, a, rows, block, packed_a);
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

KernelDesc kernel_desc(std::string name, HostKernel function,
                       const MicroKernels& kernels) {
  KernelDesc desc;
  desc.name = std::move(name);
  desc.constants_bytes = sizeof(Constants);
  desc.host = function;
  // The table has static storage: shared with nobody, kept alive by nobody.
  desc.host_data = std::shared_ptr<const void>(std::shared_ptr<void>(), &kernels);
  return desc;
}

Dim3 grid(std::int64_t x, std::int64_t y) {
  return {static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), 1};
}

class Packed final : public Prepared {
 public:
  Packed(Device& device, const Params& params, const MicroKernels& kernels,
         const Cuts& cuts)
      : constants_{params, cuts.depth_blocks},
        pack_grid_(grid(cuts.pack_groups, 1)),
        multiply_grid_(grid(cuts.col_groups, cuts.row_groups)) {
    BufferDesc workspace;
    workspace.bytes = static_cast<std::size_t>(cuts.workspace_bytes);
    workspace.label = "matmul.packed op(B)";
    workspace_ = device.create_buffer(workspace);

    KernelDesc pack = kernel_desc("matmul.packed.pack", pack_b, kernels);
    pack.bindings = {Access::read, Access::write};
    pack_ = device.create_kernel(pack);

    KernelDesc multiply =
        kernel_desc("matmul.packed.multiply", multiply_group, kernels);
    multiply.bindings = {Access::read, access_of_c(params), Access::read};
    multiply.local_bytes = cuts.local_bytes;
    multiply_ = device.create_kernel(multiply);

    configuration_ = "isa=" + std::string(to_string(kernels.isa)) +
                     " mr=" + std::to_string(kernels.mr) +
                     " nr=" + std::to_string(kernels.nr) +
                     " kc=" + std::to_string(divide_up(params.k, cuts.depth_blocks)) +
                     " mc=" + std::to_string(divide_up(params.m, cuts.row_groups)) +
                     " groups=" + std::to_string(cuts.row_groups) + "x" +
                     std::to_string(cuts.col_groups);
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    const BufferSlice workspace = {workspace_};
    encoder.dispatch(pack_, pack_grid_, {operands[kB], workspace}, constants_);
    encoder.dispatch(multiply_, multiply_grid_, {operands[kA], operands[kC], workspace},
                     constants_);
  }
  std::size_t workspace_bytes() const noexcept override { return workspace_->bytes(); }
  std::string configuration() const override { return configuration_; }

 private:
  Constants constants_;
  Dim3 pack_grid_;
  Dim3 multiply_grid_;
  std::shared_ptr<Buffer> workspace_;
  std::shared_ptr<Kernel> pack_;
  std::shared_ptr<Kernel> multiply_;
  std::string configuration_;
};

class Scaled final : public Prepared {
 public:
  Scaled(Device& device, const Params& params) : constants_{params, 0} {
    KernelDesc desc =
        kernel_desc("matmul.packed.scale", scale_group, micro_kernels(Isa::scalar));
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

bool multiplies(const Params& p) {
  return p.m > 0 && p.n > 0 && p.k > 0 && p.alpha != 0.0F;
}

Cuts cuts_for(const Params& p, const MicroKernels& kernels, const BlockLimits& limits,
              const Caps& caps) {
  return cut(p.m, p.n, p.k, kernels.mr, kernels.nr, limits, caps.compute_units);
}

BlockLimits limits_for(const MicroKernels& kernels, const Caps& caps) {
  return block_limits(cache_info(), kernels.mr, kernels.nr,
                      caps.limits.max_local_bytes);
}

}  // namespace

std::optional<std::string> packed_unsupported(const Problem& problem,
                                              const Caps& caps) {
  if (auto reason = any_host_device(problem, caps)) return reason;
  const Params& p = params_of(problem);
  if (!multiplies(p)) return std::nullopt;
  if (thin_view(p).way != Thin::no) return std::nullopt;
  if (direct_wins(p, cache_info())) return std::nullopt;
  const MicroKernels& kernels = micro_kernels(selected_isa());
  const Cuts cuts = cuts_for(p, kernels, limits_for(kernels, caps), caps);
  if (cuts.workspace_bytes < 0 ||
      static_cast<std::uint64_t>(cuts.workspace_bytes) > caps.limits.max_buffer_bytes) {
    return "packed op(B) is larger than a buffer may be";
  }
  if (cuts.local_bytes > caps.limits.max_local_bytes) {
    return "a block of op(A) is larger than group-local memory";
  }
  return std::nullopt;
}

std::unique_ptr<Prepared> packed_prepare(const PrepareContext& context,
                                         const Problem& problem) {
  const Caps& caps = context.device->caps();
  require_supported(packed_unsupported(problem, caps));
  const Params& p = params_of(problem);
  if (!multiplies(p)) return std::make_unique<Scaled>(*context.device, p);
  if (thin_view(p).way != Thin::no) return thin_prepare(context, p);
  return direct_wins(p, cache_info()) ? direct_prepare(context, p)
                                      : panels_prepare(context, p);
}

std::unique_ptr<Prepared> panels_prepare(const PrepareContext& context,
                                         const Params& p) {
  const Caps& caps = context.device->caps();
  const MicroKernels& kernels = micro_kernels(selected_isa());
  const BlockLimits limits =
      context.cache == nullptr
          ? limits_for(kernels, caps)
          : cached_block_limits(*context.cache, cache_info(), kernels.isa, kernels.mr,
                                kernels.nr, caps.limits.max_local_bytes);
  return std::make_unique<Packed>(*context.device, p, kernels,
                                  cuts_for(p, kernels, limits, caps));
}

}  // namespace assay::matmul
