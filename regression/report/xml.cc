// SPDX-License-Identifier: MIT
#include "regression/report/xml.h"

#include <fmt/core.h>

#include "regression/json/utf8.h"
#include "regression/report/text.h"

namespace assay::report {
namespace {

std::string_view entity_of(char32_t character) {
  switch (character) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&apos;";
    default:
      return {};
  }
}

}  // namespace

std::string xml(std::string_view text) {
  const std::string harmless = plain(text);
  std::string result;
  for (std::string_view rest = harmless; !rest.empty();) {
    const std::string_view before = rest;
    const char32_t character = json::take_character(rest).value_or(0xFFFF);
    if (character == 0xFFFE || character == 0xFFFF) continue;
    if (const std::string_view entity = entity_of(character); !entity.empty()) {
      result += entity;
    } else {
      result += before.substr(0, before.size() - rest.size());
    }
  }
  return result;
}

std::string xml_attribute(std::string_view name, std::string_view value) {
  return fmt::format(" {}=\"{}\"", name, xml(value));
}

}  // namespace assay::report
