// SPDX-License-Identifier: MIT
// What the core names of BLAS libraries mean: which instruction set the kernels behind
// a name use.
#ifndef ASSAY_KERNELS_VENDOR_CORE_ISA_H_
#define ASSAY_KERNELS_VENDOR_CORE_ISA_H_

#include <optional>
#include <span>
#include <string_view>

#include "kernels/common/isa.h"

namespace assay::vendor {

struct CoreIsa {
  std::string_view core;  // lower case
  Isa isa;
};

// Names of OpenBLAS (openblas_get_corename) and BLIS (bli_arch_string), which agree
// wherever both have a name.
std::span<const CoreIsa> core_isas() noexcept;

// nullopt for a name the table lacks, as those of other architectures. Upper and lower
// case are the same: OpenBLAS writes "SkylakeX" or "SKYLAKEX", by how it was built.
std::optional<Isa> isa_of_core(std::string_view core) noexcept;

}  // namespace assay::vendor

#endif  // ASSAY_KERNELS_VENDOR_CORE_ISA_H_
