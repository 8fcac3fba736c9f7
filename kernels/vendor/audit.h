// SPDX-License-Identifier: MIT
// Is the library at its best? "Faster than the library" means nothing when the library
// runs another decade's kernels.
#ifndef ASSAY_KERNELS_VENDOR_AUDIT_H_
#define ASSAY_KERNELS_VENDOR_AUDIT_H_

#include <string>

#include "kernels/common/sanitized.h"
#include "kernels/vendor/library.h"

namespace assay::vendor {

// Below this share of the measured FMA peak of one core, at kAuditSize cubed on one
// thread, a library is impaired whatever it says of itself. Honest libraries on the
// machines tried reach 0.67 (oneDNN 2.6.3) to 0.95; the impaired ones 0.15 (BLIS on
// generic kernels) to 0.49 (OpenBLAS held to AVX2).
inline constexpr double kFloorOfPeak = 0.55;
inline constexpr int kAuditSize = 512;

// Whether a library can be told impaired by its speed. With a sanitizer its allocations
// and locks are the sanitizer's: an OpenBLAS of 0.70 had 0.36 to 0.56 under
// ThreadSanitizer.
inline constexpr bool kSpeedTells = !kSanitized;

struct Audit {
  Identity identity;
  std::string host_isa;   // best ISA of this machine with kernels here
  std::string forced_by;  // variable of this process that picks the kernels, if set
  double gflops_one_thread = 0;  // best of several sgemm calls at kAuditSize
  double share_of_peak = 0;      // of the peak given to audit(); 0 when none was given
  bool computed = true;  // what it returned there was looked at, and is the product
  bool impaired = false;
  std::string reason;  // one line when impaired: cause and cure
};

// Times the library on one thread (restoring its thread count) and compares it with the
// machine. `peak_gflops_one_core`: measured FMA peak of one core, 0 to skip the floor.
// Takes some 20 ms with a good library, half a second to two with a slow one. A library
// without a call for its threads is timed with those it has, which can only flatter it.
//
// A result that is wrong here makes it impaired too, and leaves gflops and share 0: a
// library that returns without computing would reach thousands of times the peak.
Audit audit(const Library& library, double peak_gflops_one_core);

// The judgement alone, for tests: fills impaired and reason from the other fields.
void judge(Audit& audit, double floor_of_peak = kFloorOfPeak);

}  // namespace assay::vendor

#endif  // ASSAY_KERNELS_VENDOR_AUDIT_H_
