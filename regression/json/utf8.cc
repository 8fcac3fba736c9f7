// SPDX-License-Identifier: MIT
#include "regression/json/utf8.h"

#include <cstddef>

namespace assay::json {

std::optional<char32_t> take_character(std::string_view& text) noexcept {
  const auto byte = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[i]));
  };
  const char32_t first = byte(0);
  if (first < 0x80) {
    text.remove_prefix(1);
    return first;
  }
  std::size_t length = 0;
  char32_t smallest = 0;  // a longer form than needed is not UTF-8
  char32_t value = 0;
  if ((first & 0xE0U) == 0xC0) {
    length = 2, smallest = 0x80, value = first & 0x1FU;
  } else if ((first & 0xF0U) == 0xE0) {
    length = 3, smallest = 0x800, value = first & 0x0FU;
  } else if ((first & 0xF8U) == 0xF0) {
    length = 4, smallest = 0x10000, value = first & 0x07U;
  }
  bool good = length != 0 && text.size() >= length;
  for (std::size_t i = 1; good && i < length; ++i) {
    good = (byte(i) & 0xC0U) == 0x80;
    value = (value << 6U) | (byte(i) & 0x3FU);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (!good || value < smallest || value > 0x10FFFF || surrogate) {
    text.remove_prefix(1);
    return std::nullopt;
  }
  text.remove_prefix(length);
  return value;
}

std::string valid_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const std::string_view before = text;
    if (take_character(text)) {
      result += before.substr(0, before.size() - text.size());
    } else {
      result += "\xEF\xBF\xBD";
    }
  }
  return result;
}

std::string excerpt(std::string_view text, std::size_t max_bytes) {
  std::string result;
  while (!text.empty()) {
    const std::string_view before = text;
    const std::optional<char32_t> character = take_character(text);
    const bool plain =
        character && *character >= 0x20 && !(*character >= 0x7F && *character < 0xA0);
    const std::string_view bytes =
        plain ? before.substr(0, before.size() - text.size()) : "?";
    if (result.size() + bytes.size() > max_bytes) return result + "...";
    result += bytes;
  }
  return result;
}

}  // namespace assay::json
