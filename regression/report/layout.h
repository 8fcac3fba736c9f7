// SPDX-License-Identifier: MIT
// Columns on a terminal.
#ifndef ASSAY_REGRESSION_REPORT_LAYOUT_H_
#define ASSAY_REGRESSION_REPORT_LAYOUT_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "regression/report/cells.h"

namespace assay::report {

inline constexpr std::size_t kMaxColumns = 140;

// Aligned text, every line at most `max_columns` wide as far as the columns that may be
// cut (to no less than 8 characters) allow. Sections share the widths; colour wraps the
// last cell. Each line ends with a newline, none with a space.
std::string lay_out(const std::vector<Column>& columns,
                    std::span<const Section> sections, bool color,
                    std::size_t max_columns = kMaxColumns);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_LAYOUT_H_
