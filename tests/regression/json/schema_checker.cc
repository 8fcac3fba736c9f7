// SPDX-License-Identifier: MIT
#include "tests/regression/json/schema_checker.h"

#include <algorithm>
#include <string_view>

#include "regression/json/cursor.h"

namespace assay::json {
namespace {

class Checker {
 public:
  explicit Checker(const Value& root) : root_(root) {}

  std::vector<std::string> check(const Value& document) {
    check(root_, Cursor(document));
    return std::move(problems_);
  }

 private:
  void report(const Cursor& at, const std::string& problem) {
    problems_.push_back((at.path().empty() ? "document" : at.path()) + ": " + problem);
  }

  // "#/$defs/name"
  const Value& resolve(const std::string& reference) const {
    constexpr std::string_view kDefs = "#/$defs/";
    if (!reference.starts_with(kDefs)) return nothing_;
    return Cursor(root_).at("$defs").at(reference.substr(kDefs.size())).value();
  }

  static bool has_type(const Value& value, std::string_view type) {
    const bool integer = value.get_if<std::uint64_t>() || value.get_if<std::int64_t>();
    if (type == "object") return value.get_if<Value::Object>() != nullptr;
    if (type == "array") return value.get_if<Value::Array>() != nullptr;
    if (type == "string") return value.get_if<std::string>() != nullptr;
    if (type == "boolean") return value.get_if<bool>() != nullptr;
    if (type == "integer") return integer;
    if (type == "number") return integer || value.get_if<double>();
    return false;
  }

  void check(const Value& schema, const Cursor& at) {
    for (const auto& [keyword, rule] : Cursor(schema).members()) {
      keyword_rule(schema, keyword, rule, at);
    }
  }

  void keyword_rule(const Value& schema, const std::string& keyword, const Cursor& rule,
                    const Cursor& at) {
    if (keyword == "$ref") {
      check(resolve(rule.as_string()), at);
    } else if (keyword == "type") {
      if (!has_type(at.value(), rule.as_string())) {
        report(at, "is not of type " + rule.as_string());
      }
    } else if (keyword == "const") {
      if (!(at.value() == rule.value())) report(at, "is not the constant");
    } else if (keyword == "enum") {
      const auto allowed = rule.items();
      if (std::ranges::none_of(
              allowed, [&](const Cursor& c) { return c.value() == at.value(); })) {
        report(at, "is none of the allowed values");
      }
    } else if (keyword == "anyOf") {
      any_of(rule, at);
    } else if (keyword == "required") {
      for (const Cursor& key : rule.items()) {
        if (at.value().get_if<Value::Object>() && !at.find(key.as_string())) {
          report(at, "has no member " + key.as_string());
        }
      }
    } else if (keyword == "properties") {
      properties(rule, at);
    } else if (keyword == "additionalProperties") {
      additional_properties(schema, rule, at);
    } else if (keyword == "items") {
      if (at.value().get_if<Value::Array>() == nullptr) return;
      for (const Cursor& item : at.items()) check(rule.value(), item);
    } else if (keyword == "minItems" || keyword == "maxItems") {
      const auto* array = at.value().get_if<Value::Array>();
      if (array == nullptr) return;
      const bool few = array->size() < rule.as_uint64();
      const bool many = array->size() > rule.as_uint64();
      if (keyword == "minItems" ? few : many) report(at, "breaks " + keyword);
    } else if (keyword == "minimum") {
      if (has_type(at.value(), "number") && at.as_double() < rule.as_double()) {
        report(at, "is below the minimum");
      }
    } else if (keyword == "$defs" || keyword == "$schema") {
      if (&schema != &root_)
        report(at, keyword + " stands in the middle of the schema");
    } else if (keyword != "title" && keyword != "description") {
      report(at, "the schema has a keyword unknown here: " + keyword);
    }
  }

  void any_of(const Cursor& rule, const Cursor& at) {
    for (const Cursor& choice : rule.items()) {
      Checker inner(root_);
      inner.check(choice.value(), at);
      if (inner.problems_.empty()) return;
    }
    report(at, "is none of the choices");
  }

  // `false` is what this checker does anyway; a schema stands for the members of a map,
  // an object without "properties".
  void additional_properties(const Value& schema, const Cursor& rule,
                             const Cursor& at) {
    if (rule.value() == Value(false)) return;
    if (Cursor(schema).find("properties")) {
      report(at, "the schema has both properties and a schema for the others");
    }
    if (at.value().get_if<Value::Object>() == nullptr) return;
    for (const auto& [key, member] : at.members()) check(rule.value(), member);
  }

  void properties(const Cursor& rule, const Cursor& at) {
    if (at.value().get_if<Value::Object>() == nullptr) return;
    for (const auto& [key, member] : at.members()) {
      if (const auto described = rule.find(key)) {
        check(described->value(), member);
      } else {
        report(member, "is not described by the schema");
      }
    }
  }

  const Value& root_;
  const Value nothing_ = Value::Object{{"unresolved reference", true}};
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> schema_problems(const Value& schema, const Value& document) {
  return Checker(schema).check(document);
}

}  // namespace assay::json
