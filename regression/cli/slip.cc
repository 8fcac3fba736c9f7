// SPDX-License-Identifier: MIT
#include "regression/cli/slip.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace assay::cli {
namespace {

// Levenshtein's, row by row.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string meant(std::string_view word, std::span<const std::string> known) {
  constexpr std::size_t kMost = 2;
  constexpr std::size_t kLongest = 64;  // no name is; a word of a megabyte may be typed
  if (word.size() > kLongest) return {};
  std::string nearest;
  std::size_t best = std::min(kMost + 1, (word.size() + 1) / 2);
  for (const std::string& name : known) {
    const std::size_t away = distance(word, name);
    if (away >= best) continue;
    best = away;
    nearest = name;
  }
  return nearest;
}

}  // namespace assay::cli
