// SPDX-License-Identifier: MIT
// oneDNN's C interface, by name: the library is an input of a measurement and is never
// linked. Needs oneDNN's header.
#ifndef ASSAY_KERNELS_VENDOR_ONEDNN_API_H_
#define ASSAY_KERNELS_VENDOR_ONEDNN_API_H_

#include <dnnl.h>

#include "kernels/vendor/library.h"

namespace assay::vendor {

// The functions that are called, each typed by the header.
struct DnnlApi {
#define ASSAY_DNNL_FUNCTIONS(X)            \
  X(engine_create)                         \
  X(engine_destroy)                        \
  X(stream_create)                         \
  X(stream_destroy)                        \
  X(stream_wait)                           \
  X(memory_desc_init_by_tag)               \
  X(memory_desc_init_by_strides)           \
  X(memory_create)                         \
  X(memory_destroy)                        \
  X(memory_set_data_handle)                \
  X(post_ops_create)                       \
  X(post_ops_append_eltwise)               \
  X(post_ops_destroy)                      \
  X(primitive_attr_create)                 \
  X(primitive_attr_set_post_ops)           \
  X(primitive_attr_destroy)                \
  X(softmax_v2_forward_desc_init)          \
  X(layer_normalization_forward_desc_init) \
  X(matmul_desc_init)                      \
  X(inner_product_forward_desc_init)       \
  X(convolution_forward_desc_init)         \
  X(reorder_primitive_desc_create)         \
  X(primitive_desc_create)                 \
  X(primitive_desc_query_md)               \
  X(primitive_desc_destroy)                \
  X(primitive_create)                      \
  X(primitive_destroy)                     \
  X(primitive_execute)
// A name cannot stand in parentheses.  NOLINTNEXTLINE(bugprone-macro-parentheses)
#define ASSAY_DNNL_MEMBER(name) decltype(&::dnnl_##name) name = nullptr;
  ASSAY_DNNL_FUNCTIONS(ASSAY_DNNL_MEMBER)
#undef ASSAY_DNNL_MEMBER
};

// Throws Error(not_supported) when the library lacks one.
DnnlApi dnnl_api_of(const Library& library);

// Throws Error(not_supported) unless the status is success: "oneDNN refuses <what>".
void must(dnnl_status_t status, const char* what);

}  // namespace assay::vendor

#endif  // ASSAY_KERNELS_VENDOR_ONEDNN_API_H_
