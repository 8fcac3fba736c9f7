// SPDX-License-Identifier: MIT
// Compiled once for each target: this file includes itself through foreach_target.h.
#include "kernels/matmul/direct_tiles.h"

#include <cstddef>
#include <type_traits>

#include "kernels/common/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/matmul/direct_tiles.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "kernels/common/product_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::matmul {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using namespace assay::HWY_NAMESPACE;  // NOLINT(google-build-using-namespace): ours

// C = alpha * sum + beta * C. Alpha and beta are loaded after the sum.
struct ScaleAndAdd {
  const DirectArgs& args;

  template <std::size_t kVectors, bool kTail, class Each>
  HWY_INLINE void finish(const TilePlace& place, const Each& each) const {
    const ProductTag d;
    using V = hn::Vec<ProductTag>;
    float* const c = args.c + place.row * args.ldc + place.col;
    const V scale = hn::Set(d, args.alpha);
    const auto put = [&](std::size_t row, std::size_t vector, V sum,
                         auto with_old) ASSAY_INLINE_LAMBDA {
      float* const to = c + static_cast<std::int64_t>(row) * args.ldc +
                        static_cast<std::int64_t>(vector) * kProductLanes;
      const auto store = [&](auto part) ASSAY_INLINE_LAMBDA {
        V result = hn::Mul(scale, sum);
        if constexpr (with_old()) {
          const V old =
              hn::Mul(hn::Set(d, args.beta), load_sum<part()>(to, place.tail));
          result = hn::MulAdd(scale, sum, old);
        }
        store_sum<part()>(result, to, place.tail);
      };
      if (kTail && vector + 1 == kVectors) {
        store(std::true_type());
      } else {
        store(std::false_type());
      }
    };
    if (args.beta != 0.0F) {
      each([&](std::size_t row, std::size_t vector, V sum)
               ASSAY_INLINE_LAMBDA { put(row, vector, sum, std::true_type()); });
    } else {
      each([&](std::size_t row, std::size_t vector, V sum)
               ASSAY_INLINE_LAMBDA { put(row, vector, sum, std::false_type()); });
    }
  }
};

void multiply(const DirectArgs& args) noexcept {
  const ProductOperands x = {args.a, args.a_row, args.a_step,
                             args.b, args.ldb,   args.depth};
  product_block(x, args.rows, args.cols, ScaleAndAdd{args});
}

}  // namespace

const DirectTiles& direct_tiles_of_target() noexcept;
const DirectTiles& direct_tiles_of_target() noexcept {
  static constexpr DirectTiles kTiles = {
      .isa = ASSAY_ISA_OF_TARGET,
      .rows = kTileRows[2],
      .lanes = kProductLanes,
      .multiply = multiply,
  };
  return kTiles;
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::matmul
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::matmul {

const DirectTiles& direct_tiles(Isa isa) noexcept {
  return ASSAY_CALL_FOR_ISA(isa, direct_tiles_of_target);
}

}  // namespace assay::matmul
#endif
