// SPDX-License-Identifier: MIT
// The reader behind the tests of the tree: a reader that sees no includes passes them
// all.
#include "tests/architecture/source_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace assay::architecture {
namespace {

std::vector<std::string> written(std::string_view text) {
  std::vector<std::string> result;
  for (const Include& include : parse_includes(text)) {
    result.push_back(include.quoted ? '"' + include.path + '"'
                                    : '<' + include.path + '>');
  }
  return result;
}

TEST(ParseIncludesTest, ReadsBothKindsAndOddSpacing) {
  EXPECT_THAT(
      written("#include \"a/b.h\"\n  #  include<vector>  // why\n#include\t<c>"),
      testing::ElementsAre("\"a/b.h\"", "<vector>", "<c>"));
}

TEST(ParseIncludesTest, SkipsWhatIsNoInclude) {
  EXPECT_THAT(
      written("// #include <a>\n#define X \"b.h\"\n#include X\n#include <open\n\n"),
      testing::IsEmpty());
}

TEST(ParseIncludesTest, TakesCarriageReturnsAndNoFinalNewline) {
  EXPECT_THAT(written("#include <a>\r\n#include <b>\r\n#include \"c\""),
              testing::ElementsAre("<a>", "<b>", "\"c\""));
}

TEST(CountLinesTest, CountsAnOpenLastLine) {
  EXPECT_EQ(count_lines(""), 0U);
  EXPECT_EQ(count_lines("a\n"), 1U);
  EXPECT_EQ(count_lines("a\nb"), 2U);
}

TEST(ReadTextTest, ThrowsForAFileThatIsNotThere) {
  EXPECT_THROW(read_text("/no/such/file"), std::runtime_error);
}

}  // namespace
}  // namespace assay::architecture
