// SPDX-License-Identifier: MIT
#include "regression/measure/contestant.h"

namespace assay::measure {

Pass pass_of(Scope scope) noexcept {
  switch (scope) {
    case Scope::kernel:
    case Scope::submit_to_complete:
      return Pass::resident;
    case Scope::with_transfer:
      return Pass::transfer;
    case Scope::cold:
      return Pass::cold;
    case Scope::call:
      return Pass::call;
  }
  return Pass::resident;
}

}  // namespace assay::measure
