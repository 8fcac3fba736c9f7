// SPDX-License-Identifier: MIT
// Columns on a terminal, and the head of a Markdown table.
#ifndef ASSAY_REGRESSION_REPORT_LAYOUT_H_
#define ASSAY_REGRESSION_REPORT_LAYOUT_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "regression/report/cells.h"

namespace assay::report {

inline constexpr std::size_t kMaxColumns = 140;

// Aligned text. Sections share the widths; colour wraps the last cell. Each line ends
// with a newline, none with a space. What is wider than `max_columns` gets narrow gaps,
// then its first column, the case, on lines of their own (a name that is cut could be
// another's), then loses the ends of cells in columns that may be cut, down to 8
// characters.
std::string lay_out(const std::vector<Column>& columns,
                    std::span<const Section> sections, bool color,
                    std::size_t max_columns = kMaxColumns);

// The first two lines of a Markdown table; the others are markdown_line()'s (text.h).
std::string markdown_head(std::span<const Column> columns);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_LAYOUT_H_
