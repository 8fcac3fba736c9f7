// SPDX-License-Identifier: MIT
// mlp by cblas_sgemm of any CBLAS library: the bias is copied into the output and the
// product added to it, which is one pass less than adding the bias afterwards; relu is
// a loop. Weights are packed by the library in each call: it has no way to keep them.
#include <algorithm>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "kernels/common/host_dispatch.h"
#include "kernels/common/split.h"
#include "kernels/mlp/implementations.h"
#include "kernels/mlp/mlp.h"
#include "kernels/vendor/library_calls.h"

namespace assay::mlp {
namespace {

constexpr const char* kName = "cblas_sgemm";
// Columns of OpenBLAS's register tile, and a cache line.
constexpr std::int64_t kQuantum = 16;
constexpr double kLeastPartProducts = 65536;

struct Matrices {
  const float* src = nullptr;
  const float* weights = nullptr;
  const float* bias = nullptr;
  float* dst = nullptr;
};

// Columns [begin, end) of rows x cols sums over depth.
struct Part {
  std::int64_t rows = 0;
  std::int64_t depth = 0;
  std::int64_t cols = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool relu = false;
};

void compute(vendor::SgemmFunction sgemm, const Part& part, const Matrices& x) {
  const std::int64_t width = part.end - part.begin;
  if (part.rows == 0 || width == 0) return;
  const auto narrow = [](std::int64_t value) { return static_cast<int>(value); };
  float* const dst = x.dst + part.begin;
  for (std::int64_t i = 0; i < part.rows; ++i) {
    std::copy_n(x.bias + part.begin, width, dst + i * part.cols);
  }
  if (part.depth > 0) {
    sgemm(vendor::kRowMajor, vendor::kNoTranspose, vendor::kNoTranspose,
          narrow(part.rows), narrow(width), narrow(part.depth), 1.0F, x.src,
          narrow(part.depth), x.weights + part.begin, narrow(part.cols), 1.0F, dst,
          narrow(part.cols));
  }
  if (!part.relu) return;
  for (std::int64_t i = 0; i < part.rows; ++i) {
    float* const row = dst + i * part.cols;
    for (std::int64_t j = 0; j < width; ++j) row[j] = std::max(row[j], 0.0F);
  }
}

Part whole_layer(const Params& p, bool first) {
  const std::int64_t cols = first ? p.hidden : p.out;
  return {p.batch, first ? p.in : p.hidden, cols, 0, cols, first};
}

Matrices matrices(std::span<const BoundRange> operands, std::vector<float>& hidden,
                  bool first) {
  const auto in = [&](std::size_t i) { return operands[i].as<const float>(); };
  if (first) return {in(kX), in(kW1), in(kB1), hidden.data()};
  return {hidden.data(), in(kW2), in(kB2), operands[kY].as<float>()};
}

std::shared_ptr<std::vector<float>> hidden_of(const Params& p) {
  return std::make_shared<std::vector<float>>(
      static_cast<std::size_t>(p.batch * p.hidden));
}

// One layer after the other.
class InTurn final : public Prepared {
 public:
  InTurn(std::unique_ptr<Prepared> first, std::unique_ptr<Prepared> second)
      : first_(std::move(first)), second_(std::move(second)) {}
  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    first_->record(encoder, operands);
    second_->record(encoder, operands);
  }
  std::string configuration() const override { return first_->configuration(); }

 private:
  std::unique_ptr<Prepared> first_;
  std::unique_ptr<Prepared> second_;
};

}  // namespace

std::optional<std::string> openblas_unsupported(const Problem& problem,
                                                const Caps& caps) {
  const Params& p = params_of(problem);
  if (std::max({p.batch, p.in, p.hidden, p.out}) > std::numeric_limits<int>::max()) {
    return "CBLAS takes extents below 2^31";
  }
  return needs_host_kernels(problem, caps);
}

std::unique_ptr<Prepared> openblas_prepare(const PrepareContext& context,
                                           const Problem& problem) {
  require_supported(openblas_unsupported(problem, context.device->caps()));
  const Params p = params_of(problem);
  return vendor::whole_call(
      context, problem, kName,
      [sgemm = vendor::required_library(context).sgemm(), p,
       hidden = hidden_of(p)](std::span<const BoundRange> operands) {
        for (const bool first : {true, false}) {
          compute(sgemm, whole_layer(p, first), matrices(operands, *hidden, first));
        }
      });
}

std::unique_ptr<Prepared> openblas_serial_prepare(const PrepareContext& context,
                                                  const Problem& problem) {
  require_supported(openblas_unsupported(problem, context.device->caps()));
  const Params p = params_of(problem);
  const auto hidden = hidden_of(p);
  const auto layer = [&](bool first) {
    const Part whole = whole_layer(p, first);
    const double of_column = static_cast<double>(
        std::max<std::int64_t>(whole.rows * std::max<std::int64_t>(whole.depth, 1), 1));
    const auto least = static_cast<std::int64_t>(kLeastPartProducts / of_column) + 1;
    const Split split = split_for_units(whole.cols, least, kQuantum,
                                        context.device->caps().compute_units);
    return vendor::partitioned_call(
        context, problem, kName, split.parts,
        [sgemm = vendor::functions_of_units<vendor::SgemmFunction>(context, kName),
         whole, split, first, hidden](std::uint32_t unit, std::uint32_t part,
                                      std::span<const BoundRange> operands) {
          Part mine = whole;
          mine.begin = split.begin(part);
          mine.end = split.end(part, whole.cols);
          compute(sgemm[unit], mine, matrices(operands, *hidden, first));
        });
  };
  return std::make_unique<InTurn>(layer(true), layer(false));
}

}  // namespace assay::mlp
