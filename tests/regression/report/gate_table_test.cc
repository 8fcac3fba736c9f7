// SPDX-License-Identifier: MIT
#include "regression/report/gate_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>
#include <string>

#include "regression/report/gate_cells.h"
#include "regression/report/layout.h"
#include "regression/report/text.h"
#include "tests/regression/report/made_up_report.h"
#include "tests/support/special_values.h"

namespace assay::report {
namespace {

using judge::Verdict;
using testing::HasSubstr;
using testing::Not;

void fill_with_verdicts(MadeUpReport& made) {
  judge::GateJudged& slow = made.add("matmul.f32.512x512x512.packed.cus2.kernel",
                                     Verdict::regressed, "slower by 12.0 %: bisect");
  slow.drift = MadeUpReport::drift(std::log(1.12), 0.01);
  slow.confirmed = MadeUpReport::drift(std::log(1.11), 0.01);
  made.session.confirmations.push_back(MadeUpReport::comparison(slow.id));
  judge::GateJudged& open = made.add("runtime.submit.cus1.call", Verdict::inconclusive,
                                     "too wide: measure more");
  open.tier = judge::Tier::standard;
  open.drift = MadeUpReport::drift(0.01, 0.05);
  open.comparison.blocks_dropped = 2;
  open.comparison.dropped_because = "2 for steal above 1 % of their time";
  made.add("runtime.submit.cus2.call");
  made.add_control("control.matmul.cus2", 0.995, 1.004);
}

TEST(RenderGatesTest, LooksLikeThis) {
  MadeUpReport made;
  fill_with_verdicts(made);
  EXPECT_EQ(
      render_gates(made.report, {.reproduce = "assay gate --suite core"}),
      R"--(suite core on x86_64-madeup-2c, against baselines/x86_64-madeup-2c/core.json
  gate                                               ratio [95 %]  baseline           slower by %  tier      +-%/limit  proc  verdict
  matmul.f32.512x512x512.packed.cus2.kernel  1.250 [1.240, 1.260]     1.262  +12.0 [+10.9, +13.1]  tight     1.00/1.45   5+5  REGRESSED
  runtime.submit.cus1.call                   1.250 [1.240, 1.260]     1.262     +1.0 [-3.9, +6.2]  standard  5.00/3.29     5  inconclusive
  runtime.submit.cus2.call                   1.250 [1.240, 1.260]     1.262     +1.0 [+0.5, +1.5]  tight     0.50/1.45     5  pass

controls: an implementation against itself
  gate                                               ratio [95 %]  baseline           slower by %  tier      +-%/limit  proc  verdict
  control.matmul.cus2                        1.000 [0.995, 1.004]         -                     -  -                 -     -  holds

problems
  matmul.f32.512x512x512.packed.cus2.kernel: REGRESSED: slower by 12.0 %: bisect
  runtime.submit.cus1.call: inconclusive: too wide: measure more
  runtime.submit.cus1.call: 2 blocks dropped: 2 for steal above 1 % of their time

3 gates: 1 pass, 1 REGRESSED, 1 inconclusive; drift gates evaluated 3 of 3
ratio     reference time / custom time: above 1, custom is faster; slower by: than the baseline
+-%       half of the interval of "slower by"; limit: the widest that this tier can decide with
reproduce assay gate --suite core --only matmul.f32.512x512x512.packed.cus2.kernel
)--");
}

TEST(RenderGatesTest, AnUnknownHostIsToldOnceWithWhatDiffers) {
  MadeUpReport made;
  made.add("runtime.submit.cus1.call");
  made.add("runtime.submit.cus2.call");
  made.make_host_unknown();
  const std::string text = render_gates(made.report);
  EXPECT_THAT(text,
              HasSubstr("\nNOT GATED: no file baselines/x86_64-madeup-2c/"
                        "core.json\ndiffers: cpus: 16 in the baseline, 2 here\n"));
  EXPECT_THAT(text, HasSubstr("2 gates: 2 no baseline; drift gates evaluated 0 of 2"));
  EXPECT_THAT(text, Not(HasSubstr("problems")));
  EXPECT_THAT(text, Not(HasSubstr("against baselines")));
}

// A gate that an existing baseline lacks is not told by any note: it is a problem.
TEST(RenderGatesTest, AGateThatTheBaselineLacksIsAProblem) {
  MadeUpReport made;
  made.add("runtime.submit.cus1.call");
  // Whatever was computed on the way to that verdict.
  made.add_without_baseline("runtime.submit.cus2.call").drift =
      MadeUpReport::drift(0.07, 0.01);
  const std::string text = render_gates(made.report);
  EXPECT_THAT(text,
              HasSubstr("  runtime.submit.cus2.call: no baseline: not in the file\n"));
  EXPECT_THAT(text, HasSubstr("drift gates evaluated 1 of 2"));
}

// What was refused must not leave a figure behind that somebody could quote.
TEST(RenderGatesTest, AGateThatIsLeftOutIsANoteAndCountedAsThat) {
  MadeUpReport made;
  made.add("good");
  judge::GateJudged& out = made.add("out", judge::Verdict::left_out, "a neighbour (x)");
  out.drift = {};
  out.baseline_ratio = 0;
  const std::string text = render_gates(made.report, {});
  EXPECT_THAT(text, HasSubstr("\nleft out: out: a neighbour (x)\n"));
  EXPECT_THAT(text, Not(HasSubstr("problems")));
  EXPECT_THAT(text, HasSubstr("2 gates: 1 pass, 1 left out; drift gates evaluated 1 of "
                              "2"));
  EXPECT_EQ(gate_summary(made.report, out),
            "out: left out, ratio 1.250 [1.240, 1.260]: a neighbour (x)");
}

TEST(RenderGatesTest, ARefusedGateShowsNoFigures) {
  for (const Verdict verdict : {Verdict::wrong_result, Verdict::implausible,
                                Verdict::invalid_run, Verdict::library_impaired}) {
    MadeUpReport made;
    // As a guard leaves it that came after the ratio: figures are there.
    made.add("runtime.submit.cus1.call", verdict, "because").drift =
        MadeUpReport::drift(0.07, 0.03);
    made.report.gates[0].baseline_ratio = 0;
    const std::string text = render_gates(made.report);
    EXPECT_THAT(text, Not(HasSubstr("1.250"))) << text;
    EXPECT_THAT(text, Not(HasSubstr("+7."))) << text;
    EXPECT_THAT(text, HasSubstr(": because\n"));
    EXPECT_THAT(text, HasSubstr("evaluated 0 of 1"));
  }
}

TEST(RenderGatesTest, AFailedControlIsAProblem) {
  MadeUpReport made;
  made.add("runtime.submit.cus1.call");
  made.add_control("control.good", 1.01, 1.05);  // touches the margin from outside
  made.add_control("control.off", 1.021, 1.05);
  made.add_control("control.low", 0.90, 0.97);
  made.add_control("control.nan", std::nan(""), std::nan(""));
  gates::Control& wrong = made.add_control("control.wrong", 0.99, 1.01);
  wrong.judged.verdict = Verdict::wrong_result;
  wrong.judged.speed = judge::Speed::not_compared;
  wrong.judged.reason = "3 checked elements wrong";
  const std::string text = render_gates(made.report);
  EXPECT_THAT(text, Not(HasSubstr("control.good: control")));
  EXPECT_THAT(text, HasSubstr("  control.off: control FAILED: an implementation"));
  EXPECT_THAT(text, HasSubstr("  control.low: control FAILED: an implementation"));
  EXPECT_THAT(text, HasSubstr("  control.nan: control FAILED: "));
  EXPECT_THAT(
      text,
      HasSubstr("  control.wrong: control WRONG RESULT: 3 checked elements wrong\n"));
}

TEST(RenderGatesTest, ARunAgainstABaseShowsTheBasesRatio) {
  MadeUpReport made;
  made.add("runtime.submit.cus1.call").baseline_ratio = 0;
  made.report.gates[0].drift = MadeUpReport::drift(std::log(1.2), 0.01);
  made.report.against_base = true;
  made.session.base_build.version = "0.9";
  made.session.base_build.commit = "def456";
  const std::string text = render_gates(made.report);
  EXPECT_THAT(text, HasSubstr("against the base 0.9 at def456\n"));
  EXPECT_THAT(text, HasSubstr("  base  "));
  EXPECT_THAT(text, HasSubstr("1.500"));
}

TEST(RenderGatesTest, WhatChangesTheMeaningOfARunIsSaid) {
  MadeUpReport made;
  made.add("runtime.submit.cus1.call");
  made.session.results.complete = false;
  made.session.injected = 0.1;
  made.report.warnings = {"kernel: 6.1 in the baseline, 6.6 here"};
  const std::string text = render_gates(made.report);
  EXPECT_THAT(text, HasSubstr("\nINCOMPLETE: "));
  EXPECT_THAT(text, HasSubstr("\nINJECTED: 10 % extra work"));
  EXPECT_THAT(text, HasSubstr("\nwarning: kernel: 6.1 in the baseline, 6.6 here\n"));
}

TEST(RenderGatesTest, LinesOfTheTableStayWithin140Columns) {
  MadeUpReport made;
  fill_with_verdicts(made);
  made.add(
          "matmul.f32.1024x1024x1024.packed.vs.openblas-serial.cus2.submit_to_complete",
          Verdict::within_tolerance)
      .drift = MadeUpReport::drift(0.3, kInfinity);
  made.report.host_class = std::string(300, 'h');
  const std::string text = render_gates(made.report);
  EXPECT_THAT(text, HasSubstr("+35.0 [-inf, +inf]"));
  std::istringstream lines(text.substr(0, text.find("\nproblems\n")));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(display_width(line), kMaxColumns) << line;
  }
}

TEST(RenderGatesTest, ColourOnlyWhenAsked) {
  MadeUpReport made;
  fill_with_verdicts(made);
  EXPECT_THAT(render_gates(made.report), Not(HasSubstr("\x1b")));
  EXPECT_THAT(render_gates(made.report, {.color = true, .reproduce = ""}),
              HasSubstr("\x1b[1;31mREGRESSED\x1b[0m"));
}

TEST(RenderGatesTest, NothingIsSaid) {
  const MadeUpReport made;
  EXPECT_EQ(render_gates(made.report), "no gate was measured\n");
}

TEST(FormatPercentTest, HasASignAndKnowsWhatIsNoNumber) {
  EXPECT_EQ(format_percent(std::log(1.031)), "+3.1");
  EXPECT_EQ(format_percent(std::log(0.996)), "-0.4");
  EXPECT_EQ(format_percent(kInfinity), "+inf");
  EXPECT_EQ(format_percent(-kInfinity), "-inf");
  EXPECT_EQ(format_percent(std::nan("")), "nan");
}

// The names of the formats for machines are those of the verdicts; this one is for
// people, and no verdict may be without it.
TEST(GateVerdictTextTest, EveryVerdictHasOne) {
  for (int i = 0; to_string(static_cast<Verdict>(i)) != "unknown"; ++i) {
    EXPECT_NE(gate_verdict_text(static_cast<Verdict>(i)), "UNKNOWN") << i;
  }
}

}  // namespace
}  // namespace assay::report
