// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <string>

#include "backends/interface/status.h"
#include "regression/json/cursor.h"
#include "regression/json/value.h"

namespace assay::json {
namespace {

using testing::HasSubstr;

std::string line(const Value& value) { return to_text(value, Layout::line); }

TEST(WriteTest, SortsKeysWhateverTheOrderOfInsertion) {
  EXPECT_EQ(line(Value::Object{{"b", 1}, {"a", 2}, {"B", 3}}),
            R"({"B":3,"a":2,"b":1})");
}

TEST(WriteTest, IndentsAndKeepsScalarsOnOneLine) {
  EXPECT_EQ(to_text(Value::Object{{"a", Value::Array{1, 2.5, "x"}},
                                  {"b", Value::Array{Value::Object{{"c", Value()}}}},
                                  {"d", Value::Object{}},
                                  {"e", Value::Array{}}}),
            "{\n"
            " \"a\": [1, 2.5, \"x\"],\n"
            " \"b\": [\n"
            "  {\n"
            "   \"c\": null\n"
            "  }\n"
            " ],\n"
            " \"d\": {},\n"
            " \"e\": []\n"
            "}\n");
}

TEST(WriteTest, DoublesReadBackToTheSameBits) {
  std::uint64_t state = 1;
  for (int i = 0; i < 20'000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const double value = std::bit_cast<double>(state ^ (state >> 29U));
    if (!(value - value == 0)) continue;  // not finite
    const Value back = parse(line(value));
    ASSERT_NE(back.get_if<double>(), nullptr) << line(value);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(*back.get_if<double>()),
              std::bit_cast<std::uint64_t>(value));
  }
}

TEST(WriteTest, DoublesAreShortAndStayDoubles) {
  EXPECT_EQ(line(0.1), "0.1");
  EXPECT_EQ(line(5.0), "5.0");
  EXPECT_EQ(line(-0.0), "-0.0");
  EXPECT_EQ(line(1e300), "1e+300");
  EXPECT_EQ(line(std::numeric_limits<double>::denorm_min()), "5e-324");
  EXPECT_EQ(parse(line(1e22)), Value(1e22));
}

TEST(WriteTest, IntegersAreWhole) {
  EXPECT_EQ(line(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(line(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(line(true), "true");
}

TEST(WriteTest, RefusesNanAndInfinityAndNamesThePlace) {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(),
                           std::numeric_limits<double>::infinity(),
                           -std::numeric_limits<double>::infinity()}) {
    const Value value =
        Value::Object{{"rows", Value::Array{1, Value::Object{{"ratio", bad}}}}};
    try {
      (void)line(value);
      ADD_FAILURE() << "written: " << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), StatusCode::invalid_argument);
      EXPECT_THAT(error.what(), HasSubstr("rows[1].ratio: "));
    }
  }
}

TEST(WriteTest, AnyDoubleNamesWhatIsNoNumber) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(any_double(1.5), Value(1.5));
  EXPECT_EQ(any_double(kInfinity), Value("inf"));
  EXPECT_EQ(any_double(-kInfinity), Value("-inf"));
  EXPECT_EQ(any_double(std::numeric_limits<double>::quiet_NaN()), Value("nan"));
}

TEST(WriteTest, EscapesWhatAStringMayHold) {
  EXPECT_EQ(line("a\"b\\c\n\t\x01\x7f"), R"("a\"b\\c\n\u0009\u0001\u007f")");
  EXPECT_EQ(parse(line(std::string("\0x", 2))), Value(std::string("\0x", 2)));
  for (int byte = 1; byte < 0x80; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    EXPECT_EQ(parse(line(text)), Value(text)) << byte;
  }
}

// A command line or an environment may be in any encoding; the results must survive it.
TEST(WriteTest, BrokenUtf8IsReplacedSoThatItReadsBack) {
  EXPECT_EQ(parse(line("a\xFF z\xC3")), Value("a\xEF\xBF\xBD z\xEF\xBF\xBD"));
}

TEST(WriteTest, RefusesWhatTheLoaderWouldRefuse) {
  Value value;
  for (int i = 0; i < 33; ++i) value = Value(Value::Array{value});
  EXPECT_THROW((void)line(value), Error);
}

}  // namespace
}  // namespace assay::json
