// SPDX-License-Identifier: MIT
// Step 2 of matmul_bf16 and matmul_f16: both operands are widened into a workspace,
// then multiplied as f32 by matmul's last step.
//
// What naive wasted: see there; and it widens each number as often as it uses it. What
// this is good for: it needs nothing but f32 arithmetic, and is what a program does
// that has an f32 library only.
//
// Still wasted: the workspaces, of twice the operands' bytes, are written and read once
// more, which is all the time there is when rows are few; and multiply-adds of f32
// where dot products of bf16 pairs pay. Step 3 is packed.cc.
#include <algorithm>
#include <utility>

#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/narrow.h"
#include "kernels/matmul/widening.h"

namespace assay::matmul {
namespace {

// The same product of tight f32 operands.
Params f32_params(const Params& params) {
  Params p = params;
  p.lda = std::max<std::int64_t>(p.a_cols(), 1);
  p.ldb = std::max<std::int64_t>(p.b_cols(), 1);
  return p;
}

class Converted final : public Prepared {
 public:
  Converted(const PrepareContext& context, const Params& p, DType type)
      : multiplies_(multiplies(p)),
        groups_(context.device->caps().compute_units),
        shapes_{{type, selected_isa(), p.a_rows(), p.a_cols(), p.lda},
                {type, selected_isa(), p.b_rows(), p.b_cols(), p.ldb}},
        widen_(create_widening(*context.device, "matmul.converted.widen")),
        product_(packed_prepare(context, MatmulProblem(f32_params(p)))) {
    for (std::size_t i = 0; i < std::size(shapes_); ++i) {
      BufferDesc desc;
      if (multiplies_) {
        desc.bytes =
            static_cast<std::size_t>(shapes_[i].rows * shapes_[i].cols) * sizeof(float);
      }
      desc.label = "widened operand";
      wide_[i] = context.device->create_buffer(desc);
    }
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    for (std::size_t i = 0; multiplies_ && i < std::size(shapes_); ++i) {
      encoder.dispatch(widen_, {groups_, 1, 1}, {operands[i], {wide_[i]}}, shapes_[i]);
    }
    const BufferSlice all[] = {{wide_[kA]}, {wide_[kB]}, operands[kC]};
    product_->record(encoder, all);
  }
  std::size_t workspace_bytes() const noexcept override {
    return wide_[kA]->bytes() + wide_[kB]->bytes() + product_->workspace_bytes();
  }
  std::string configuration() const override {
    return "converted " + product_->configuration();
  }

 private:
  bool multiplies_;
  std::uint32_t groups_;
  WideningShape shapes_[2];
  std::shared_ptr<Kernel> widen_;
  std::unique_ptr<Prepared> product_;
  std::shared_ptr<Buffer> wide_[2];
};

}  // namespace

std::optional<std::string> converted_unsupported(const Problem& problem,
                                                 const Caps& caps) {
  if (storage_of(problem) == DType::f32) return "converts 16-bit storage";
  return packed_unsupported(MatmulProblem(f32_params(params_of(problem))), caps);
}

std::unique_ptr<Prepared> converted_prepare(const PrepareContext& context,
                                            const Problem& problem) {
  require_supported(converted_unsupported(problem, context.device->caps()));
  return std::make_unique<Converted>(context, params_of(problem), storage_of(problem));
}

}  // namespace assay::matmul
