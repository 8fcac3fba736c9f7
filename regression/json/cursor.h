// SPDX-License-Identifier: MIT
// Typed reading of a JSON document. A cursor knows where it is, so a problem names its
// place: "comparisons[3].processes[0].iterations: expected an unsigned integer, found
// -1".
#ifndef ASSAY_REGRESSION_JSON_CURSOR_H_
#define ASSAY_REGRESSION_JSON_CURSOR_H_

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "regression/json/value.h"

namespace assay::json {

// Refers to a Value that must outlive it. Everything throws Error(bad_file) when the
// document is not as expected.
class Cursor {
 public:
  explicit Cursor(const Value& root) : value_(&root) {}

  const Value& value() const noexcept { return *value_; }
  // "comparisons[3].id"; empty at the root.
  const std::string& path() const noexcept { return path_; }
  [[noreturn]] void fail(std::string_view problem) const;

  // Members of an object. Other members are tolerated, unless only_keys() says no.
  Cursor at(std::string_view key) const;
  std::optional<Cursor> find(std::string_view key) const;
  void only_keys(std::initializer_list<std::string_view> keys) const;
  std::vector<std::pair<std::string, Cursor>> members() const;

  // Elements of an array.
  std::vector<Cursor> items() const;
  std::vector<Cursor> items(std::size_t exactly) const;

  bool as_bool() const;
  const std::string& as_string() const;
  double as_double() const;      // finite; integers are taken
  double as_any_double() const;  // also "inf", "-inf", "nan" (any_double())
  std::uint64_t as_uint64() const;
  std::int64_t as_int64() const;

  // Any integer type, its range checked.
  template <std::integral T>
  T as_integer() const {
    if constexpr (std::unsigned_integral<T>) {
      const std::uint64_t value = as_uint64();
      if (value > std::numeric_limits<T>::max())
        fail_range(std::numeric_limits<T>::max());
      return static_cast<T>(value);
    } else {
      const std::int64_t value = as_int64();
      if (!std::in_range<T>(value)) {
        fail_range(static_cast<std::uint64_t>(std::numeric_limits<T>::max()));
      }
      return static_cast<T>(value);
    }
  }

 private:
  Cursor(const Value& value, std::string path)
      : value_(&value), path_(std::move(path)) {}
  Cursor member(std::string_view key, const Value& value) const;
  template <class T>
  const T& expect(std::string_view what) const;
  [[noreturn]] void fail_type(std::string_view expected) const;
  [[noreturn]] void fail_range(std::uint64_t max) const;

  const Value* value_;
  std::string path_;
};

// The first line of a schema: {"name": ..., "major": ..., "minor": ...}.
Value schema_value(std::string_view name, int major, int minor);
// Refuses another name and another major version; any minor is taken.
void expect_schema(const Cursor& document, std::string_view name, int major);

}  // namespace assay::json

#endif  // ASSAY_REGRESSION_JSON_CURSOR_H_
