// SPDX-License-Identifier: MIT
#include "kernels/vendor/peers.h"

#include "backends/interface/status.h"
#include "kernels/vendor/cuda/driver.h"

namespace assay::vendor {

std::shared_ptr<const cuda::Cublas> open_peer(const std::string& path,
                                              const std::string& hardware) {
  return std::make_shared<cuda::Cublas>(path, hardware);
}

Audit audit_peer(const std::string& path, const std::string& hardware,
                 double peak_gflops) {
  const cuda::Cublas library(path, hardware);
  Audit audit;
  audit.identity = library.identity();
  audit.gflops_one_thread = cuda::sgemm_gflops(library);
  if (peak_gflops > 0) audit.share_of_peak = audit.gflops_one_thread / peak_gflops;
  judge(audit);
  return audit;
}

std::string peer_absent_because(const std::string& hardware) {
  try {
    const cuda::Driver driver(nullptr, hardware);
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace assay::vendor
