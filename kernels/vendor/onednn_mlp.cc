// SPDX-License-Identifier: MIT
// Two fused inner products of oneDNN: see onednn.h. Through the C interface, by name.
#include <dnnl.h>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/vendor/library_calls.h"
#include "kernels/vendor/onednn.h"

namespace assay::vendor {
namespace {

// The functions that are called, each typed by the header.
struct Api {
#define ASSAY_DNNL_FUNCTIONS(X)      \
  X(engine_create)                   \
  X(engine_destroy)                  \
  X(stream_create)                   \
  X(stream_destroy)                  \
  X(stream_wait)                     \
  X(memory_desc_init_by_tag)         \
  X(memory_create)                   \
  X(memory_destroy)                  \
  X(memory_set_data_handle)          \
  X(post_ops_create)                 \
  X(post_ops_append_eltwise)         \
  X(post_ops_destroy)                \
  X(primitive_attr_create)           \
  X(primitive_attr_set_post_ops)     \
  X(primitive_attr_destroy)          \
  X(inner_product_forward_desc_init) \
  X(reorder_primitive_desc_create)   \
  X(primitive_desc_create)           \
  X(primitive_desc_query_md)         \
  X(primitive_desc_destroy)          \
  X(primitive_create)                \
  X(primitive_destroy)               \
  X(primitive_execute)
// A name cannot stand in parentheses.  NOLINTNEXTLINE(bugprone-macro-parentheses)
#define ASSAY_DNNL_MEMBER(name) decltype(&::dnnl_##name) name = nullptr;
  ASSAY_DNNL_FUNCTIONS(ASSAY_DNNL_MEMBER)
#undef ASSAY_DNNL_MEMBER
};

Api api_of(const Library& library) {
  Api api;
#define ASSAY_DNNL_LOOK_UP(name)            \
  require_function(library, "dnnl_" #name); \
  api.name = library.function<decltype(api.name)>("dnnl_" #name);
  ASSAY_DNNL_FUNCTIONS(ASSAY_DNNL_LOOK_UP)
#undef ASSAY_DNNL_LOOK_UP
#undef ASSAY_DNNL_FUNCTIONS
  return api;
}

void must(dnnl_status_t status, const char* what) {
  if (status == dnnl_success) return;
  throw Error(StatusCode::not_supported, std::string("oneDNN refuses ") + what +
                                             ": status " + std::to_string(status) +
                                             "; compare with another library");
}

// Positions of the operands.
enum : std::uint8_t { kX, kW1, kB1, kW2, kB2, kY };

// What is created for one problem, destroyed with it in reverse.
class Mlp {
 public:
  Mlp(const Library& library, std::int64_t batch, std::int64_t in, std::int64_t hidden,
      std::int64_t out)
      : api_(api_of(library)) {
    must(api_.engine_create(&engine_, dnnl_cpu, 0), "an engine");
    must(api_.stream_create(&stream_, engine_, dnnl_stream_default_flags), "a stream");
    const dnnl_memory_desc_t middle = plain({batch, hidden}, dnnl_ab);
    layers_.resize(2);
    create(layers_[0], plain({batch, in}, dnnl_ab), middle, in, hidden, true);
    create(layers_[1], middle, plain({batch, out}, dnnl_ab), hidden, out, false);
    hidden_ = memory(middle, DNNL_MEMORY_ALLOCATE);
  }
  Mlp(const Mlp&) = delete;
  Mlp& operator=(const Mlp&) = delete;
  ~Mlp() {
    for (auto* const memory : memories_) api_.memory_destroy(memory);
    for (auto* const primitive : primitives_) {
      api_.primitive_destroy(primitive);
    }
    if (stream_ != nullptr) api_.stream_destroy(stream_);
    if (engine_ != nullptr) api_.engine_destroy(engine_);
  }

  // Weights into the format that the primitives asked for.
  void set_up(std::span<const BoundRange> operands) {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const Layer& layer = layers_[i];
      point(layer.plain_weights, operands[i == 0 ? kW1 : kW2]);
      execute(layer.reorder,
              {{DNNL_ARG_FROM, layer.plain_weights}, {DNNL_ARG_TO, layer.weights}});
    }
    must(api_.stream_wait(stream_), "to finish");
  }

  void run(std::span<const BoundRange> operands) {
    // One command buffer may be in flight twice; the memory objects are one set.
    const std::lock_guard lock(mutex_);
    point(layers_[0].src, operands[kX]);
    point(layers_[0].bias, operands[kB1]);
    point(layers_[1].bias, operands[kB2]);
    point(layers_[1].dst, operands[kY]);
    execute(layers_[0], layers_[0].src, hidden_);
    execute(layers_[1], hidden_, layers_[1].dst);
    must(api_.stream_wait(stream_), "to finish");
  }

 private:
  struct Layer {
    dnnl_primitive_t product = nullptr;
    dnnl_primitive_t reorder = nullptr;
    dnnl_memory_t src = nullptr;
    dnnl_memory_t plain_weights = nullptr;
    dnnl_memory_t weights = nullptr;
    dnnl_memory_t bias = nullptr;
    dnnl_memory_t dst = nullptr;
  };

  dnnl_memory_desc_t plain(const std::vector<std::int64_t>& dims,
                           dnnl_format_tag_t tag) const {
    dnnl_memory_desc_t desc;
    must(api_.memory_desc_init_by_tag(&desc, static_cast<int>(dims.size()), dims.data(),
                                      dnnl_f32, tag),
         "a shape");
    return desc;
  }
  dnnl_memory_t memory(const dnnl_memory_desc_t& desc, void* handle) {
    dnnl_memory_t memory = nullptr;
    must(api_.memory_create(&memory, &desc, engine_, handle), "an operand");
    memories_.push_back(memory);
    return memory;
  }
  dnnl_primitive_t primitive(dnnl_primitive_desc_t desc) {
    dnnl_primitive_t primitive = nullptr;
    const dnnl_status_t status = api_.primitive_create(&primitive, desc);
    api_.primitive_desc_destroy(desc);
    must(status, "this shape");
    primitives_.push_back(primitive);
    return primitive;
  }

  dnnl_primitive_desc_t product_desc(const dnnl_inner_product_desc_t& desc,
                                     bool relu) const {
    dnnl_post_ops_t post_ops = nullptr;
    dnnl_primitive_attr_t attributes = nullptr;
    must(api_.post_ops_create(&post_ops), "post-ops");
    dnnl_status_t status = api_.primitive_attr_create(&attributes);
    if (status == dnnl_success && relu) {
      status =
          api_.post_ops_append_eltwise(post_ops, 1.0F, dnnl_eltwise_relu, 0.0F, 0.0F);
    }
    if (status == dnnl_success) {
      status = api_.primitive_attr_set_post_ops(attributes, post_ops);
    }
    dnnl_primitive_desc_t created = nullptr;
    if (status == dnnl_success) {
      status =
          api_.primitive_desc_create(&created, &desc, attributes, engine_, nullptr);
    }
    if (attributes != nullptr) api_.primitive_attr_destroy(attributes);
    api_.post_ops_destroy(post_ops);
    must(status, "an inner product");
    return created;
  }

  // Its weights are `out` x `in`, which of ours, `in` x `out`, is the transposed view.
  void create(Layer& layer, const dnnl_memory_desc_t& src,
              const dnnl_memory_desc_t& dst, std::int64_t in, std::int64_t out,
              bool relu) {
    const dnnl_memory_desc_t any = plain({out, in}, dnnl_format_tag_any);
    const dnnl_memory_desc_t bias = plain({out}, dnnl_a);
    dnnl_inner_product_desc_t desc;
    must(api_.inner_product_forward_desc_init(&desc, dnnl_forward_inference, &src, &any,
                                              &bias, &dst),
         "an inner product");
    auto* const product = product_desc(desc, relu);
    const dnnl_memory_desc_t packed =
        *api_.primitive_desc_query_md(product, dnnl_query_weights_md, 0);
    layer.product = primitive(product);
    const dnnl_memory_desc_t ours = plain({out, in}, dnnl_ba);
    dnnl_primitive_desc_t reorder = nullptr;
    must(api_.reorder_primitive_desc_create(&reorder, &ours, engine_, &packed, engine_,
                                            nullptr),
         "to reorder weights");
    layer.reorder = primitive(reorder);
    layer.src = memory(src, DNNL_MEMORY_NONE);
    layer.dst = memory(dst, DNNL_MEMORY_NONE);
    layer.bias = memory(bias, DNNL_MEMORY_NONE);
    layer.plain_weights = memory(ours, DNNL_MEMORY_NONE);
    layer.weights = memory(packed, DNNL_MEMORY_ALLOCATE);
  }

  void point(dnnl_memory_t memory, const BoundRange& range) const {
    must(api_.memory_set_data_handle(memory, range.data), "an address");
  }
  void execute(dnnl_primitive_t primitive,
               std::initializer_list<dnnl_exec_arg_t> arguments) const {
    must(api_.primitive_execute(primitive, stream_, static_cast<int>(arguments.size()),
                                arguments.begin()),
         "to run");
  }
  void execute(const Layer& layer, dnnl_memory_t src, dnnl_memory_t dst) const {
    execute(layer.product, {{DNNL_ARG_SRC, src},
                            {DNNL_ARG_WEIGHTS, layer.weights},
                            {DNNL_ARG_BIAS, layer.bias},
                            {DNNL_ARG_DST, dst}});
  }

  const Api api_;
  std::mutex mutex_;
  dnnl_engine_t engine_ = nullptr;
  dnnl_stream_t stream_ = nullptr;
  dnnl_memory_t hidden_ = nullptr;
  std::vector<Layer> layers_;
  std::vector<dnnl_memory_t> memories_;
  std::vector<dnnl_primitive_t> primitives_;
};

}  // namespace

std::unique_ptr<Prepared> onednn_mlp(const PrepareContext& context,
                                     const Problem& problem, std::int64_t batch,
                                     std::int64_t in, std::int64_t hidden,
                                     std::int64_t out) {
  // It divides its work when it is created: the threads first.
  const Library& library = required_library(context);
  library.set_threads(static_cast<int>(context.device->caps().compute_units));
  auto mlp = std::make_shared<Mlp>(library, batch, in, hidden, out);
  return whole_call(
      context, problem, "onednn mlp", [mlp](auto operands) { mlp->run(operands); },
      [mlp](auto operands) { mlp->set_up(operands); });
}

}  // namespace assay::vendor
