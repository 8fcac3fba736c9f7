// SPDX-License-Identifier: MIT
#include "regression/json/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace assay::json {
namespace {

TEST(Utf8Test, TakesEveryLength) {
  std::string_view text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
  EXPECT_EQ(take_character(text), U'a');
  EXPECT_EQ(take_character(text), U'\u00E9');
  EXPECT_EQ(take_character(text), U'\u20AC');
  EXPECT_EQ(take_character(text), U'\U0001F600');
  EXPECT_TRUE(text.empty());
}

TEST(Utf8Test, RefusesWhatIsNotUtf8AndGoesOnByOneByte) {
  // Stray, cut, overlong (three), surrogate, above the last, invalid bytes.
  for (const std::string_view bad :
       {"\x80z", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xF0\x80\x80\x80", "\xED\xA0\x80",
        "\xF4\x90\x80\x80", "\xFE", "\xFF", "\xC3z", "\xE2\x82"}) {
    std::string_view rest = bad;
    EXPECT_FALSE(take_character(rest));
    EXPECT_EQ(rest.size(), bad.size() - 1);
  }
}

TEST(Utf8Test, ReplacesEachBrokenByte) {
  EXPECT_EQ(valid_utf8("ok \xE2\x82\xAC"), "ok \xE2\x82\xAC");
  EXPECT_EQ(valid_utf8("a\xE2\x82z"), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(valid_utf8(""), "");
}

TEST(ExcerptTest, IsOneShortHarmlessLine) {
  EXPECT_EQ(excerpt("plain"), "plain");
  EXPECT_EQ(excerpt("a\n\x1b[0m\xFF\xC2\x85z"), "a??[0m??z");
  EXPECT_EQ(excerpt(std::string(100, 'x'), 5), "xxxxx...");
  // Never half a character.
  EXPECT_EQ(excerpt("abcd\xE2\x82\xAC", 5), "abcd...");
}

}  // namespace
}  // namespace assay::json
