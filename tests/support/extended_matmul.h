// SPDX-License-Identifier: MIT
// matmul with rows of a test's own behind those of its table.
#ifndef ASSAY_TESTS_SUPPORT_EXTENDED_MATMUL_H_
#define ASSAY_TESTS_SUPPORT_EXTENDED_MATMUL_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/matmul/matmul.h"

namespace assay {

class ExtendedMatmul final : public Op {
 public:
  explicit ExtendedMatmul(std::span<const Implementation> rows) {
    const auto real = matmul::kOp.implementations();
    rows_.assign(real.begin(), real.end());
    rows_.insert(rows_.end(), rows.begin(), rows.end());
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

}  // namespace assay

#endif  // ASSAY_TESTS_SUPPORT_EXTENDED_MATMUL_H_
