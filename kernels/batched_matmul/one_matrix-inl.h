// SPDX-License-Identifier: MIT
// One product of a batch in register tiles, any extents. Compiled once for each target
// by the file that includes it.
#if defined(ASSAY_KERNELS_BATCHED_MATMUL_ONE_MATRIX_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_BATCHED_MATMUL_ONE_MATRIX_INL_H_
#undef ASSAY_KERNELS_BATCHED_MATMUL_ONE_MATRIX_INL_H_
#else
#define ASSAY_KERNELS_BATCHED_MATMUL_ONE_MATRIX_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#include "kernels/batched_matmul/batched_matmul.h"
#include "kernels/common/product_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::batched_matmul {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using assay::HWY_NAMESPACE::kProductLanes;
using assay::HWY_NAMESPACE::product_block;
using assay::HWY_NAMESPACE::ProductOperands;
using assay::HWY_NAMESPACE::ProductTag;
using assay::HWY_NAMESPACE::store_sum;
using assay::HWY_NAMESPACE::TilePlace;

struct Matrices {
  const float* a = nullptr;
  const float* b = nullptr;
  float* c = nullptr;
};
inline Matrices matrices_of(const GroupContext& context) noexcept {
  return {context.bindings[kA].as<const float>(),
          context.bindings[kB].as<const float>(), context.bindings[kC].as<float>()};
}

// C = sum.
struct Store {
  float* c = nullptr;
  std::int64_t ldc = 0;

  template <std::size_t kVectors, bool kTail, class Each>
  HWY_INLINE void finish(const TilePlace& place, const Each& each) const {
    float* const to = c + place.row * ldc + place.col;
    each([&](std::size_t row, std::size_t vector, hn::Vec<ProductTag> sum)
             ASSAY_INLINE_LAMBDA {
               float* const at = to + static_cast<std::int64_t>(row) * ldc +
                                 static_cast<std::int64_t>(vector) * kProductLanes;
               if (kTail && vector + 1 == kVectors) {
                 store_sum<true>(sum, at, place.tail);
               } else {
                 store_sum<false>(sum, at, place.tail);
               }
             });
  }
};

// m, n > 0.
HWY_INLINE void multiply_one(const Params& p, const float* a, const float* b,
                             float* c) noexcept {
  product_block(ProductOperands{a, p.k, 1, b, p.n, p.k}, p.m, p.n, Store{c, p.n});
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::batched_matmul
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_KERNELS_BATCHED_MATMUL_ONE_MATRIX_INL_H_
