// SPDX-License-Identifier: MIT
// What a hostile or damaged file can try.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <clocale>
#include <limits>
#include <string>
#include <string_view>

#include "backends/interface/status.h"
#include "regression/json/value.h"

namespace assay::json {
namespace {

using testing::HasSubstr;

// The message of the refusal; fails when there is none, or it is not one short line.
std::string refused_text(std::string_view text, const Limits& limits = {}) {
  try {
    (void)parse(text, limits);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), StatusCode::bad_file);
    const std::string message = error.what();
    EXPECT_EQ(message.find('\n'), message.npos) << message;
    EXPECT_LT(message.size(), 300U) << message;
    return message;
  }
  ADD_FAILURE() << "accepted: " << text.substr(0, 80);
  return "";
}

TEST(ParseTest, ReadsEveryKindOfValue) {
  const Value value =
      parse(R"( {"a": [null, true, false, 1, -1, 1.5, "x\u00e9\n"], "b": {}} )");
  const Value expected = Value::Object{
      {"a", Value::Array{Value(), true, false, 1U, -1, 1.5, "x\xC3\xA9\n"}},
      {"b", Value::Object{}}};
  EXPECT_EQ(value, expected);
}

TEST(ParseTest, KeepsLargeIntegersWhole) {
  EXPECT_EQ(parse("18446744073709551615"),
            Value(std::numeric_limits<std::uint64_t>::max()));
  EXPECT_EQ(parse("-9223372036854775808"),
            Value(std::numeric_limits<std::int64_t>::min()));
  // Beyond them a number is no integer any more, and no integer is what it is read as.
  EXPECT_EQ(parse("18446744073709551616"), Value(18446744073709551616.0));
}

TEST(ParseTest, TakesScalarsAtTheTop) {
  EXPECT_EQ(parse("7"), Value(7));
  EXPECT_EQ(parse("\"\""), Value(""));
}

// Two million levels made the tree of the library crash when it was taken down.
TEST(ParseTest, RefusesDeepNestingWithoutBuildingIt) {
  for (const std::string_view open : {"[", "{\"a\":", "[{\"a\":"}) {
    std::string text;
    while (text.size() < 2'000'000) text += open;
    EXPECT_THAT(refused_text(text), HasSubstr("nested deeper than 32 levels"));
  }
}

TEST(ParseTest, TakesTheAllowedDepthAndNotOneMore) {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_NO_THROW((void)parse(nested(32)));
  EXPECT_THAT(refused_text(nested(33)), HasSubstr("nested deeper"));
}

TEST(ParseTest, RefusesLongDocumentsBeforeReadingThem) {
  const Limits limits = {.max_bytes = 10};
  EXPECT_NO_THROW((void)parse("[1,2,3,45]", limits));
  EXPECT_THAT(refused_text("[1,2,3,456]", limits),
              HasSubstr("11 bytes of JSON, more than 10"));
}

TEST(ParseTest, RefusesMoreValuesThanAllowed) {
  const Limits limits = {.max_values = 4};
  EXPECT_NO_THROW((void)parse("[1,2,3]", limits));
  EXPECT_THAT(refused_text("[1,2,3,4]", limits), HasSubstr("more than 4 values"));
  EXPECT_THAT(refused_text("[[],[],[],[]]", limits), HasSubstr("more than 4 values"));
}

TEST(ParseTest, RefusesDuplicateKeys) {
  EXPECT_THAT(refused_text(R"({"a": 1, "a": 2})"), HasSubstr("duplicate key \"a\""));
  EXPECT_THAT(refused_text(R"({"a": 1, "\u0061": 2})"), HasSubstr("duplicate key"));
  EXPECT_THAT(refused_text(R"([{"x": {"k": [], "k": []}}])"),
              HasSubstr("duplicate key \"k\""));
  EXPECT_NO_THROW((void)parse(R"([{"a": 1}, {"a": 2}, {"b": {"a": 3}, "a": 4}])"));
}

TEST(ParseTest, RefusesWhatIsNoNumber) {
  for (const std::string_view text :
       {"NaN", "nan", "Infinity", "-Infinity", "inf", "1e400", "-1e400", "+1", "01",
        ".5", "1.", "0x10", "1e", "--1", "1_000", "[NaN]", "{\"a\": NaN}", "-"}) {
    EXPECT_NE(refused_text(text), "") << text;
  }
}

TEST(ParseTest, RefusesInvalidUtf8) {
  for (const std::string_view bytes : {"\x80", "\xC3", "\xC0\xAF", "\xED\xA0\x80",
                                       "\xF4\x90\x80\x80", "\xFF", "\xE2\x82"}) {
    EXPECT_NE(refused_text("[\"" + std::string(bytes) + "\"]"), "");
  }
  EXPECT_NE(refused_text(R"(["\ud800"])"), "");
}

TEST(ParseTest, RefusesTrailingText) {
  for (const std::string_view text :
       {"{} {}", "[]]", "1 2", "{},", "[]x", "null null"}) {
    EXPECT_NE(refused_text(text), "") << text;
  }
  EXPECT_NE(refused_text(std::string_view("[]\0[]", 5)), "");
  EXPECT_NE(refused_text(std::string_view("[]\0", 3)), "");
}

TEST(ParseTest, RefusesWhatIsNearlyJson) {
  for (const std::string_view text :
       {"", " ", "{", "[", "]", "[1,]", "{\"a\":}", "{a:1}", "{'a':1}", "[1 2]",
        "// x\n1", "/**/1", "tru", "\"", "\"\t\"", "\"\\x\"", "{\"a\"}", "{1:2}",
        "[,1]"}) {
    EXPECT_NE(refused_text(text), "") << text;
  }
}

TEST(ParseTest, ShowsAHostileTokenCutAndHarmless) {
  const std::string message = refused_text("[\"\x1b[31m" + std::string(1'000'000, 'x'));
  EXPECT_EQ(message.find('\x1b'), message.npos);
  EXPECT_EQ(refused_text("{\"" + std::string(100'000, 'k') + "\":1,\"" +
                         std::string(100'000, 'k') + "\":2}")
                .find(std::string(100, 'k')),
            std::string::npos);
}

TEST(ParseTest, ReadsNumbersInAnyLocale) {
  // Set by whoever embeds the library; strtod() would then stop at the point.
  if (std::setlocale(LC_NUMERIC, "de_DE.UTF-8") == nullptr) {
    GTEST_SKIP() << "no locale de_DE.UTF-8 here";
  }
  EXPECT_EQ(parse("1.5"), Value(1.5));
  std::setlocale(LC_NUMERIC, "C");
}

}  // namespace
}  // namespace assay::json
