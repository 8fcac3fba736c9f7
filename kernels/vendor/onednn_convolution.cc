// SPDX-License-Identifier: MIT
// A fused convolution of oneDNN: see onednn.h. Image and output stay as they are
// (nhwc); the weights are in the library's own format.
//
// Of its algorithms the direct one: Winograd's is not inside the bound of the op, and
// "auto" may pick it.
#include <mutex>

#include "kernels/vendor/library_calls.h"
#include "kernels/vendor/onednn.h"
#include "kernels/vendor/onednn_fused.h"

namespace assay::vendor {
namespace {

class Convolving {
 public:
  Convolving(const Library& library, const Convolution& x)
      : primitives_(library), has_bias_(x.bias) {
    // Dimensions are n, c, h, w whatever the order in memory; of weights o, i, h, w.
    const dnnl_memory_desc_t src =
        primitives_.shape({x.batch, x.channels, x.height, x.width}, dnnl_nhwc);
    const dnnl_memory_desc_t dst =
        primitives_.shape({x.batch, x.filters, x.out_height, x.out_width}, dnnl_nhwc);
    const std::vector<std::int64_t> filter = {x.filters, x.channels, x.rows, x.cols};
    const dnnl_memory_desc_t any = primitives_.shape(filter, dnnl_format_tag_any);
    const dnnl_memory_desc_t bias = primitives_.shape({x.filters}, dnnl_a);
    const dnnl_dims_t strides = {x.stride, x.stride};
    const dnnl_dims_t before = {x.pad, x.pad};
    // What the last output sees beyond the image: less than `pad` where the stride
    // leaves a rest.
    const auto behind = [&](std::int64_t out, std::int64_t taps, std::int64_t extent) {
      return (out - 1) * x.stride + taps - extent - x.pad;
    };
    const dnnl_dims_t after = {behind(x.out_height, x.rows, x.height),
                               behind(x.out_width, x.cols, x.width)};
    dnnl_convolution_desc_t desc;
    must(primitives_.api().convolution_forward_desc_init(
             &desc, dnnl_forward_inference, dnnl_convolution_direct, &src, &any,
             x.bias ? &bias : nullptr, &dst, strides, before, after),
         "a convolution");
    dnnl_memory_desc_t packed;
    convolution_ = primitives_.primitive(&desc, x.relu, packed);
    weights_ = primitives_.reordered(primitives_.shape(filter, dnnl_hwio), packed);
    src_ = primitives_.memory(src, DNNL_MEMORY_NONE);
    dst_ = primitives_.memory(dst, DNNL_MEMORY_NONE);
    bias_ = primitives_.memory(bias, DNNL_MEMORY_NONE);
  }

  // Operands x, w, perhaps b, y.
  void set_up(std::span<const BoundRange> operands) {
    const std::lock_guard lock(mutex_);
    primitives_.pack(weights_, operands[1]);
    primitives_.wait();
  }

  void run(std::span<const BoundRange> operands) {
    // One command buffer may be in flight twice; the memory objects are one set.
    const std::lock_guard lock(mutex_);
    primitives_.point(src_, operands[0]);
    primitives_.point(dst_, operands[operands.size() - 1]);
    if (has_bias_) {
      primitives_.point(bias_, operands[2]);
      primitives_.execute(convolution_, {{DNNL_ARG_SRC, src_},
                                         {DNNL_ARG_WEIGHTS, weights_.packed},
                                         {DNNL_ARG_BIAS, bias_},
                                         {DNNL_ARG_DST, dst_}});
    } else {
      primitives_.execute(convolution_, {{DNNL_ARG_SRC, src_},
                                         {DNNL_ARG_WEIGHTS, weights_.packed},
                                         {DNNL_ARG_DST, dst_}});
    }
    primitives_.wait();
  }

 private:
  FusedPrimitives primitives_;
  const bool has_bias_;
  std::mutex mutex_;
  dnnl_primitive_t convolution_ = nullptr;
  Weights weights_;
  dnnl_memory_t src_ = nullptr;
  dnnl_memory_t dst_ = nullptr;
  dnnl_memory_t bias_ = nullptr;
};

}  // namespace

std::unique_ptr<Prepared> onednn_convolution(const PrepareContext& context,
                                             const Problem& problem,
                                             const Convolution& shape) {
  // It divides its work when it is created: the threads first.
  const Library& library = required_library(context);
  library.set_threads(static_cast<int>(context.device->caps().compute_units));
  auto convolving = std::make_shared<Convolving>(library, shape);
  return whole_call(
      context, problem, "onednn convolution",
      [convolving](auto operands) { convolving->run(operands); },
      [convolving](auto operands) { convolving->set_up(operands); });
}

}  // namespace assay::vendor
