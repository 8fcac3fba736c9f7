// SPDX-License-Identifier: MIT
// The explorer with an implementation of matmul that computes nothing.
#include <memory>
#include <optional>
#include <string>

#include "kernels/matmul/matmul.h"
#include "regression/explore/explore.h"
#include "tests/support/extended_matmul.h"

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

const Implementation kNothing[] = {{.name = "computes_nothing",
                                    .provider = Provider::custom,
                                    .idea = "fills its output with zeros",
                                    .library = {},
                                    .unsupported = supports_all,
                                    .prepare = prepare_nothing}};

}  // namespace
}  // namespace assay

int main(int argc, char** argv) {
  const assay::ExtendedMatmul op(assay::kNothing);
  const assay::Op* const ops[] = {&op};
  return assay::explore::run_explorer(argc, argv, ops, {});
}
