// SPDX-License-Identifier: MIT
#include "regression/report/text.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/special_values.h"

namespace assay::report {
namespace {

TEST(PlainTest, IsOneHarmlessLine) {
  EXPECT_EQ(plain("two\nlines\tand\r\x0b more"), "two lines and   more");
  // The escape goes and what it would have switched on stands there as text.
  EXPECT_EQ(plain("\x1b[31mred\x07\x7f"), "[31mred");
  EXPECT_EQ(plain("a\xC2\x9B"
                  "b\xE2\x80\xAE"
                  "c\xE2\x81\xA6"
                  "d"),
            "abcd");
  EXPECT_EQ(plain("\xFFx\xC3"), "x");
  EXPECT_EQ(plain("\xC3\xA9\xE2\x80\xA8z"), "\xC3\xA9 z");
  EXPECT_EQ(plain(std::string("a\0b", 3)), "ab");
}

TEST(MarkdownTest, EscapesWhatMarkdownAndHtmlMean) {
  EXPECT_EQ(markdown("a|b"), "a\\|b");
  EXPECT_EQ(markdown("<script>&"), "&lt;script&gt;&amp;");
  EXPECT_EQ(markdown("*_`[x](y)\\"), "\\*\\_\\`\\[x\\](y)\\\\");
  EXPECT_EQ(markdown("@someone #1 ![i]"), "&#64;someone \\#1 \\!\\[i\\]");
  EXPECT_EQ(markdown("one\n| two"), "one \\| two");
}

TEST(ShellQuotedTest, IsOneWordAgain) {
  EXPECT_EQ(shell_quoted("/lib/x.so"), "/lib/x.so");
  EXPECT_EQ(shell_quoted("my lib.so"), "'my lib.so'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quoted(""), "''");
}

TEST(CutTest, CountsCharactersAndNotBytes) {
  EXPECT_EQ(display_width("\xC3\xA9\xE2\x82\xAC"), 2U);
  EXPECT_EQ(cut("\xC3\xA9\xE2\x82\xAC", 2), "\xC3\xA9\xE2\x82\xAC");
  EXPECT_EQ(cut("\xC3\xA9\xE2\x82\xAC"
                "x",
                2),
            "\xC3\xA9~");
  EXPECT_EQ(cut("abc", 3), "abc");
  EXPECT_EQ(cut("abcd", 3), "ab~");
  EXPECT_EQ(cut("abcd", 0), "");
}

TEST(FormatTimeTest, KeepsFourDigits) {
  const struct {
    double ns;
    const char* text;
  } known[] = {{0.5, "0.500 ns"},
               {12.34, "12.34 ns"},
               {812.3, "812.3 ns"},
               {999.96, "1.000 us"},
               {1234, "1.234 us"},
               {9999.6, "10.00 us"},
               {1e6, "1.000 ms"},
               {1.25e7, "12.50 ms"},
               {3.5e9, "3.500 s"},
               {1e13, "10000.0 s"},
               {0, "-"},
               {-1, "-"},
               {kNaN, "-"}};
  for (const auto& [ns, text] : known) EXPECT_EQ(format_time(ns), text) << ns;
}

TEST(FormatTest, ShowsNoMoreThanIsKnown) {
  EXPECT_EQ(format_rate(9.876), "9.88");
  EXPECT_EQ(format_rate(98.76), "98.8");
  EXPECT_EQ(format_rate(987.6), "988");
  EXPECT_EQ(format_rate(kInfinity), "-");
  EXPECT_EQ(format_share(0.914), "91");
  EXPECT_EQ(format_share(kNaN), "-");
  EXPECT_EQ(format_error(0), "0");
  EXPECT_EQ(format_error(1e-9), "<.01");
  EXPECT_EQ(format_error(0.25), "0.25");
  EXPECT_EQ(format_error(1e9), "1e+09");
  EXPECT_EQ(format_error(kNaN), "nan");
  EXPECT_EQ(format_error(kInfinity), "inf");
  EXPECT_EQ(format_ratio(1.25, {1.2, kInfinity}), "1.250 [1.200, inf]");
}

}  // namespace
}  // namespace assay::report
