// SPDX-License-Identifier: MIT
// Step 1: the formula as it stands, for each element of the output.
//
// Still wasted: a multiply-add waits for the one before, each element of the image is
// read once for every tap and filter, and all compute units but one idle. Step 2 is
// tiles.cc.
#include <algorithm>

#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/conv2d/conv2d.h"
#include "kernels/conv2d/implementations.h"

namespace assay::conv2d {
namespace {

struct Pixel {
  std::int64_t n;
  std::int64_t row;
  std::int64_t col;
};

float sum_of(const Params& p, const float* x, const float* w, const Pixel& at,
             std::int64_t filter) {
  float sum = 0;
  for (std::int64_t r = 0; r < p.rows; ++r) {
    const std::int64_t h = at.row * p.stride + r - p.pad;
    if (h < 0 || h >= p.height) continue;
    for (std::int64_t s = 0; s < p.cols; ++s) {
      const std::int64_t v = at.col * p.stride + s - p.pad;
      if (v < 0 || v >= p.width) continue;
      const std::int64_t from = ((at.n * p.height + h) * p.width + v) * p.channels;
      const std::int64_t by = (r * p.cols + s) * p.channels;
      // By index: without channels the operands are null.
      for (std::int64_t c = 0; c < p.channels; ++c) {
        sum += x[from + c] * w[(by + c) * p.filters + filter];
      }
    }
  }
  return sum;
}

void compute_group(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  const auto* const x = context.bindings[kX].as<const float>();
  const auto* const w = context.bindings[kW].as<const float>();
  const auto* const bias = p.bias ? context.bindings[kBias].as<const float>() : nullptr;
  auto* y = context.bindings[output_of(p)].as<float>();
  for (std::int64_t n = 0; n < p.batch; ++n) {
    for (std::int64_t row = 0; row < p.out_height(); ++row) {
      for (std::int64_t col = 0; col < p.out_width(); ++col) {
        for (std::int64_t k = 0; k < p.filters; ++k, ++y) {
          const float sum =
              sum_of(p, x, w, {n, row, col}, k) + (p.bias ? bias[k] : 0.0F);
          *y = p.relu ? std::max(sum, 0.0F) : sum;
        }
      }
    }
  }
}

}  // namespace

std::unique_ptr<Prepared> naive_prepare(const PrepareContext& context,
                                        const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  const Params& p = params_of(problem);
  const Dim3 groups = p.pixels() == 0 || p.filters == 0 ? Dim3{0, 0, 1} : Dim3{};
  return std::make_unique<HostDispatch<Params>>(
      *context.device,
      HostDispatch<Params>::What{"conv2d.naive", compute_group, groups, "isa=scalar",
                                 0},
      accesses_of(problem), p);
}

}  // namespace assay::conv2d
