// SPDX-License-Identifier: MIT
#include "tests/regression/report/well_formed_xml.h"

#include <set>
#include <stdexcept>

#include "regression/json/utf8.h"

namespace assay::report {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text), size_(text.size()) {}

  void document() {
    if (rest_.starts_with("<?xml ")) {
      const std::size_t end = rest_.find("?>");
      if (end == rest_.npos) fail("declaration without end");
      rest_.remove_prefix(end + 2);
    }
    blanks();
    element(0);
    blanks();
    if (!rest_.empty()) fail("text after the root");
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw std::runtime_error(problem + " at byte " +
                             std::to_string(size_ - rest_.size()));
  }

  void blanks() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\n'))
      rest_.remove_prefix(1);
  }

  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  void want(std::string_view text) {
    if (!take(text)) fail("expected " + std::string(text));
  }

  std::string name() {
    std::size_t length = 0;
    while (length < rest_.size() &&
           ((rest_[length] >= 'a' && rest_[length] <= 'z') || rest_[length] == '-')) {
      ++length;
    }
    if (length == 0) fail("expected a name");
    std::string result(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return result;
  }

  // Text up to `end`, which is left.
  void characters(char end) {
    while (!rest_.empty() && rest_[0] != end) {
      if (rest_[0] == '<') fail("a < inside of text");
      if (rest_[0] == '&') {
        entity();
        continue;
      }
      std::string_view after = rest_;
      const auto character = json::take_character(after);
      if (!character) fail("broken UTF-8");
      const bool control = *character < 0x20 && *character != '\n';
      if (control || *character == 0xFFFE || *character == 0xFFFF) {
        fail("a character that XML has not");
      }
      rest_ = after;
    }
    if (rest_.empty()) fail("text without end");
  }

  void entity() {
    for (const char* known : {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"}) {
      if (take(known)) return;
    }
    fail("unknown entity");
  }

  void element(int depth) {
    if (depth > 10) fail("too deep");
    want("<");
    const std::string tag = name();
    std::set<std::string> attributes;
    while (rest_.starts_with(' ')) {
      blanks();
      if (!attributes.insert(name()).second) fail("an attribute twice");
      want("=\"");
      characters('"');
      want("\"");
    }
    if (take("/>")) return;
    want(">");
    for (;;) {
      characters('<');
      if (take("</")) break;
      element(depth + 1);
    }
    want(tag);
    want(">");
  }

  std::string_view rest_;
  std::size_t size_;
};

}  // namespace

std::string xml_problem(std::string_view text) {
  try {
    Reader(text).document();
    return "";
  } catch (const std::runtime_error& problem) {
    return problem.what();
  }
}

}  // namespace assay::report
