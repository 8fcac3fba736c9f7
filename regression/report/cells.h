// SPDX-License-Identifier: MIT
// What stands in the columns of a table, whoever draws it.
#ifndef ASSAY_REGRESSION_REPORT_CELLS_H_
#define ASSAY_REGRESSION_REPORT_CELLS_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "regression/report/rows.h"

namespace assay::report {

enum class Align : std::uint8_t { left, right };
struct Column {
  std::string title;
  Align align = Align::left;
  bool cuttable = false;  // may lose its end when the line is too long
};

// How a verdict is meant, for colour.
enum class Tone : std::uint8_t { plain, good, doubtful, bad };

struct Line {
  std::vector<std::string> cells;  // one a column, plain()
  Tone tone = Tone::plain;         // of the last cell, the verdict
};

// Lines with the same op, type, device and data.
struct Section {
  std::string title;  // "matmul f32 on vgpu://?cus=2, 2 compute units, data uniform"
  std::vector<Line> lines;
};

std::vector<Column> columns(double confidence);
std::vector<Section> sections(std::span<const Group> groups);

// Whether a rate is shown in bytes that cannot be avoided, and not in operations: of
// what stands under the triad, so that rate and roof can be compared; and with less
// than one operation a byte of what is in cache as well, since machines balance at five
// and more.
bool shows_bytes(const Row& row);

// "faster", "cannot tell", "WRONG RESULT".
std::string verdict_text(const judge::Judged& judged);
Tone verdict_tone(const judge::Judged& judged);

// One line for each row that did not simply pass, quoted or not, and for each with
// dropped blocks: "<row id>: WRONG RESULT: <reason>".
std::vector<std::string> problems(std::span<const Group> groups);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_CELLS_H_
