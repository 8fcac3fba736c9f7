// SPDX-License-Identifier: MIT
// matmul by a vendor library, in the two ways it can be put to work on a device:
//
//   openblas         one call; the library brings its own threads
//   openblas-serial  a serial build, called for tiles of C by our compute units
//
// Both take any library that has cblas_sgemm, OpenBLAS or not. "The library" in a ratio
// is the better of the two: OpenBLAS's own threads pay for a lock and for waking up,
// our partition pays for packing one operand twice.
#ifndef ASSAY_KERNELS_MATMUL_OPENBLAS_H_
#define ASSAY_KERNELS_MATMUL_OPENBLAS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "kernels/common/op.h"

namespace assay::matmul {

// Rows of Implementation: see kernels/common/op.h.
std::optional<std::string> openblas_unsupported(const Problem& problem,
                                                const Caps& caps);
std::unique_ptr<Prepared> openblas_prepare(const PrepareContext& context,
                                           const Problem& problem);
std::optional<std::string> openblas_serial_unsupported(const Problem& problem,
                                                       const Caps& caps);
std::unique_ptr<Prepared> openblas_serial_prepare(const PrepareContext& context,
                                                  const Problem& problem);

// A grid of tiles over C, `rows` x `columns` of them; 0 x 0 when C is empty.
struct Partition {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  friend bool operator==(const Partition&, const Partition&) = default;
};
// The grid that openblas-serial uses for an m x n x k problem on `units` compute units.
Partition choose_partition(std::int64_t m, std::int64_t n, std::int64_t k,
                           std::uint32_t units);
// Where part `index` of `parts` of [0, extent) begins; index == parts gives the end. A
// multiple of `quantum`, but for the end. Grows with `index`; a part may be empty.
std::int64_t part_begin(std::int64_t extent, std::int64_t parts, std::int64_t index,
                        std::int64_t quantum) noexcept;

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_OPENBLAS_H_
