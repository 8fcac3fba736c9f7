// SPDX-License-Identifier: MIT
// Two fused inner products of oneDNN: see onednn.h.
#include <mutex>

#include "kernels/vendor/library_calls.h"
#include "kernels/vendor/onednn.h"
#include "kernels/vendor/onednn_fused.h"

namespace assay::vendor {
namespace {

// Positions of the operands.
enum : std::uint8_t { kX, kW1, kB1, kW2, kB2, kY };

class Mlp {
 public:
  Mlp(const Library& library, std::int64_t batch, std::int64_t in, std::int64_t hidden,
      std::int64_t out)
      : primitives_(library) {
    const dnnl_memory_desc_t middle = primitives_.shape({batch, hidden}, dnnl_ab);
    create(layers_[0], primitives_.shape({batch, in}, dnnl_ab), middle, in, hidden,
           true);
    create(layers_[1], middle, primitives_.shape({batch, out}, dnnl_ab), hidden, out,
           false);
    hidden_ = primitives_.memory(middle, DNNL_MEMORY_ALLOCATE);
  }

  // Weights into the format that the primitives asked for.
  void set_up(std::span<const BoundRange> operands) {
    const std::lock_guard lock(mutex_);
    primitives_.pack(layers_[0].weights, operands[kW1]);
    primitives_.pack(layers_[1].weights, operands[kW2]);
    primitives_.wait();
  }

  void run(std::span<const BoundRange> operands) {
    // One command buffer may be in flight twice; the memory objects are one set.
    const std::lock_guard lock(mutex_);
    primitives_.point(layers_[0].src, operands[kX]);
    primitives_.point(layers_[0].bias, operands[kB1]);
    primitives_.point(layers_[1].bias, operands[kB2]);
    primitives_.point(layers_[1].dst, operands[kY]);
    execute(layers_[0], layers_[0].src, hidden_);
    execute(layers_[1], hidden_, layers_[1].dst);
    primitives_.wait();
  }

 private:
  struct Layer {
    dnnl_primitive_t product = nullptr;
    Weights weights;
    dnnl_memory_t src = nullptr;
    dnnl_memory_t bias = nullptr;
    dnnl_memory_t dst = nullptr;
  };

  // Its weights are `out` x `in`, which of ours, `in` x `out`, is the transposed view.
  void create(Layer& layer, const dnnl_memory_desc_t& src,
              const dnnl_memory_desc_t& dst, std::int64_t in, std::int64_t out,
              bool relu) {
    const dnnl_memory_desc_t any = primitives_.shape({out, in}, dnnl_format_tag_any);
    const dnnl_memory_desc_t bias = primitives_.shape({out}, dnnl_a);
    dnnl_inner_product_desc_t desc;
    must(primitives_.api().inner_product_forward_desc_init(
             &desc, dnnl_forward_inference, &src, &any, &bias, &dst),
         "an inner product");
    dnnl_memory_desc_t packed;
    layer.product = primitives_.primitive(&desc, relu, packed);
    layer.weights =
        primitives_.reordered(primitives_.shape({out, in}, dnnl_ba), packed);
    layer.src = primitives_.memory(src, DNNL_MEMORY_NONE);
    layer.dst = primitives_.memory(dst, DNNL_MEMORY_NONE);
    layer.bias = primitives_.memory(bias, DNNL_MEMORY_NONE);
  }

  void execute(const Layer& layer, dnnl_memory_t src, dnnl_memory_t dst) const {
    primitives_.execute(layer.product, {{DNNL_ARG_SRC, src},
                                        {DNNL_ARG_WEIGHTS, layer.weights.packed},
                                        {DNNL_ARG_BIAS, layer.bias},
                                        {DNNL_ARG_DST, dst}});
  }

  FusedPrimitives primitives_;
  std::mutex mutex_;
  dnnl_memory_t hidden_ = nullptr;
  Layer layers_[2];
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
