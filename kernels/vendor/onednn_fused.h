// SPDX-License-Identifier: MIT
// What the fused primitives of oneDNN with weights in its own format share: see
// onednn.h. Through the C interface, by name; needs oneDNN's header.
#ifndef ASSAY_KERNELS_VENDOR_ONEDNN_FUSED_H_
#define ASSAY_KERNELS_VENDOR_ONEDNN_FUSED_H_

#include <dnnl.h>

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "backends/interface/device.h"
#include "kernels/vendor/library.h"

namespace assay::vendor {

// The functions that are called, each typed by the header.
struct FusedApi {
#define ASSAY_DNNL_FUSED_FUNCTIONS(X) \
  X(engine_create)                    \
  X(engine_destroy)                   \
  X(stream_create)                    \
  X(stream_destroy)                   \
  X(stream_wait)                      \
  X(memory_desc_init_by_tag)          \
  X(memory_create)                    \
  X(memory_destroy)                   \
  X(memory_set_data_handle)           \
  X(post_ops_create)                  \
  X(post_ops_append_eltwise)          \
  X(post_ops_destroy)                 \
  X(primitive_attr_create)            \
  X(primitive_attr_set_post_ops)      \
  X(primitive_attr_destroy)           \
  X(inner_product_forward_desc_init)  \
  X(convolution_forward_desc_init)    \
  X(reorder_primitive_desc_create)    \
  X(primitive_desc_create)            \
  X(primitive_desc_query_md)          \
  X(primitive_desc_destroy)           \
  X(primitive_create)                 \
  X(primitive_destroy)                \
  X(primitive_execute)
// A name cannot stand in parentheses.  NOLINTNEXTLINE(bugprone-macro-parentheses)
#define ASSAY_DNNL_MEMBER(name) decltype(&::dnnl_##name) name = nullptr;
  ASSAY_DNNL_FUSED_FUNCTIONS(ASSAY_DNNL_MEMBER)
#undef ASSAY_DNNL_MEMBER
};

// Throws Error(not_supported) unless the status is success: "oneDNN refuses <what>".
void must(dnnl_status_t status, const char* what);

// Weights as given and in the format that a primitive asked for.
struct Weights {
  dnnl_primitive_t reorder = nullptr;
  dnnl_memory_t plain = nullptr;
  dnnl_memory_t packed = nullptr;
};

// Creates what belongs to one problem, and destroys it with itself. Not thread-safe.
class FusedPrimitives {
 public:
  // Throws Error(not_supported) when the library lacks a function or has no CPU engine.
  explicit FusedPrimitives(const Library& library);
  FusedPrimitives(const FusedPrimitives&) = delete;
  FusedPrimitives& operator=(const FusedPrimitives&) = delete;
  ~FusedPrimitives();

  const FusedApi& api() const noexcept { return api_; }
  dnnl_memory_desc_t shape(const std::vector<std::int64_t>& dims,
                           dnnl_format_tag_t tag) const;
  dnnl_memory_t memory(const dnnl_memory_desc_t& desc, void* handle);
  // A primitive of `desc`, cut off below 0 if `relu`; sets `weights` to the format of
  // its own that it wants them in.
  dnnl_primitive_t primitive(const_dnnl_op_desc_t desc, bool relu,
                             dnnl_memory_desc_t& weights);
  Weights reordered(const dnnl_memory_desc_t& ours, const dnnl_memory_desc_t& packed);

  void point(dnnl_memory_t memory, const BoundRange& range) const;
  void execute(dnnl_primitive_t primitive,
               std::initializer_list<dnnl_exec_arg_t> arguments) const;
  void wait() const;
  // Weights at `range` into the packed format; wait() follows.
  void pack(const Weights& weights, const BoundRange& range) const;

 private:
  dnnl_primitive_t created(dnnl_primitive_desc_t desc);
  const FusedApi api_;
  dnnl_engine_t engine_ = nullptr;
  dnnl_stream_t stream_ = nullptr;
  std::vector<dnnl_memory_t> memories_;
  std::vector<dnnl_primitive_t> primitives_;
};

}  // namespace assay::vendor

#endif  // ASSAY_KERNELS_VENDOR_ONEDNN_FUSED_H_
