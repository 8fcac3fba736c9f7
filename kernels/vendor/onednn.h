// SPDX-License-Identifier: MIT
// oneDNN as a library to compare with: its primitives for ops that have no BLAS
// function. Loaded at run time like the others; its header is needed to build this.
#ifndef ASSAY_KERNELS_VENDOR_ONEDNN_H_
#define ASSAY_KERNELS_VENDOR_ONEDNN_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "kernels/common/op.h"
#include "kernels/vendor/identity.h"
#include "kernels/vendor/library.h"

namespace assay::vendor {

// False when this was built without oneDNN's header: nothing of it can be called.
bool built_with_onednn() noexcept;

// What a mapped file says of itself, or nullopt when it is not oneDNN. Throws
// Error(invalid_argument) for a major version other than the header's: the structs that
// cross the interface differ.
std::optional<Probe> probe_onednn(void* handle);
// cblas_sgemm by oneDNN's own sgemm (row-major like ours, 64-bit sizes). Null without
// it. One a process: a second copy of the file would compute the same.
SgemmFunction onednn_sgemm(void* handle);

// A softmax over the rows of x, y; or a layer normalization of x, gamma, beta, y: all
// dense f32 of rows x cols, operands in that order. One call on as many threads as the
// device has compute units. Throw Error: failed_precondition without a library,
// not_supported when it is not oneDNN or refuses the shape.
std::unique_ptr<Prepared> onednn_softmax(const PrepareContext& context,
                                         const Problem& problem, std::int64_t rows,
                                         std::int64_t cols);
std::unique_ptr<Prepared> onednn_layernorm(const PrepareContext& context,
                                           const Problem& problem, std::int64_t rows,
                                           std::int64_t cols, float epsilon);

// Two inner products of dense f32, batch x in x hidden x out, of x, w1, b1, w2, b2, y
// in that order (weights in x hidden and hidden x out): biases and the ReLU between
// them fused, weights in the library's own format, into which the setup brings them.
std::unique_ptr<Prepared> onednn_mlp(const PrepareContext& context,
                                     const Problem& problem, std::int64_t batch,
                                     std::int64_t in, std::int64_t hidden,
                                     std::int64_t out);

// A convolution of dense f32, x (nhwc), w (rows x cols x channels x filters), perhaps a
// bias, y (nhwc), in that order: bias and ReLU fused, weights in the library's own
// format, into which the setup brings them.
struct Convolution {
  std::int64_t batch = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 0;
  std::int64_t filters = 0;
  std::int64_t rows = 0;  // of a filter
  std::int64_t cols = 0;
  std::int64_t out_height = 0;
  std::int64_t out_width = 0;
  std::int64_t stride = 1;
  std::int64_t pad = 0;
  bool bias = false;
  bool relu = false;
};
std::unique_ptr<Prepared> onednn_convolution(const PrepareContext& context,
                                             const Problem& problem,
                                             const Convolution& shape);

// C = A * B of m x k and k x n bf16 and an m x n C of f32, in that order, summed in
// f32. Element (i, l) of A lies at i * a_row + l * a_col, and so on; of C a row is
// `ldc` elements and its columns lie side by side.
struct Bf16Product {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  std::int64_t a_row = 0;
  std::int64_t a_col = 0;
  std::int64_t b_row = 0;
  std::int64_t b_col = 0;
  std::int64_t ldc = 0;
};
std::unique_ptr<Prepared> onednn_bf16_product(const PrepareContext& context,
                                              const Problem& problem,
                                              const Bf16Product& shape);

}  // namespace assay::vendor

#endif  // ASSAY_KERNELS_VENDOR_ONEDNN_H_
