// SPDX-License-Identifier: MIT
// The two ceilings every rate is shown against, measured on the same device and cores:
//   FMA:    f32 multiply-adds from registers, as many as the machine can issue; of ops
//           that multiply bf16, its dot products where it has them and they are faster,
//           and those of whole tiles (AMX), which libraries use;
//           of those that multiply f16, a GPU's matrix units
//   triad:  a[i] = b[i] + s * c[i] over arrays far larger than the last-level cache,
//           counted as 3 * 4 bytes an element (the write-allocate read is not counted)
#ifndef ASSAY_KERNELS_PEAK_PEAK_H_
#define ASSAY_KERNELS_PEAK_PEAK_H_

#include <cstdint>
#include <memory>

#include "backends/interface/device.h"
#include "kernels/common/op.h"

namespace assay::peak {

struct Peaks {
  double fma_gflops = 0;      // all compute units of the device together
  double fma_gflops_one = 0;  // one compute unit
  double triad_gbs = 0;       // all compute units
};

// Measures on `device` with its own command buffers, timed by device timestamps; best
// of several epochs of `epoch_ms` (a ceiling is a maximum). The FMA loop is cut into
// many groups a compute unit where there are several, so that a unit that was away for
// a while does less and not all wait for it. Uses the best ISA of the machine whatever
// ASSAY_ISA says: a peak is the machine's.
Peaks measure_peaks(Device& device, int epochs = 5, double epoch_ms = 10);
// The FMA part alone: cheap enough to repeat inside a session.
double measure_fma_gflops(Device& device, std::uint32_t compute_units, int epochs,
                          double epoch_ms);
// The same for ops that multiply numbers of `type`.
double measure_product_gflops(Device& device, DType type, std::uint32_t compute_units,
                              int epochs, double epoch_ms);

}  // namespace assay::peak

#endif  // ASSAY_KERNELS_PEAK_PEAK_H_
