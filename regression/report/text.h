// SPDX-License-Identifier: MIT
// Text for reports. Names come from command lines, libraries and files, so all of it is
// made harmless before it is printed; numbers get a unit and as many digits as mean
// something.
#ifndef ASSAY_REGRESSION_REPORT_TEXT_H_
#define ASSAY_REGRESSION_REPORT_TEXT_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "regression/judge/verdict.h"

namespace assay::report {

// One line: white space of any kind becomes a space; control characters (a terminal
// would obey them), marks that turn the writing direction and broken UTF-8 are left
// out.
std::string plain(std::string_view text);
// plain(), and every character that means something to Markdown or HTML is escaped.
std::string markdown(std::string_view text);
// A line of a Markdown table, each cell by markdown().
std::string markdown_line(std::span<const std::string> cells);

// A word as a POSIX shell takes it: quoted when it must be.
std::string shell_quoted(const std::string& word);

std::size_t display_width(std::string_view text) noexcept;  // characters
// The end is cut off for a '~' when longer.
std::string cut(std::string_view text, std::size_t max_width);

std::string format_time(double ns);    // "812.3 ns", "1.234 us", "12.34 ms", "-" for 0
std::string format_rate(double rate);  // "9.87", "98.7", "987", "12345"
std::string format_share(double share);  // of 1, in percent without its sign: "91"
std::string format_error(double error_over_bound);  // "0", "<.01", "0.03", "12", "nan"
std::string format_ratio(double ratio, const judge::Interval& interval);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_TEXT_H_
