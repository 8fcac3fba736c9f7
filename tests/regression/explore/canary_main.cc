// SPDX-License-Identifier: MIT
// The explorer with an implementation of matmul that computes nothing.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernels/matmul/matmul.h"
#include "regression/explore/explore.h"

namespace assay {
namespace {

class Nothing final : public Prepared {
 public:
  // Writes its output, so that only a comparison can tell.
  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    encoder.fill(operands.back(), 0);
  }
};

std::optional<std::string> supports_all(const Problem&, const Caps&) {
  return std::nullopt;
}

std::unique_ptr<Prepared> prepare_nothing(const PrepareContext&, const Problem&) {
  return std::make_unique<Nothing>();
}

class CanaryMatmul final : public Op {
 public:
  CanaryMatmul() {
    const auto real = matmul::kOp.implementations();
    rows_.assign(real.begin(), real.end());
    rows_.push_back({.name = "computes_nothing",
                     .provider = Provider::custom,
                     .idea = "fills its output with zeros",
                     .library = {},
                     .unsupported = supports_all,
                     .prepare = prepare_nothing});
  }
  std::string_view name() const noexcept override { return matmul::kOp.name(); }
  std::string_view formula() const noexcept override { return matmul::kOp.formula(); }
  std::string_view shape_form() const noexcept override {
    return matmul::kOp.shape_form();
  }
  std::string shape_of_size(std::uint64_t size) const override {
    return matmul::kOp.shape_of_size(size);
  }
  std::unique_ptr<Problem> make_problem(std::string_view shape,
                                        DType type) const override {
    return matmul::kOp.make_problem(shape, type);
  }
  std::span<const Implementation> implementations() const noexcept override {
    return rows_;
  }

 private:
  std::vector<Implementation> rows_;
};

}  // namespace
}  // namespace assay

int main(int argc, char** argv) {
  const assay::CanaryMatmul op;
  const assay::Op* const ops[] = {&op};
  return assay::explore::run_explorer(argc, argv, ops, {});
}
