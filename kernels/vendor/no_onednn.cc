// SPDX-License-Identifier: MIT
// In the place of onednn.cc where its header is missing.
#include "backends/interface/status.h"
#include "kernels/vendor/onednn.h"

namespace assay::vendor {
namespace {

[[noreturn]] void refuse() {
  throw Error(StatusCode::not_supported,
              "this was built without oneDNN: install libdnnl-dev and build again");
}

}  // namespace

bool built_with_onednn() noexcept { return false; }
std::optional<Probe> probe_onednn(void* /*handle*/) { return std::nullopt; }
SgemmFunction onednn_sgemm(void* /*handle*/) { return nullptr; }

std::unique_ptr<Prepared> onednn_softmax(const PrepareContext& /*context*/,
                                         const Problem& /*problem*/,
                                         std::int64_t /*rows*/, std::int64_t /*cols*/) {
  refuse();
}

std::unique_ptr<Prepared> onednn_layernorm(const PrepareContext& /*context*/,
                                           const Problem& /*problem*/,
                                           std::int64_t /*rows*/, std::int64_t /*cols*/,
                                           float /*epsilon*/) {
  refuse();
}

std::unique_ptr<Prepared> onednn_mlp(const PrepareContext& /*context*/,
                                     const Problem& /*problem*/, std::int64_t /*batch*/,
                                     std::int64_t /*in*/, std::int64_t /*hidden*/,
                                     std::int64_t /*out*/) {
  refuse();
}

std::unique_ptr<Prepared> onednn_convolution(const PrepareContext& /*context*/,
                                             const Problem& /*problem*/,
                                             const Convolution& /*shape*/) {
  refuse();
}

std::unique_ptr<Prepared> onednn_bf16_product(const PrepareContext& /*context*/,
                                              const Problem& /*problem*/,
                                              const Bf16Product& /*shape*/) {
  refuse();
}

}  // namespace assay::vendor
