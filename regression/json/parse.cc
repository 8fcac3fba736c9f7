// SPDX-License-Identifier: MIT
// The strict loader, on nlohmann-json's event parser: that one keeps its own stack, so
// the checks below see a level too many before anything has been built from it. (The
// library's tree would take it and crash later; it also takes duplicate keys and prints
// NaN as null.)
#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "backends/interface/status.h"
#include "regression/json/utf8.h"
#include "regression/json/value.h"

namespace assay::json {
namespace {

// Builds a Value from the parser's events; an event that returns false ends the parse.
class Builder {
 public:
  explicit Builder(const Limits& limits) : limits_(limits) {}

  bool null() { return add(Value()); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(std::int64_t value) { return add(value); }
  bool number_unsigned(std::uint64_t value) { return add(value); }
  bool number_float(double value, const std::string& /*text*/) { return add(value); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(std::vector<std::uint8_t>& /*value*/) { return fail("binary data"); }

  bool start_object(std::size_t /*size*/) { return open(Value::Object()); }
  bool start_array(std::size_t /*size*/) { return open(Value::Array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    Frame& frame = frames_.back();
    if (frame.container.get_if<Value::Object>()->contains(name)) {
      return fail(fmt::format("duplicate key \"{}\"", excerpt(name)));
    }
    frame.key = std::move(name);
    return true;
  }

  template <class Exception>
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const Exception& exception) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    std::string_view text = exception.what();
    if (const auto end = text.find("] "); end != text.npos) text.remove_prefix(end + 2);
    constexpr std::string_view kNoise = "parse error at ";
    if (text.starts_with(kNoise)) text.remove_prefix(kNoise.size());
    return fail(excerpt(text, 200));
  }

  const std::string& error() const { return error_; }
  Value take() { return std::move(root_); }

 private:
  struct Frame {
    Value container;
    std::string key;  // the member that comes next, in an object
  };

  bool fail(std::string message) {
    if (error_.empty()) error_ = std::move(message);
    return false;
  }

  bool count() {
    if (++values_ <= limits_.max_values) return true;
    return fail(fmt::format("more than {} values", limits_.max_values));
  }

  bool open(Value container) {
    if (frames_.size() >= static_cast<std::size_t>(limits_.max_depth)) {
      return fail(fmt::format("nested deeper than {} levels", limits_.max_depth));
    }
    if (!count()) return false;
    frames_.push_back({std::move(container), {}});
    return true;
  }

  bool close() {
    Value done = std::move(frames_.back().container);
    frames_.pop_back();
    attach(std::move(done));
    return true;
  }

  bool add(Value value) {
    if (!count()) return false;
    attach(std::move(value));
    return true;
  }

  void attach(Value value) {
    if (frames_.empty()) {
      root_ = std::move(value);
      return;
    }
    Frame& frame = frames_.back();
    if (auto* array = frame.container.get_if<Value::Array>()) {
      array->push_back(std::move(value));
    } else {
      frame.container.get_if<Value::Object>()->emplace(std::move(frame.key),
                                                       std::move(value));
    }
  }

  Limits limits_;
  std::vector<Frame> frames_;
  std::size_t values_ = 0;
  Value root_;
  std::string error_;
};

}  // namespace

Value parse(std::string_view text, const Limits& limits) {
  if (text.size() > limits.max_bytes) {
    throw Error(StatusCode::bad_file, fmt::format("{} bytes of JSON, more than {}",
                                                  text.size(), limits.max_bytes));
  }
  // nlohmann-json reads a null character as the end of the text.
  if (text.find('\0') != text.npos) {
    throw Error(StatusCode::bad_file, "not JSON: a null character");
  }
  Builder builder(limits);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder,
                                 nlohmann::json::input_format_t::json,
                                 /*strict=*/true)) {
    throw Error(StatusCode::bad_file, "not usable JSON: " + builder.error());
  }
  return builder.take();
}

}  // namespace assay::json
