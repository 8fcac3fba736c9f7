// SPDX-License-Identifier: MIT
// Compiled in place of tbb_executor.cc when built without TBB.
#include "backends/vgpu/executor.h"

namespace assay::vgpu {

std::unique_ptr<Executor> make_tbb_executor() { return nullptr; }

}  // namespace assay::vgpu
