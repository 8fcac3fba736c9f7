// SPDX-License-Identifier: MIT
#include "regression/report/gate_markdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/regression/report/made_up_report.h"

namespace assay::report {
namespace {

using judge::Verdict;
using testing::HasSubstr;
using testing::Not;

TEST(GateMarkdownTest, LooksLikeThis) {
  MadeUpReport made;
  made.add("runtime.submit.cus1.call", Verdict::regressed, "slower by 12.0 %");
  made.add("runtime.submit.cus2.call");
  made.report.warnings = {"kernel differs"};
  EXPECT_EQ(render_gate_markdown(made.report, "assay gate"),
            R"--(**2 gates: 1 pass, 1 REGRESSED; drift gates evaluated 2 of 2**

suite core on x86\_64-madeup-2c, against baselines/x86\_64-madeup-2c/core.json

**Problems**

- runtime.submit.cus1.call: REGRESSED: slower by 12.0 %

**Notes**

- warning: kernel differs

| gate | ratio \[95 %\] | baseline | slower by % | tier | +-%/limit | proc | verdict |
| --- | ---: | ---: | ---: | --- | ---: | ---: | --- |
| runtime.submit.cus1.call | 1.250 \[1.240, 1.260\] | 1.262 | +1.0 \[+0.5, +1.5\] | tight | 0.50/1.45 | 5 | REGRESSED |
| runtime.submit.cus2.call | 1.250 \[1.240, 1.260\] | 1.262 | +1.0 \[+0.5, +1.5\] | tight | 0.50/1.45 | 5 | pass |

reproduce: assay gate --only runtime.submit.cus1.call
)--");
}

std::ptrdiff_t rows_in(const std::string& page) {
  std::ptrdiff_t rows = 0;
  for (std::size_t at = page.find("\n| "); at != page.npos;
       at = page.find("\n| ", at + 1)) {
    ++rows;
  }
  return rows - 2;  // head and rule
}

TEST(GateMarkdownTest, FiftyRowsThenHowManyMore) {
  MadeUpReport made;
  for (int i = 0; i < 50; ++i) made.add("gate." + std::to_string(i));
  EXPECT_EQ(rows_in(render_gate_markdown(made.report)), 50);
  EXPECT_THAT(render_gate_markdown(made.report), Not(HasSubstr("more")));
  made.add("gate.50");
  made.add("gate.51");
  EXPECT_EQ(rows_in(render_gate_markdown(made.report)), 50);
  EXPECT_THAT(render_gate_markdown(made.report), HasSubstr("\nand 2 more\n"));
}

// What grows most: every character of every text is escaped, and each is endless.
TEST(GateMarkdownTest, StaysBelowOneMebibyteWhateverTheInput) {
  MadeUpReport made;
  const std::string endless(1'000, '@');
  for (int i = 0; i < 1'000; ++i) {
    made.add(endless + std::to_string(i), Verdict::regressed, endless);
    made.report.warnings.push_back(endless);
  }
  made.session.suite = made.report.host_class = endless;
  const std::string page = render_gate_markdown(made.report, endless);
  EXPECT_LT(page.size(), kMaxMarkdownBytes);
  EXPECT_GT(page.size(), kMaxMarkdownBytes / 4);  // the input was as bad as it can be
  EXPECT_THAT(page, Not(HasSubstr("@")));
  EXPECT_THAT(page, HasSubstr("and 950 more"));
}

TEST(GateMarkdownTest, HostileNamesStayText) {
  MadeUpReport made;
  made.add("x\n| <b>|\x1b[31m@you", Verdict::regressed, "\n# <script>");
  const std::string page = render_gate_markdown(made.report, "`rm`\n");
  EXPECT_THAT(page, Not(HasSubstr("<")));
  EXPECT_THAT(page, Not(HasSubstr("@")));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page, Not(HasSubstr("\n# ")));
  EXPECT_EQ(rows_in(page), 1);
}

TEST(GateMarkdownTest, NothingIsSaid) {
  const MadeUpReport made;
  EXPECT_EQ(render_gate_markdown(made.report), "No gate was measured.\n");
}

}  // namespace
}  // namespace assay::report
