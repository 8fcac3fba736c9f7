// SPDX-License-Identifier: MIT
#include "kernels/common/shape_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include "backends/interface/status.h"
#include "kernels/common/checked_math.h"

namespace assay {
namespace {

constexpr std::int64_t kMaxExtent = 0x7fffffff;

// Takes the text up to `separator` (or the end) off the front.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t length = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, length);
  text.remove_prefix(std::min(length + 1, text.size()));
  return part;
}

}  // namespace

ShapeText::ShapeText(std::string_view op, std::string_view form, std::string_view shape)
    : op_(op), form_(form), shape_(shape) {
  std::string_view rest = shape;
  extents_ = take(rest, ':');
  if (shape.ends_with(':')) refuse("it ends in ':'");
  while (!rest.empty()) {
    const std::string_view part = take(rest, ':');
    const std::size_t equals = std::min(part.find('='), part.size());
    Option option{part.substr(0, equals), std::nullopt};
    if (equals < part.size()) option.value = part.substr(equals + 1);
    options_.push_back(option);
  }
}

void ShapeText::refuse(const std::string& why) const {
  throw Error(StatusCode::invalid_argument, std::string(op_) + " shape \"" +
                                                std::string(shape_) + "\": " + why +
                                                "; expected " + std::string(form_));
}

std::int64_t ShapeText::number(std::string_view name, std::string_view text,
                               std::int64_t least) const {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error == std::errc::invalid_argument || rest != end) {
    refuse(std::string(name) + " is not a number: \"" + std::string(text) + "\"");
  }
  if (error == std::errc::result_out_of_range || value > kMaxExtent) {
    refuse(std::string(name) + " is above 2147483647");
  }
  if (value < least) {
    refuse(std::string(name) + " is below " + std::to_string(least));
  }
  return value;
}

std::vector<std::int64_t> ShapeText::extents(
    std::initializer_list<std::string_view> names) {
  const auto separators = std::count(extents_.begin(), extents_.end(), 'x');
  if (static_cast<std::size_t>(separators) + 1 != names.size()) {
    refuse("it does not start with " + std::to_string(names.size()) +
           (names.size() == 1 ? " extent" : " extents"));
  }
  std::vector<std::int64_t> values;
  std::string_view rest = extents_;
  for (const std::string_view name : names) {
    values.push_back(number(name, take(rest, 'x'), 0));
  }
  return values;
}

std::optional<std::string_view> ShapeText::value_of(std::string_view key) {
  std::optional<std::string_view> found;
  for (Option& option : options_) {
    if (option.key != key) continue;
    if (found) refuse(std::string(key) + " is given twice");
    if (!option.value) refuse(std::string(key) + " has no value");
    option.used = true;
    found = option.value;
  }
  return found;
}

std::optional<float> ShapeText::scalar(std::string_view key) {
  const auto text = value_of(key);
  if (!text) return std::nullopt;
  float value = 0;
  const char* const end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, value);
  if (text->empty() || error != std::errc() || rest != end || !std::isfinite(value)) {
    refuse(std::string(key) + " is not a finite f32: \"" + std::string(*text) + "\"");
  }
  return value;
}

std::optional<std::int64_t> ShapeText::integer(std::string_view key,
                                               std::int64_t least) {
  const auto text = value_of(key);
  if (!text) return std::nullopt;
  return number(key, *text, least);
}

std::optional<std::size_t> ShapeText::word(
    std::initializer_list<std::string_view> words) {
  std::optional<std::size_t> found;
  for (Option& option : options_) {
    const auto* const at = std::find(words.begin(), words.end(), option.key);
    if (at == words.end()) continue;
    if (option.value) refuse(std::string(option.key) + " takes no value");
    if (found) refuse("an option is given twice");
    option.used = true;
    found = static_cast<std::size_t>(at - words.begin());
  }
  return found;
}

void ShapeText::finish() const {
  for (const Option& option : options_) {
    if (!option.used) refuse("unknown part \"" + std::string(option.key) + "\"");
  }
}

void ShapeText::require_bytes(std::string_view name, std::int64_t rows,
                              std::int64_t cols) const {
  const std::optional<std::int64_t> elements = checked_multiply(rows, cols);
  if (!elements || !checked_multiply(*elements, sizeof(float))) {
    refuse("the byte count of " + std::string(name) + " overflows");
  }
}

std::string shape_number(float value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc() ? std::string(text, end) : std::string("?");
}

}  // namespace assay
