// SPDX-License-Identifier: MIT
// Rows of figures: printed for a person as they come, and kept as lines of JSON.
#ifndef TESTS_VULKAN_FIGURE_ROWS_H_
#define TESTS_VULKAN_FIGURE_ROWS_H_

#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

#include "backends/interface/status.h"

namespace assay::figures {

// One figure: names and values, in the order they are given. Text must need no escapes.
class Row {
 public:
  explicit Row(std::string_view figure) { text("figure", figure); }
  Row& text(std::string_view name, std::string_view value) {
    return add(name, "\"" + std::string(value) + "\"");
  }
  Row& number(std::string_view name, double value) {
    char digits[32];
    std::snprintf(digits, sizeof(digits), "%.6g", value);
    return add(name, std::isfinite(value) ? digits : "null");
  }
  const std::string& json() const noexcept { return json_; }

 private:
  Row& add(std::string_view name, const std::string& value) {
    json_ += json_.empty() ? "" : ", ";
    json_.append("\"").append(name).append("\": ").append(value);
    return *this;
  }
  std::string json_;
};

class Rows {
 public:
  // Writes each row when it comes: what was measured outlives a run that is cut short.
  // Without a path they are only printed. Throws unavailable.
  explicit Rows(const std::string& path) {
    if (path.empty()) return;
    file_.open(path);
    if (!file_) throw Error(StatusCode::unavailable, "cannot write " + path);
  }
  // A JSON object a line.
  void add(const Row& row) {
    std::printf("{%s}\n", row.json().c_str());
    std::fflush(stdout);
    if (file_.is_open()) file_ << "{" << row.json() << "}" << std::endl;
  }

 private:
  std::ofstream file_;
};

}  // namespace assay::figures

#endif  // TESTS_VULKAN_FIGURE_ROWS_H_
