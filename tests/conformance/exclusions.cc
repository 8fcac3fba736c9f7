// SPDX-License-Identifier: MIT
#include "tests/conformance/exclusions.h"

namespace assay::conformance {

bool matches_pattern(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  const std::string_view head = pattern.substr(0, star);
  const std::string_view tail = pattern.substr(star + 1);
  return text.size() >= head.size() + tail.size() && text.starts_with(head) &&
         text.ends_with(tail);
}

const Exclusion* find_exclusion(std::span<const Exclusion> rows,
                                std::string_view device, std::string_view test) {
  for (const Exclusion& row : rows) {
    if (matches_pattern(row.devices, device) && matches_pattern(row.test, test)) {
      return &row;
    }
  }
  return nullptr;
}

}  // namespace assay::conformance
