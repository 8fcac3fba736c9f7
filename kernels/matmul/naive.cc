// SPDX-License-Identifier: MIT
// Step 1: the formula as it stands, a dot product for each element of C.
//
// Still wasted: nearly everything. Each step of a sum waits for the one before (a
// compiler may not reorder floating-point sums, so nothing is vectorized), walks a
// column of op(B), of whose cache lines it uses one element, and loads two numbers for
// one multiply-add. Step 2 is tiled.cc.
//
// Of matmul_bf16 and matmul_f16 too, where each number is widened as it is loaded and
// step 2 is converted.cc.
#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "kernels/common/checked_math.h"
#include "kernels/common/narrow_floats.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/narrow.h"

namespace assay::matmul {
namespace {

// Rows and columns of C in one group: some ten thousand elements, so that handing out a
// group costs nothing beside computing it, and enough groups for many compute units.
constexpr std::int64_t kRows = 16;
constexpr std::int64_t kCols = 64;

template <DType kType>
using Stored = std::conditional_t<kType == DType::f32, float, std::uint16_t>;

template <DType kType>
float load(Stored<kType> element) noexcept {
  if constexpr (kType == DType::f32) {
    return element;
  } else {
    return kType == DType::bf16 ? bf16_to_f32(element) : f16_to_f32(element);
  }
}

template <DType kType>
float dot(const Params& p, const Stored<kType>* a, const Stored<kType>* b,
          std::int64_t i, std::int64_t j) noexcept {
  float sum = 0;
  if (p.k == 0) return sum;  // A and B may have no memory
  a += i * (p.transpose_a ? 1 : p.lda);
  b += j * (p.transpose_b ? p.ldb : 1);
  const std::int64_t a_step = p.transpose_a ? p.lda : 1;
  const std::int64_t b_step = p.transpose_b ? 1 : p.ldb;
  for (std::int64_t l = 0; l < p.k; ++l) {
    sum += load<kType>(a[l * a_step]) * load<kType>(b[l * b_step]);
  }
  return sum;
}

template <DType kType>
void compute_group(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  const auto* const a = context.bindings[kA].as<const Stored<kType>>();
  const auto* const b = context.bindings[kB].as<const Stored<kType>>();
  auto* const all_c = context.bindings[kC].as<float>();
  const std::int64_t row = context.group.y * kRows;
  const std::int64_t col = context.group.x * kCols;
  for (std::int64_t i = row; i < std::min(row + kRows, p.m); ++i) {
    for (std::int64_t j = col; j < std::min(col + kCols, p.n); ++j) {
      float& c = all_c[i * p.ldc + j];
      // With alpha or beta 0, what it multiplies is not read.
      const float product =
          p.alpha == 0.0F ? 0.0F : p.alpha * dot<kType>(p, a, b, i, j);
      c = p.beta == 0.0F ? product : product + p.beta * c;
    }
  }
}

HostKernel function_for(DType type) noexcept {
  switch (type) {
    case DType::f32:
      break;
    case DType::bf16:
      return compute_group<DType::bf16>;
    case DType::f16:
      return compute_group<DType::f16>;
  }
  return compute_group<DType::f32>;
}

}  // namespace

std::unique_ptr<Prepared> naive_prepare(const PrepareContext& context,
                                        const Problem& problem) {
  require_supported(any_host_device(problem, context.device->caps()));
  const Params& p = params_of(problem);
  const Dim3 groups = {static_cast<std::uint32_t>(divide_up(p.n, kCols)),
                       static_cast<std::uint32_t>(divide_up(p.m, kRows)), 1};
  return std::make_unique<HostDispatch<Params>>(
      *context.device,
      HostDispatch<Params>::What{std::string(problem.op()) + ".naive",
                                 function_for(storage_of(problem)), groups},
      accesses_of(p), p);
}

}  // namespace assay::matmul
