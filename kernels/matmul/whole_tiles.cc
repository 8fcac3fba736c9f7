// SPDX-License-Identifier: MIT
#include "kernels/matmul/whole_tiles.h"

#include "kernels/matmul/whole_tiles-inl.h"

namespace assay::matmul {

void multiply_whole_tiles([[maybe_unused]] const WholeTilesArgs& args) noexcept {
#if defined(__x86_64__)
  multiply_whole_tiles_by<TileUnit>(args);
#endif
}

}  // namespace assay::matmul
