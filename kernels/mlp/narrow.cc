// SPDX-License-Identifier: MIT
// The step for devices that run device code: shaders/layer.comp twice, recorded into
// one command buffer, bias and ReLU in it. What a small batch costs is launching, so
// there are two dispatches and nothing else.
//
// Still wasted: a large batch reads the weights once for every 8 rows, where a tile of
// matmul's would read them once for 128.
#include <cstdint>
#include <initializer_list>

#include "kernels/common/checked_math.h"
#include "kernels/common/device_dispatch.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/mlp/implementations.h"
#include "kernels/mlp/mlp.h"
#include "kernels/mlp/shaders/layer.comp.h"

namespace assay::mlp {
namespace {

// ROWS and COLS of the shader, and its group-local memory.
constexpr std::int64_t kRows = 8;
constexpr std::int64_t kCols = 16;
constexpr std::size_t kLocalBytes = std::size_t{32} * kRows * kCols * 4;

struct Constants {
  std::uint32_t m;
  std::uint32_t n;
  std::uint32_t k;
};

// m x n of k terms each.
class Layer {
 public:
  Layer(Device& device, std::int64_t m, std::int64_t n, std::int64_t k, bool relu)
      : constants_{static_cast<std::uint32_t>(m), static_cast<std::uint32_t>(n),
                   static_cast<std::uint32_t>(k)},
        groups_{static_cast<std::uint32_t>(divide_up(n, kCols)),
                static_cast<std::uint32_t>(divide_up(m, kRows)), 1},
        wide_(binds_vectors(device.caps()) && n % 4 == 0 && k % 4 == 0) {
    KernelDesc desc;
    desc.name = "mlp.narrow";
    desc.bindings = {Access::read, Access::read, Access::read, Access::write};
    desc.constants_bytes = sizeof(Constants);
    desc.local_bytes = kLocalBytes;
    const std::span<const std::uint32_t> code = layer_comp;
    desc.device_code.assign(code.begin(), code.end());
    desc.specialization = {relu ? 1U : 0U, wide_ ? 1U : 0U};
    kernel_ = device.create_kernel(desc);
  }
  void record(CommandEncoder& encoder,
              std::initializer_list<BufferSlice> operands) const {
    encoder.dispatch(kernel_, groups_,
                     std::span<const BufferSlice>(operands.begin(), operands.size()),
                     std::as_bytes(std::span(&constants_, 1)));
  }
  const char* text() const { return wide_ ? "wide" : "guarded"; }

 private:
  Constants constants_;
  Dim3 groups_;
  bool wide_;
  std::shared_ptr<Kernel> kernel_;
};

class Narrow final : public Prepared {
 public:
  Narrow(Device& device, const Params& p)
      : first_(device, p.batch, p.hidden, p.in, true),
        second_(device, p.batch, p.out, p.hidden, false),
        hidden_(device.create_buffer(
            {static_cast<std::size_t>(p.batch * p.hidden) * sizeof(float),
             MemoryKind::device, "mlp hidden values"})) {}

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    const BufferSlice hidden{hidden_};
    first_.record(encoder, {operands[kX], operands[kW1], operands[kB1], hidden});
    second_.record(encoder, {hidden, operands[kW2], operands[kB2], operands[kY]});
  }
  std::size_t workspace_bytes() const noexcept override { return hidden_->bytes(); }
  std::string configuration() const override {
    return std::string("layers=") + first_.text() + "," + second_.text();
  }

 private:
  Layer first_;
  Layer second_;
  std::shared_ptr<Buffer> hidden_;
};

}  // namespace

std::optional<std::string> narrow_unsupported(const Problem& problem,
                                              const Caps& caps) {
  if (auto reason = needs_device_kernels(problem, caps, layer_comp)) return reason;
  const Params& p = params_of(problem);
  const std::int64_t most = caps.limits.max_groups_per_dimension;
  if (divide_up(p.hidden, kCols) > most || divide_up(p.out, kCols) > most ||
      divide_up(p.batch, kRows) > most) {
    return "more tiles than the device takes groups in a dimension";
  }
  return std::nullopt;
}

std::unique_ptr<Prepared> narrow_prepare(const PrepareContext& context,
                                         const Problem& problem) {
  require_supported(narrow_unsupported(problem, context.device->caps()));
  return std::make_unique<Narrow>(*context.device, params_of(problem));
}

}  // namespace assay::mlp
