// SPDX-License-Identifier: MIT
// The libraries that run beside a GPU (known_peers()), as those who measure see them:
// opened for a device's hardware, audited, or absent for a reason. Ops know what to
// call in them (Implementation::prepare_peer).
#ifndef ASSAY_KERNELS_VENDOR_PEERS_H_
#define ASSAY_KERNELS_VENDOR_PEERS_H_

#include <memory>
#include <string>

#include "kernels/vendor/audit.h"
#include "kernels/vendor/cuda/cublas.h"

namespace assay::vendor {

// Throws as cuda::Cublas does.
std::shared_ptr<const cuda::Cublas> open_peer(const std::string& path,
                                              const std::string& hardware);

// What a file is and how much of the hardware it uses, judged like any library: its
// `gflops_one_thread` is that of one large product on all of the device, and so is
// `peak_gflops`. Throws as open_peer() does.
Audit audit_peer(const std::string& path, const std::string& hardware,
                 double peak_gflops);

// Why this hardware has no peer: one line; empty where nothing but a library is
// missing.
std::string peer_absent_because(const std::string& hardware);

}  // namespace assay::vendor

#endif  // ASSAY_KERNELS_VENDOR_PEERS_H_
