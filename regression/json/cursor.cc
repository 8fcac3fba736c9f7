// SPDX-License-Identifier: MIT
#include "regression/json/cursor.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "backends/interface/status.h"
#include "regression/json/utf8.h"

namespace assay::json {
namespace {

// A scalar as it is written, a container by its type: "found -1", "found an array".
std::string shown(const Value& value) {
  const bool container = value.get_if<Value::Array>() != nullptr ||
                         value.get_if<Value::Object>() != nullptr;
  if (container) return std::string(value.type_name());
  return excerpt(to_text(value, Layout::line), 40);
}

}  // namespace

std::string_view Value::type_name() const noexcept {
  static constexpr std::string_view kNames[] = {
      "null",     "a boolean", "a negative integer", "an unsigned integer",
      "a number", "a string",  "an array",           "an object"};
  return kNames[data_.index()];
}

Value any_double(double value) {
  if (std::isfinite(value)) return value;
  if (std::isnan(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

void Cursor::fail(std::string_view problem) const {
  throw Error(StatusCode::bad_file,
              fmt::format("{}: {}", path_.empty() ? "document" : path_, problem));
}

void Cursor::fail_type(std::string_view expected) const {
  fail(fmt::format("expected {}, found {}", expected, shown(*value_)));
}

void Cursor::fail_range(std::uint64_t max) const {
  fail(fmt::format("{} is out of range (largest: {})", shown(*value_), max));
}

template <class T>
const T& Cursor::expect(std::string_view what) const {
  const T* value = value_->get_if<T>();
  if (value == nullptr) fail_type(what);
  return *value;
}

Cursor Cursor::member(std::string_view key, const Value& value) const {
  const std::string name = excerpt(key);
  return {value, path_.empty() ? name : path_ + "." + name};
}

std::optional<Cursor> Cursor::find(std::string_view key) const {
  const auto& object = expect<Value::Object>("an object");
  const auto found = object.find(key);
  if (found == object.end()) return std::nullopt;
  return member(key, found->second);
}

Cursor Cursor::at(std::string_view key) const {
  std::optional<Cursor> found = find(key);
  if (!found) fail(fmt::format("a member \"{}\" is missing", key));
  return *std::move(found);
}

void Cursor::only_keys(std::initializer_list<std::string_view> keys) const {
  for (const auto& [key, value] : expect<Value::Object>("an object")) {
    if (std::ranges::find(keys, key) == keys.end()) {
      fail(fmt::format("unknown member \"{}\"", excerpt(key)));
    }
  }
}

std::vector<std::pair<std::string, Cursor>> Cursor::members() const {
  std::vector<std::pair<std::string, Cursor>> result;
  for (const auto& [key, value] : expect<Value::Object>("an object")) {
    result.emplace_back(key, member(key, value));
  }
  return result;
}

std::vector<Cursor> Cursor::items() const {
  const auto& array = expect<Value::Array>("an array");
  std::vector<Cursor> result;
  result.reserve(array.size());
  for (std::size_t i = 0; i < array.size(); ++i) {
    result.push_back(Cursor(array[i], fmt::format("{}[{}]", path_, i)));
  }
  return result;
}

std::vector<Cursor> Cursor::items(std::size_t exactly) const {
  const std::size_t found = expect<Value::Array>("an array").size();
  if (found != exactly)
    fail(fmt::format("expected {} elements, found {}", exactly, found));
  return items();
}

bool Cursor::as_bool() const { return expect<bool>("a boolean"); }

const std::string& Cursor::as_string() const { return expect<std::string>("a string"); }

double Cursor::as_double() const {
  if (const auto* value = value_->get_if<std::uint64_t>()) {
    return static_cast<double>(*value);
  }
  if (const auto* value = value_->get_if<std::int64_t>()) {
    return static_cast<double>(*value);
  }
  return expect<double>("a number");
}

double Cursor::as_any_double() const {
  if (const auto* text = value_->get_if<std::string>()) {
    if (*text == "inf") return std::numeric_limits<double>::infinity();
    if (*text == "-inf") return -std::numeric_limits<double>::infinity();
    if (*text == "nan") return std::numeric_limits<double>::quiet_NaN();
    fail_type("a number, \"inf\", \"-inf\" or \"nan\"");
  }
  return as_double();
}

std::uint64_t Cursor::as_uint64() const {
  return expect<std::uint64_t>("an unsigned integer");
}

std::int64_t Cursor::as_int64() const {
  if (const auto* value = value_->get_if<std::uint64_t>()) {
    if (!std::in_range<std::int64_t>(*value)) {
      fail_range(std::numeric_limits<std::int64_t>::max());
    }
    return static_cast<std::int64_t>(*value);
  }
  return expect<std::int64_t>("an integer");
}

Value schema_value(std::string_view name, int major, int minor) {
  return Value::Object{{"name", name}, {"major", major}, {"minor", minor}};
}

void expect_schema(const Cursor& document, std::string_view name, int major) {
  const Cursor schema = document.at("schema");
  const Cursor found_name = schema.at("name");
  if (found_name.as_string() != name) {
    found_name.fail(fmt::format("expected \"{}\", found \"{}\"", name,
                                excerpt(found_name.as_string())));
  }
  const Cursor found_major = schema.at("major");
  if (found_major.as_uint64() != static_cast<std::uint64_t>(major)) {
    found_major.fail(fmt::format("version {} of {}; this program reads version {}",
                                 found_major.as_uint64(), name, major));
  }
  (void)schema.at("minor").as_uint64();
}

}  // namespace assay::json
