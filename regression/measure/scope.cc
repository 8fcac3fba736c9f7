// SPDX-License-Identifier: MIT
#include "regression/measure/scope.h"

namespace assay::measure {

std::string_view to_string(Scope scope) noexcept {
  switch (scope) {
    case Scope::kernel:
      return "kernel";
    case Scope::submit_to_complete:
      return "submit_to_complete";
    case Scope::with_transfer:
      return "with_transfer";
    case Scope::cold:
      return "cold";
    case Scope::call:
      return "call";
  }
  return "unknown";
}

std::optional<Scope> parse_scope(std::string_view name) noexcept {
  for (const Scope scope : kAllScopes) {
    if (to_string(scope) == name) return scope;
  }
  return std::nullopt;
}

}  // namespace assay::measure
