// SPDX-License-Identifier: MIT
// JSON, strictly: what cannot be trusted does not get in, and what could not be read
// back does not get out. The parser refuses over-long, over-deep and over-large
// documents, duplicate keys, NaN, numbers out of range, invalid UTF-8 and trailing
// text, while it reads; nothing recurses deeper than Limits::max_depth.
#ifndef ASSAY_REGRESSION_JSON_VALUE_H_
#define ASSAY_REGRESSION_JSON_VALUE_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace assay::json {

template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool>;

// A JSON value. Integers are kept apart from floating point, so a seed or a count is
// never rounded; a non-negative integer is always held as std::uint64_t, so equal
// numbers compare equal. Objects are sorted by key: the same content is the same text.
class Value {
 public:
  using Array = std::vector<Value>;
  using Object = std::map<std::string, Value, std::less<>>;

  Value() noexcept = default;  // null
  // Implicit, so that a document can be written down as a list of its members.
  // NOLINTBEGIN(google-explicit-constructor)
  Value(bool value) noexcept : data_(value) {}
  Value(double value) noexcept : data_(value) {}
  template <Integer T>
  Value(T value) noexcept {
    if (std::cmp_less(value, 0)) {
      data_ = static_cast<std::int64_t>(value);
    } else {
      data_ = static_cast<std::uint64_t>(value);
    }
  }
  Value(std::string value) noexcept : data_(std::move(value)) {}
  Value(std::string_view value) : data_(std::string(value)) {}
  Value(const char* value) : data_(std::string(value)) {}
  Value(Array value) noexcept : data_(std::move(value)) {}
  Value(Object value) noexcept : data_(std::move(value)) {}
  // NOLINTEND(google-explicit-constructor)
  // A pointer would become true.
  Value(const void*) = delete;

  // Null when the value is of another type.
  template <class T>
  const T* get_if() const noexcept {
    return std::get_if<T>(&data_);
  }
  template <class T>
  T* get_if() noexcept {
    return std::get_if<T>(&data_);
  }

  // "an object", "an unsigned integer": for messages.
  std::string_view type_name() const noexcept;

  friend bool operator==(const Value& a, const Value& b) { return a.data_ == b.data_; }

 private:
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string,
               Array, Object>
      data_;
};

// A double that may be infinite or NaN, which JSON has no numbers for: a number, or one
// of the texts "inf", "-inf", "nan". Cursor::as_any_double() reads it back.
Value any_double(double value);

struct Limits {
  std::size_t max_bytes = std::size_t{16} << 20;
  int max_depth = 32;
  // A value takes 56 bytes and may come from 2 bytes of text.
  std::size_t max_values = 1'000'000;
};
inline constexpr Limits kResultsLimits = {
    .max_bytes = std::size_t{256} << 20, .max_depth = 32, .max_values = 16'000'000};

// Throws Error(bad_file), one line: where, and what is wrong.
Value parse(std::string_view text, const Limits& limits = {});

enum class Layout : std::uint8_t {
  pretty,  // indented; an array of scalars on one line; ends with a newline
  line,    // one line without spaces, no newline
};
// Keys sorted, doubles in the shortest form that reads back to the same bits. Text that
// is not UTF-8 is written with U+FFFD in place of the broken bytes. Throws
// Error(invalid_argument), naming the place, for NaN and infinity, and for a value
// deeper than the default limit: it could not be read back.
std::string to_text(const Value& value, Layout layout = Layout::pretty);

}  // namespace assay::json

#endif  // ASSAY_REGRESSION_JSON_VALUE_H_
