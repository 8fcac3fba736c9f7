// SPDX-License-Identifier: MIT
#include "kernels/vendor/onednn_fused.h"

namespace assay::vendor {
namespace {

// The primitive's description with what is fused into it.
dnnl_primitive_desc_t describe(const DnnlApi& api, dnnl_engine_t engine,
                               const_dnnl_op_desc_t desc, bool relu) {
  dnnl_post_ops_t post_ops = nullptr;
  dnnl_primitive_attr_t attributes = nullptr;
  must(api.post_ops_create(&post_ops), "post-ops");
  dnnl_status_t status = api.primitive_attr_create(&attributes);
  if (status == dnnl_success && relu) {
    status = api.post_ops_append_eltwise(post_ops, 1.0F, dnnl_eltwise_relu, 0.0F, 0.0F);
  }
  if (status == dnnl_success) {
    status = api.primitive_attr_set_post_ops(attributes, post_ops);
  }
  dnnl_primitive_desc_t created = nullptr;
  if (status == dnnl_success) {
    status = api.primitive_desc_create(&created, desc, attributes, engine, nullptr);
  }
  if (attributes != nullptr) api.primitive_attr_destroy(attributes);
  api.post_ops_destroy(post_ops);
  must(status, "this shape");
  return created;
}

}  // namespace

FusedPrimitives::FusedPrimitives(const Library& library) : api_(dnnl_api_of(library)) {
  must(api_.engine_create(&engine_, dnnl_cpu, 0), "an engine");
  must(api_.stream_create(&stream_, engine_, dnnl_stream_default_flags), "a stream");
}

FusedPrimitives::~FusedPrimitives() {
  for (auto* const memory : memories_) api_.memory_destroy(memory);
  for (auto* const primitive : primitives_) api_.primitive_destroy(primitive);
  if (stream_ != nullptr) api_.stream_destroy(stream_);
  if (engine_ != nullptr) api_.engine_destroy(engine_);
}

dnnl_memory_desc_t FusedPrimitives::shape(const std::vector<std::int64_t>& dims,
                                          dnnl_format_tag_t tag) const {
  dnnl_memory_desc_t desc;
  must(api_.memory_desc_init_by_tag(&desc, static_cast<int>(dims.size()), dims.data(),
                                    dnnl_f32, tag),
       "a shape");
  return desc;
}

dnnl_memory_t FusedPrimitives::memory(const dnnl_memory_desc_t& desc, void* handle) {
  dnnl_memory_t memory = nullptr;
  must(api_.memory_create(&memory, &desc, engine_, handle), "an operand");
  memories_.push_back(memory);
  return memory;
}

dnnl_primitive_t FusedPrimitives::created(dnnl_primitive_desc_t desc) {
  dnnl_primitive_t primitive = nullptr;
  const dnnl_status_t status = api_.primitive_create(&primitive, desc);
  api_.primitive_desc_destroy(desc);
  must(status, "this shape");
  primitives_.push_back(primitive);
  return primitive;
}

dnnl_primitive_t FusedPrimitives::primitive(const_dnnl_op_desc_t desc, bool relu,
                                            dnnl_memory_desc_t& weights) {
  auto* const described = describe(api_, engine_, desc, relu);
  weights = *api_.primitive_desc_query_md(described, dnnl_query_weights_md, 0);
  return created(described);
}

Weights FusedPrimitives::reordered(const dnnl_memory_desc_t& ours,
                                   const dnnl_memory_desc_t& packed) {
  dnnl_primitive_desc_t reorder = nullptr;
  must(api_.reorder_primitive_desc_create(&reorder, &ours, engine_, &packed, engine_,
                                          nullptr),
       "to reorder weights");
  Weights weights;
  weights.reorder = created(reorder);
  weights.plain = memory(ours, DNNL_MEMORY_NONE);
  weights.packed = memory(packed, DNNL_MEMORY_ALLOCATE);
  return weights;
}

void FusedPrimitives::point(dnnl_memory_t memory, const BoundRange& range) const {
  must(api_.memory_set_data_handle(memory, range.data), "an address");
}

void FusedPrimitives::execute(dnnl_primitive_t primitive,
                              std::initializer_list<dnnl_exec_arg_t> arguments) const {
  must(api_.primitive_execute(primitive, stream_, static_cast<int>(arguments.size()),
                              arguments.begin()),
       "to run");
}

void FusedPrimitives::wait() const { must(api_.stream_wait(stream_), "to finish"); }

void FusedPrimitives::pack(const Weights& weights, const BoundRange& range) const {
  point(weights.plain, range);
  execute(weights.reorder,
          {{DNNL_ARG_FROM, weights.plain}, {DNNL_ARG_TO, weights.packed}});
}

}  // namespace assay::vendor
