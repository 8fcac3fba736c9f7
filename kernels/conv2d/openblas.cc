// SPDX-License-Identifier: MIT
// conv2d by cblas_sgemm of any CBLAS library: patches are written as a matrix (im2col),
// by our compute units and with the copies that our own kernel makes, and multiplied by
// the weights as they lie. A 1x1 filter of stride 1 needs no im2col: the image is that
// matrix. The bias is copied into the output and the product added to it, the cut below
// 0 is a loop. Weights are packed by the library in each call: it has no way to keep
// them.
#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <utility>

#include "kernels/common/checked_math.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/common/split.h"
#include "kernels/conv2d/conv2d.h"
#include "kernels/conv2d/implementations.h"
#include "kernels/conv2d/patches.h"
#include "kernels/vendor/library_calls.h"

namespace assay::conv2d {
namespace {

constexpr const char* kName = "cblas_sgemm";
// Of OpenBLAS's register tile: pixels are the other way round a multiple of 4, filters
// of 16, which is a cache line too.
constexpr std::int64_t kPixelQuantum = 4;
constexpr std::int64_t kFilterQuantum = 16;
constexpr double kLeastPartProducts = 65536;

// A part of the output: some pixels, some filters.
struct Part {
  Range pixels;
  Range filters;
};

// `operands` are those of the problem, with the matrix of patches in the place of X.
void compute(vendor::SgemmFunction sgemm, const Params& p, const Part& part,
             std::span<const BoundRange> operands) {
  const std::int64_t rows = part.pixels.size();
  const std::int64_t width = part.filters.size();
  if (rows == 0 || width == 0) return;
  const auto narrow = [](std::int64_t value) { return static_cast<int>(value); };
  float* const y = operands[output_of(p)].as<float>() + part.pixels.begin * p.filters +
                   part.filters.begin;
  const float* const bias =
      p.bias ? operands[kBias].as<const float>() + part.filters.begin : nullptr;
  const std::int64_t depth = p.depth();
  if (p.bias || depth == 0) {
    for (std::int64_t i = 0; i < rows; ++i) {
      float* const row = y + i * p.filters;
      if (p.bias) {
        std::copy_n(bias, width, row);
      } else {
        std::fill_n(row, width, 0.0F);
      }
    }
  }
  if (depth > 0) {
    sgemm(vendor::kRowMajor, vendor::kNoTranspose, vendor::kNoTranspose, narrow(rows),
          narrow(width), narrow(depth), 1.0F,
          operands[kX].as<const float>() + part.pixels.begin * depth, narrow(depth),
          operands[kW].as<const float>() + part.filters.begin, narrow(p.filters),
          p.bias ? 1.0F : 0.0F, y, narrow(p.filters));
  }
  if (!p.relu) return;
  for (std::int64_t i = 0; i < rows; ++i) {
    float* const row = y + i * p.filters;
    for (std::int64_t j = 0; j < width; ++j) row[j] = std::max(row[j], 0.0F);
  }
}

void write_patches(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  const Range pixels = {
      balanced_begin(p.pixels(), context.groups.x, context.group.x),
      balanced_begin(p.pixels(), context.groups.x, context.group.x + 1)};
  gather_patches(p, context.bindings[0].as<const float>(), pixels, {0, p.depth()},
                 context.bindings[1].as<float>() + pixels.begin * p.depth(), p.depth());
}

// im2col, then a call of the library.
class Lowered final : public Prepared {
 public:
  Lowered(Device& device, const Params& p, std::unique_ptr<Prepared> product)
      : params_(p), product_(std::move(product)) {
    if (p.is_product()) return;
    // A group of its own for some microseconds of copying.
    constexpr std::int64_t kLeast = 16384;
    const std::int64_t elements = p.pixels() * p.depth();
    groups_.x = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(elements / kLeast, 1, device.caps().compute_units));
    KernelDesc desc;
    desc.name = "conv2d.im2col";
    desc.bindings = {Access::read, Access::write};
    desc.constants_bytes = sizeof(Params);
    desc.host = write_patches;
    im2col_ = device.create_kernel(desc);
    BufferDesc buffer;
    // A binding is never empty.
    buffer.bytes =
        sizeof(float) * static_cast<std::size_t>(std::max<std::int64_t>(elements, 1));
    buffer.label = "conv2d patches";
    patches_ = device.create_buffer(buffer);
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    std::array<BufferSlice, 4> bound;
    std::copy(operands.begin(), operands.end(), bound.begin());
    if (im2col_) {
      bound[kX] = BufferSlice{patches_};
      encoder.dispatch(im2col_, groups_, {operands[kX], bound[kX]}, params_);
    }
    product_->record(encoder, std::span(bound).first(operands.size()));
  }
  std::size_t workspace_bytes() const noexcept override {
    return patches_ ? patches_->bytes() : 0;
  }
  std::string configuration() const override {
    return product_->configuration() + (im2col_ ? " im2col" : "");
  }

 private:
  const Params params_;
  std::unique_ptr<Prepared> product_;
  Dim3 groups_;
  std::shared_ptr<Buffer> patches_;
  std::shared_ptr<Kernel> im2col_;
};

}  // namespace

std::optional<std::string> openblas_unsupported(const Problem& problem,
                                                const Caps& caps) {
  const Params& p = params_of(problem);
  if (std::max({p.pixels(), p.depth(), p.filters}) > std::numeric_limits<int>::max()) {
    return "CBLAS takes extents below 2^31";
  }
  return needs_host_kernels(problem, caps);
}

std::unique_ptr<Prepared> openblas_prepare(const PrepareContext& context,
                                           const Problem& problem) {
  require_supported(openblas_unsupported(problem, context.device->caps()));
  const Params p = params_of(problem);
  auto product = vendor::whole_call(
      context, problem, kName,
      [sgemm = vendor::required_library(context).sgemm(),
       p](std::span<const BoundRange> operands) {
        compute(sgemm, p, {{0, p.pixels()}, {0, p.filters}}, operands);
      });
  return std::make_unique<Lowered>(*context.device, p, std::move(product));
}

// Pixels are cut where there are more of them than filters, else filters: each call
// packs its part of the one and all of the other.
std::unique_ptr<Prepared> openblas_serial_prepare(const PrepareContext& context,
                                                  const Problem& problem) {
  require_supported(openblas_unsupported(problem, context.device->caps()));
  const Params p = params_of(problem);
  const bool by_pixels = p.pixels() >= p.filters;
  const std::int64_t extent = by_pixels ? p.pixels() : p.filters;
  const std::int64_t other = by_pixels ? p.filters : p.pixels();
  const double of_one =
      std::max(static_cast<double>(other) * static_cast<double>(p.depth()), 1.0);
  const auto least = static_cast<std::int64_t>(kLeastPartProducts / of_one) + 1;
  const Split split =
      other == 0
          ? Split{}
          : split_for_units(extent, least, by_pixels ? kPixelQuantum : kFilterQuantum,
                            context.device->caps().compute_units);
  auto product = vendor::partitioned_call(
      context, problem, kName, split.parts,
      [sgemm = vendor::functions_of_units<vendor::SgemmFunction>(context, kName), p,
       split, by_pixels, extent](std::uint32_t unit, std::uint32_t part,
                                 std::span<const BoundRange> operands) {
        const Range mine = {split.begin(part), split.end(part, extent)};
        compute(sgemm[unit], p,
                by_pixels ? Part{mine, {0, p.filters}} : Part{{0, p.pixels()}, mine},
                operands);
      });
  return std::make_unique<Lowered>(*context.device, p, std::move(product));
}

}  // namespace assay::conv2d
