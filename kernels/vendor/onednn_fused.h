// SPDX-License-Identifier: MIT
// What the fused primitives of oneDNN with weights in its own format share: see
// onednn.h. Needs oneDNN's header.
#ifndef ASSAY_KERNELS_VENDOR_ONEDNN_FUSED_H_
#define ASSAY_KERNELS_VENDOR_ONEDNN_FUSED_H_

#include <dnnl.h>

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "backends/interface/device.h"
#include "kernels/vendor/library.h"
#include "kernels/vendor/onednn_api.h"

namespace assay::vendor {

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

  const DnnlApi& api() const noexcept { return api_; }
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
  const DnnlApi api_;
  dnnl_engine_t engine_ = nullptr;
  dnnl_stream_t stream_ = nullptr;
  std::vector<dnnl_memory_t> memories_;
  std::vector<dnnl_primitive_t> primitives_;
};

}  // namespace assay::vendor

#endif  // ASSAY_KERNELS_VENDOR_ONEDNN_FUSED_H_
