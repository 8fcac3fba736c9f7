// SPDX-License-Identifier: MIT
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

#include "backends/interface/status.h"
#include "regression/json/utf8.h"
#include "regression/json/value.h"

namespace assay::json {
namespace {

bool is_scalar(const Value& value) {
  return value.get_if<Value::Array>() == nullptr &&
         value.get_if<Value::Object>() == nullptr;
}

class Writer {
 public:
  explicit Writer(Layout layout) : pretty_(layout == Layout::pretty) {}

  std::string write(const Value& value) {
    any(value);
    if (pretty_) text_ += '\n';
    return std::move(text_);
  }

 private:
  // A member name or an index, for messages.
  using Step = std::string;

  [[noreturn]] void fail(std::string_view problem) const {
    std::string where;
    for (const Step& step : path_) {
      if (!where.empty() && step.front() != '[') where += '.';
      where += step;
    }
    throw Error(StatusCode::invalid_argument,
                fmt::format("{}{}{}", where, where.empty() ? "" : ": ", problem));
  }

  void any(const Value& value) {
    if (const auto* b = value.get_if<bool>()) {
      text_ += *b ? "true" : "false";
    } else if (const auto* i = value.get_if<std::int64_t>()) {
      text_ += std::to_string(*i);
    } else if (const auto* u = value.get_if<std::uint64_t>()) {
      text_ += std::to_string(*u);
    } else if (const auto* d = value.get_if<double>()) {
      number(*d);
    } else if (const auto* s = value.get_if<std::string>()) {
      string(*s);
    } else if (const auto* a = value.get_if<Value::Array>()) {
      array(*a);
    } else if (const auto* o = value.get_if<Value::Object>()) {
      object(*o);
    } else {
      text_ += "null";
    }
  }

  void number(double value) {
    if (!std::isfinite(value)) fail(fmt::format("{} is not a JSON number", value));
    // The shortest text that reads back to the same bits, in any locale.
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
    const std::string_view shortest(digits.data(),
                                    static_cast<std::size_t>(end - digits.data()));
    text_ += shortest;
    // Without a mark it would read back as an integer.
    if (shortest.find_first_of(".e") == shortest.npos) text_ += ".0";
  }

  void string(std::string_view value) {
    text_ += '"';
    for (const char c : valid_utf8(value)) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        text_ += '\\';
        text_ += c;
      } else if (c == '\n') {
        text_ += "\\n";
      } else if (byte < 0x20 || byte == 0x7F) {
        text_ += fmt::format("\\u{:04x}", byte);
      } else {
        text_ += c;
      }
    }
    text_ += '"';
  }

  void array(const Value::Array& values) {
    const bool one_line = std::ranges::all_of(values, is_scalar);
    enter();
    text_ += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) text_ += one_line && pretty_ ? ", " : ",";
      if (!one_line) new_line();
      path_.push_back(fmt::format("[{}]", i));
      any(values[i]);
      path_.pop_back();
    }
    leave();
    if (!one_line) new_line();
    text_ += ']';
  }

  void object(const Value::Object& members) {
    enter();
    text_ += '{';
    bool first = true;
    for (const auto& [key, value] : members) {
      if (!first) text_ += ',';
      first = false;
      new_line();
      string(key);
      text_ += pretty_ ? ": " : ":";
      path_.push_back(excerpt(key));
      any(value);
      path_.pop_back();
    }
    leave();
    if (!members.empty()) new_line();
    text_ += '}';
  }

  void enter() {
    if (++depth_ > Limits().max_depth) {
      fail(fmt::format("nested deeper than {} levels", Limits().max_depth));
    }
  }
  void leave() { --depth_; }

  void new_line() {
    if (!pretty_) return;
    text_ += '\n';
    text_.append(static_cast<std::size_t>(depth_), ' ');
  }

  bool pretty_;
  int depth_ = 0;
  std::vector<Step> path_;
  std::string text_;
};

}  // namespace

std::string to_text(const Value& value, Layout layout) {
  return Writer(layout).write(value);
}

}  // namespace assay::json
