// SPDX-License-Identifier: MIT
#include "regression/report/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace assay::report {
namespace {

const std::vector<Column> kColumns = {
    {"name", Align::left, true}, {"time", Align::right}, {"verdict"}};

TEST(LayOutTest, AlignsByCharacters) {
  const std::vector<Section> sections = {
      {"one",
       {{{"a", "1", "ok"}, Tone::good}, {{"b\xC3\xA9", "100000", "no"}, Tone::bad}}},
      {"two", {{{"c", "2", "ok"}, Tone::plain}}}};
  EXPECT_EQ(lay_out(kColumns, sections, false),
            "one\n"
            "  name    time  verdict\n"
            "  a          1  ok\n"
            "  b\xC3\xA9    100000  no\n"
            "\n"
            "two\n"
            "  name    time  verdict\n"
            "  c          2  ok\n");
}

TEST(LayOutTest, ColoursTheVerdictAloneAndOnlyWhenAsked) {
  const std::vector<Section> sections = {{"one", {{{"a", "1", "no"}, Tone::bad}}}};
  EXPECT_EQ(lay_out(kColumns, sections, false).find('\x1b'), std::string::npos);
  EXPECT_NE(lay_out(kColumns, sections, true).find("1  \x1b[1;31mno\x1b[0m\n"),
            std::string::npos);
}

const std::vector<Section> kWide = {
    {std::string(300, 't'),
     {{{std::string(20, 'n'), std::string(20, 'l'), "12345"}, Tone::plain},
      {{std::string(20, 'n'), "short", "6"}, Tone::plain},
      {{"other", "short", "7"}, Tone::plain}}}};
const std::vector<Column> kWideColumns = {
    {"name"}, {"library", Align::left, true}, {"n", Align::right}};

TEST(LayOutTest, GapsGiveWayFirst) {
  EXPECT_THAT(lay_out(kWideColumns, kWide, false, 51),
              testing::HasSubstr("nnn  lllll"));
  EXPECT_THAT(lay_out(kWideColumns, kWide, false, 50), testing::HasSubstr("nnn lllll"));
}

TEST(LayOutTest, ThenTheCaseStandsAlone) {
  EXPECT_EQ(lay_out(kWideColumns, kWide, false, 40),
            std::string(39, 't') +
                "~\n"
                "    library                   n\n"
                "  nnnnnnnnnnnnnnnnnnnn\n"
                "    llllllllllllllllllll  12345\n"
                "    short                     6\n"
                "  other\n"
                "    short                     7\n");
}

TEST(LayOutTest, ThenWhatMayBeCutIsCut) {
  EXPECT_THAT(lay_out(kWideColumns, kWide, false, 22),
              testing::HasSubstr("\n    lllllllllll~ 12345\n"));
  // Not below 8 characters: a line too long says more than eight columns of nothing.
  EXPECT_THAT(lay_out(kWideColumns, kWide, false, 10),
              testing::HasSubstr("\n    lllllll~ 12345\n"));
}

}  // namespace
}  // namespace assay::report
