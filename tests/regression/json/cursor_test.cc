// SPDX-License-Identifier: MIT
#include "regression/json/cursor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>

#include "backends/interface/status.h"

namespace assay::json {
namespace {

using testing::HasSubstr;

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), StatusCode::bad_file);
    return error.what();
  }
  return "accepted";
}

TEST(CursorTest, NamesThePlaceAndWhatIsThere) {
  const Value document = parse(
      R"({"comparisons": [{}, {"processes": [{"iterations": -1}]}], "a b": {"\n": 1}})");
  const Cursor root(document);
  const Cursor process = root.at("comparisons").items()[1].at("processes").items(1)[0];
  EXPECT_EQ(
      refusal([&] { (void)process.at("iterations").as_uint64(); }),
      "comparisons[1].processes[0].iterations: expected an unsigned integer, found -1");
  EXPECT_EQ(refusal([&] { (void)process.at("blocks"); }),
            "comparisons[1].processes[0]: a member \"blocks\" is missing");
  EXPECT_EQ(refusal([&] { (void)root.as_double(); }),
            "document: expected a number, found an object");
  EXPECT_EQ(refusal([&] { (void)root.at("comparisons").items(3); }),
            "comparisons: expected 3 elements, found 2");
  // A key cannot break the line.
  EXPECT_EQ(refusal([&] { (void)root.at("a b").at("\n").as_string(); }),
            "a b.?: expected a string, found 1");
}

TEST(CursorTest, TypesAreNotConverted) {
  const Value document = parse(R"([1.0, "1", true, null, [], {}, -1, 1])");
  const std::vector<Cursor> items = Cursor(document).items();
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_THAT(refusal([&] { (void)items[i].as_uint64(); }),
                HasSubstr("expected an unsigned integer"))
        << i;
  }
  EXPECT_EQ(items[7].as_uint64(), 1U);
  EXPECT_THAT(refusal([&] { (void)items[7].as_bool(); }),
              HasSubstr("expected a boolean"));
  EXPECT_THAT(refusal([&] { (void)items[1].as_double(); }),
              HasSubstr("expected a number"));
  EXPECT_THAT(refusal([&] { (void)items[0].find("a"); }),
              HasSubstr("expected an object"));
  EXPECT_THAT(refusal([&] { (void)items[0].items(); }), HasSubstr("expected an array"));
}

TEST(CursorTest, IntegersKeepTheirRange) {
  const Value document =
      parse("[256, 255, -129, -128, 9223372036854775808, 18446744073709551615]");
  const std::vector<Cursor> items = Cursor(document).items();
  EXPECT_EQ(refusal([&] { (void)items[0].as_integer<std::uint8_t>(); }),
            "[0]: 256 is out of range (largest: 255)");
  EXPECT_EQ(items[1].as_integer<std::uint8_t>(), 255);
  EXPECT_THAT(refusal([&] { (void)items[2].as_integer<std::int8_t>(); }),
              HasSubstr("out of range"));
  EXPECT_EQ(items[3].as_integer<std::int8_t>(), -128);
  EXPECT_THAT(refusal([&] { (void)items[3].as_integer<std::uint32_t>(); }),
              HasSubstr("expected an unsigned integer, found -128"));
  EXPECT_THAT(refusal([&] { (void)items[4].as_int64(); }), HasSubstr("out of range"));
  EXPECT_THAT(refusal([&] { (void)items[4].as_integer<int>(); }),
              HasSubstr("out of range"));
  EXPECT_EQ(items[5].as_uint64(), 18446744073709551615U);
}

TEST(CursorTest, DoublesTakeIntegersAndNothingElse) {
  const Value document = parse(R"([3, -3, 0.5, "inf", "-inf", "nan", "1", null])");
  const std::vector<Cursor> items = Cursor(document).items();
  EXPECT_EQ(items[0].as_double(), 3);
  EXPECT_EQ(items[1].as_double(), -3);
  EXPECT_EQ(items[2].as_any_double(), 0.5);
  EXPECT_THAT(refusal([&] { (void)items[3].as_double(); }),
              HasSubstr("expected a number"));
  EXPECT_EQ(items[3].as_any_double(), HUGE_VAL);
  EXPECT_EQ(items[4].as_any_double(), -HUGE_VAL);
  EXPECT_TRUE(std::isnan(items[5].as_any_double()));
  EXPECT_THAT(refusal([&] { (void)items[6].as_any_double(); }), HasSubstr("expected"));
  EXPECT_THAT(refusal([&] { (void)items[7].as_any_double(); }), HasSubstr("expected"));
}

TEST(CursorTest, UnknownMembersAreRefusedOnRequest) {
  const Value document = parse(R"({"a": 1, "b": 2})");
  EXPECT_NO_THROW(Cursor(document).only_keys({"a", "b", "c"}));
  EXPECT_EQ(refusal([&] { Cursor(document).only_keys({"a"}); }),
            "document: unknown member \"b\"");
  EXPECT_EQ(Cursor(document).members().size(), 2U);
  EXPECT_EQ(Cursor(document).members()[1].second.path(), "b");
}

TEST(SchemaTest, RefusesAnotherNameAndAnotherMajor) {
  const auto check = [](const Value& document) {
    return refusal([&] { expect_schema(Cursor(document), "assay.results", 1); });
  };
  const auto with = [](Value schema) {
    return Value::Object{{"schema", std::move(schema)}};
  };
  EXPECT_EQ(check(with(schema_value("assay.results", 1, 0))), "accepted");
  EXPECT_EQ(check(with(schema_value("assay.results", 1, 99))), "accepted");
  EXPECT_EQ(check(with(schema_value("assay.results", 2, 0))),
            "schema.major: version 2 of assay.results; this program reads version 1");
  EXPECT_THAT(check(with(schema_value("assay.results", 0, 0))), HasSubstr("version 0"));
  EXPECT_THAT(check(with(schema_value("assay.results", -1, 0))), HasSubstr("unsigned"));
  EXPECT_THAT(check(with(schema_value("other", 1, 0))),
              HasSubstr("expected \"assay.results\", found \"other\""));
  EXPECT_THAT(check(Value::Object{}), HasSubstr("\"schema\" is missing"));
  EXPECT_THAT(check(with("1")), HasSubstr("expected an object"));
  EXPECT_THAT(check(Value::Array{}), HasSubstr("expected an object"));
}

}  // namespace
}  // namespace assay::json
