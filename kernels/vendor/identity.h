// SPDX-License-Identifier: MIT
// What a BLAS library says of itself. CBLAS has no call for that, so each maker's own
// calls are tried; a library without them is "unknown", and judged by its speed alone.
#ifndef ASSAY_KERNELS_VENDOR_IDENTITY_H_
#define ASSAY_KERNELS_VENDOR_IDENTITY_H_

#include <functional>
#include <string>

namespace assay::vendor {

// Empty, or 0, where the library has no such call.
struct Identity {
  std::string requested;      // as asked for: "openblas" or a path
  std::string resolved_path;  // the file that has cblas_sgemm, links resolved
  std::string flavour;        // "OpenBLAS", "BLIS", "unknown"
  std::string version;        // "0.3.21"
  std::string core_name;      // what it dispatched to: "Cooperlake", "skx"
  std::string isa;            // the same as an ISA of kernels/common/isa.h, or empty
  std::string config;         // its configuration string
  std::string threading;      // "pthread", "openmp", "serial", "unknown"
  int threads = 0;            // threads it would use for one call, when it was asked
};

// The library's own calls for its thread count; empty where it has none.
struct ThreadControl {
  std::function<int()> get;
  std::function<void(int)> set;
};

struct Probe {
  Identity identity;  // but for requested and resolved_path
  ThreadControl threads;
  // The integers of its CBLAS are 64 bits wide: calling it through a 32-bit prototype
  // is undefined.
  bool wide_integers = false;
};

// `handle`: of dlopen. Calls into the library, which may initialize itself by that.
Probe probe(void* handle);

}  // namespace assay::vendor

#endif  // ASSAY_KERNELS_VENDOR_IDENTITY_H_
