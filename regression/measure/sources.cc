// SPDX-License-Identifier: MIT
#include "regression/measure/build_info.h"

namespace assay::measure {
namespace {

// Function-local: kBuildCommit is initialised in another file.
Sources& stored() noexcept {
  static Sources value{kBuildCommit, kBuildType};
  return value;
}

}  // namespace

Sources sources() noexcept { return stored(); }
void set_sources(const Sources& own) noexcept { stored() = own; }

}  // namespace assay::measure
