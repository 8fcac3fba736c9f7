// SPDX-License-Identifier: MIT
// What stands between a caller and a Prepared: are these the operands of its problem?
#include <utility>

#include "backends/interface/status.h"
#include "backends/runtime/command_checks.h"
#include "kernels/common/op.h"

namespace assay {
namespace {

class CheckedPrepared final : public Prepared {
 public:
  CheckedPrepared(std::unique_ptr<Prepared> inner, const Problem& problem,
                  const Limits& limits)
      : inner_(std::move(inner)),
        limits_(limits),
        op_(problem.op()),
        operands_(problem.operands().begin(), problem.operands().end()),
        output_(problem.output()) {}

  void record_setup(CommandEncoder& encoder,
                    std::span<const BufferSlice> slices) const override {
    check_count(slices);
    // It reads nothing else: the others may not be there yet.
    for (std::size_t i = 0; i < slices.size(); ++i) {
      if (operands_[i].constant) place(i, slices[i]);
    }
    inner_->record_setup(encoder, slices);
  }
  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> slices) const override {
    check(slices);
    inner_->record(encoder, slices);
  }
  std::size_t workspace_bytes() const noexcept override {
    return inner_->workspace_bytes();
  }
  std::string configuration() const override { return inner_->configuration(); }

 private:
  void check_count(std::span<const BufferSlice> slices) const {
    if (slices.size() == operands_.size()) return;
    invalid(op_ + " has " + std::to_string(operands_.size()) + " operands; " +
            std::to_string(slices.size()) + " were given");
  }

  void check(std::span<const BufferSlice> slices) const {
    check_count(slices);
    const BufferSlice& out = slices[output_];
    const SliceRange written = place(output_, out);
    for (std::size_t i = 0; i < slices.size(); ++i) {
      const SliceRange here = place(i, slices[i]);
      if (i == output_ || slices[i].buffer != out.buffer) continue;
      if (overlap(here, written)) {
        invalid(name(output_) + " overlaps " + operands_[i].name +
                ": a result must not lie where an input does");
      }
    }
  }

  // What the encoder would refuse is refused here: of several dispatches the first
  // would be recorded when the second meets the slice.
  SliceRange place(std::size_t i, const BufferSlice& slice) const {
    const SliceRange range = runtime::check_bindable(slice, limits_, name(i));
    if (range.bytes != operands_[i].bytes()) {
      invalid(name(i) + " has " + std::to_string(operands_[i].bytes()) +
              " bytes; the slice has " + std::to_string(range.bytes));
    }
    return range;
  }

  std::string name(std::size_t i) const { return op_ + ": " + operands_[i].name; }

  std::unique_ptr<Prepared> inner_;
  Limits limits_;
  std::string op_;
  std::vector<Operand> operands_;
  std::size_t output_;
};

}  // namespace

std::unique_ptr<Prepared> PrepareFunction::operator()(const PrepareContext& context,
                                                      const Problem& problem) const {
  if (context.device == nullptr) invalid("prepare: no device");
  return std::make_unique<CheckedPrepared>(function_(context, problem), problem,
                                           context.device->caps().limits);
}

}  // namespace assay
