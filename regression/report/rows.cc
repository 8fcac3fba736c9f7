// SPDX-License-Identifier: MIT
#include "regression/report/rows.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace assay::report {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes the leading run of digits, without its leading zeros.
std::string_view take_number(std::string_view& text) {
  while (text.size() > 1 && text[0] == '0' && is_digit(text[1])) text.remove_prefix(1);
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  const std::string_view number = text.substr(0, length);
  text.remove_prefix(length);
  return number;
}

// Negative, zero or positive, as in strcmp.
int natural_compare(std::string_view a, std::string_view b) noexcept {
  while (!a.empty() && !b.empty()) {
    if (is_digit(a[0]) && is_digit(b[0])) {
      const std::string_view x = take_number(a);
      const std::string_view y = take_number(b);
      if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
      if (x != y) return x < y ? -1 : 1;
    } else {
      if (a[0] != b[0]) return a[0] < b[0] ? -1 : 1;
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  if (a.empty() != b.empty()) return a.empty() ? -1 : 1;
  return 0;
}

// Everything but the library.
int compare_cases(const measure::Comparison& a, const measure::Comparison& b) {
  const std::pair<std::string_view, std::string_view> names[] = {
      {a.op, b.op},
      {a.dtype, b.dtype},
      {a.device, b.device},
      {a.shape, b.shape},
      {a.custom.implementation, b.custom.implementation},
      {a.data, b.data}};
  for (const auto& [x, y] : names) {
    if (const int order = natural_compare(x, y); order != 0) return order;
    // Equal by value and yet other text ("08", "8"): still two cases.
    if (const int order = x.compare(y); order != 0) return order;
  }
  const auto numbers = [](const measure::Comparison& c) {
    return std::tuple(c.compute_units, c.seed, c.custom_scope, c.library_scope);
  };
  if (numbers(a) != numbers(b)) return numbers(a) < numbers(b) ? -1 : 1;
  return 0;
}

Group to_group(std::span<const Row* const> rows) {
  std::vector<judge::Judged> judged;
  judged.reserve(rows.size());
  for (const Row* row : rows) judged.push_back(row->judged);
  const std::size_t best = judge::best_library(judged);
  Group group{.quoted = rows[best], .others = {}};
  for (const Row* row : rows) {
    if (row != group.quoted) group.others.push_back(row);
  }
  return group;
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) noexcept {
  return natural_compare(a, b) < 0;
}

std::vector<Row> judge_all(const measure::Results& results, const judge::Rules& rules) {
  std::vector<Row> rows;
  rows.reserve(results.comparisons.size());
  for (const measure::Comparison& comparison : results.comparisons) {
    const judge::Judged judged = judge::judge(comparison, rules);
    rows.push_back({&comparison, judged, roof_of(comparison, judged, results.machine)});
  }
  return rows;
}

std::vector<Group> group_rows(std::span<const Row> rows) {
  std::vector<const Row*> sorted;
  sorted.reserve(rows.size());
  for (const Row& row : rows) sorted.push_back(&row);
  std::ranges::stable_sort(sorted, [](const Row* a, const Row* b) {
    return compare_cases(*a->comparison, *b->comparison) < 0;
  });

  std::vector<Group> groups;
  for (std::size_t begin = 0; begin < sorted.size();) {
    std::size_t end = begin + 1;
    while (end < sorted.size() &&
           compare_cases(*sorted[begin]->comparison, *sorted[end]->comparison) == 0) {
      ++end;
    }
    groups.push_back(to_group(std::span(sorted).subspan(begin, end - begin)));
    begin = end;
  }
  return groups;
}

int exit_code_of(std::span<const Row> rows, bool strict, bool require_baseline) {
  if (rows.empty()) return judge::exit_code::kUsage;
  int result = judge::exit_code::kPass;
  for (const Group& group : group_rows(rows)) {
    result = judge::worse(result, judge::exit_code_of(group.quoted->judged.verdict,
                                                      strict, require_baseline));
    for (const Row* other : group.others) {
      const int code =
          judge::exit_code_of(other->judged.verdict, strict, require_baseline);
      if (code == judge::exit_code::kWrong) result = judge::worse(result, code);
    }
  }
  return result;
}

}  // namespace assay::report
