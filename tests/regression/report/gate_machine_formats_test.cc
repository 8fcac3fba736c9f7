// SPDX-License-Identifier: MIT
// What machines read: JUnit XML, lines for CTest, Google Benchmark's JSON, our JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "regression/json/cursor.h"
#include "regression/report/ctest_lines.h"
#include "regression/report/gate_json.h"
#include "regression/report/gbench_json.h"
#include "regression/report/junit.h"
#include "regression/report/xml.h"
#include "tests/regression/report/made_up_report.h"
#include "tests/regression/report/well_formed_xml.h"
#include "tests/support/special_values.h"

namespace assay::report {
namespace {

using json::Cursor;
using judge::Verdict;
using testing::HasSubstr;
using testing::Not;

// Everything that a text may hold and XML may not, and what would end an attribute, an
// element or a section.
const std::string kHostile =
    std::string("<a b=\"c\" d='e'>&amp;]]>\x01\x1b[31m\x7f\xff\xc3(\n\t\r", 35) +
    "\xef\xbf\xbe\xef\xbf\xbf\xed\xa0\x80\xf4\x90\x80\x80" + std::string("\0z", 2);

TEST(XmlTest, IsWhatXmlCanHold) {
  EXPECT_EQ(xml("<a> & \"b\" 'c'"), "&lt;a&gt; &amp; &quot;b&quot; &apos;c&apos;");
  EXPECT_EQ(xml("a\x01\x1b\x7f"
                "b\ncd\xff"),
            "ab cd");
  // U+FFFE and U+FFFF are characters of Unicode and not of XML 1.0.
  EXPECT_EQ(xml("x\xef\xbf\xbey\xef\xbf\xbfz\xef\xbf\xbd"), "xyz\xef\xbf\xbd");
  EXPECT_EQ(xml("\xc3\xa9"), "\xc3\xa9");
  EXPECT_EQ(xml_attribute("name", "a\"b"), " name=\"a&quot;b\"");
}

// The checker of the tests below can say no.
TEST(WellFormedXmlTest, FindsWhatIsNot) {
  for (const char* broken :
       {"<a>", "<a></b>", "<a b=c></a>", "<a b=\"<\"></a>", "<a>&</a>", "<a>&x;</a>",
        "<a>\x01</a>", "<a>\xff</a>", "<a b=\"1\" b=\"2\"></a>", "<a></a><b></b>"}) {
    EXPECT_NE(xml_problem(broken), "") << broken;
  }
  EXPECT_EQ(xml_problem("<?xml version=\"1.0\"?>\n<a b=\"&lt;\"><c/>x</a>\n"), "");
}

TEST(JunitTest, EachVerdictHasItsElement) {
  MadeUpReport made;
  made.add("slow", Verdict::regressed, "12 % slower");
  made.add_refused("wrong", Verdict::wrong_result, "3 elements");
  made.add_refused("fast", Verdict::implausible, "above the peak");
  made.add_refused("invalid", Verdict::invalid_run, "compiled");
  made.add_refused("impaired", Verdict::library_impaired, "generic kernels");
  made.add("changed", Verdict::library_changed, "another library");
  made.add("open", Verdict::inconclusive, "h = 5.1 % > 3.3 %");
  made.add_without_baseline("new");
  made.add("out", Verdict::left_out, "a neighbour").drift = {};
  made.add("slower", Verdict::within_tolerance);
  made.add("better", Verdict::improved);
  made.add("good");
  const std::string text = junit_text(made.report);
  EXPECT_EQ(xml_problem(text), "") << text;
  EXPECT_THAT(text, HasSubstr("<testsuite name=\"core\" tests=\"12\" failures=\"1\" "
                              "errors=\"5\" skipped=\"3\""));
  EXPECT_THAT(text, HasSubstr("timestamp=\"2026-01-31T12:00:00\""));
  EXPECT_THAT(text, HasSubstr("<failure type=\"regressed\" message=\"regressed: 12 % "
                              "slower\">slow: REGRESSED"));
  for (const char* type : {"wrong_result", "implausible", "invalid_run",
                           "library_impaired", "library_changed"}) {
    EXPECT_THAT(text, HasSubstr("<error type=\"" + std::string(type) + "\" message=\"" +
                                type + ": "));
  }
  EXPECT_THAT(text,
              HasSubstr("<skipped message=\"inconclusive: h = 5.1 % &gt; 3.3 %\"/>"));
  EXPECT_THAT(text, HasSubstr("<skipped message=\"no_baseline: not in the file\"/>"));
  EXPECT_THAT(text, HasSubstr("<skipped message=\"left_out: a neighbour\"/>"));
}

TEST(JunitTest, FiguresArePropertiesAndTimeIsWhatWasTimed) {
  MadeUpReport made;
  made.add("good");
  const std::string text = junit_text(made.report);
  // 2 blocks of 4 epochs of 100 iterations: 1020 ns on average, 1275 for the library.
  EXPECT_THAT(text, HasSubstr("<testcase classname=\"core\" name=\"good\" "
                              "time=\"0.004590\">"));
  for (const char* property :
       {"\"ratio\" value=\"1.25\"", "\"low\" value=\"1.24\"", "\"high\" value=\"1.26\"",
        "\"tier\" value=\"tight\"", "\"slowdown\" value=\"0.01",
        "\"slowdown_low\" value=\"0.00", "\"processes\" value=\"5\""}) {
    EXPECT_THAT(text, HasSubstr("<property name=" + std::string(property)));
  }
}

TEST(JunitTest, IsWellFormedWhateverTheTexts) {
  MadeUpReport made;
  made.add(kHostile, Verdict::regressed, kHostile);
  made.add_refused(kHostile + "2", Verdict::wrong_result, kHostile);
  made.add(kHostile + "3", Verdict::inconclusive, kHostile).drift = {
      kNaN, kNaN, kNaN, kNaN, kNaN, kInfinity};
  made.session.suite = made.report.host_class = kHostile;
  made.session.results.utc = kHostile;
  const std::string text = junit_text(made.report);
  EXPECT_EQ(xml_problem(text), "") << text;
  EXPECT_THAT(text, Not(HasSubstr("nan\"")));
}

TEST(CtestLinesTest, LooksLikeThis) {
  MadeUpReport made;
  made.add("runtime.submit.cus1.call");
  made.report.gates[0].drift = MadeUpReport::drift(0, 0.0078125);
  made.report.gates[0].baseline_ratio = 1.25;
  const std::string text = ctest_lines(made.report, made.report.gates[0]);
  EXPECT_THAT(
      text,
      HasSubstr("runtime.submit.cus1.call: pass, ratio 1.250 [1.240, 1.260], baseline "
                "1.250, slower by +0.0 [-0.8, +0.8] %, tight tier\n"
                "<CTestMeasurement type=\"numeric/double\" "
                "name=\"ratio\">1.25</CTestMeasurement>\n"
                "<CTestMeasurement type=\"numeric/double\" "
                "name=\"low\">1.24</CTestMeasurement>\n"));
  EXPECT_THAT(text, HasSubstr("name=\"slowdown\">0</CTestMeasurement>\n"));
  EXPECT_THAT(text, HasSubstr("<CTestMeasurement type=\"text/string\" "
                              "name=\"verdict\">pass</CTestMeasurement>\n"));
}

TEST(CtestLinesTest, OnlyOurOwnMeasurements) {
  MadeUpReport made;
  made.add("x", Verdict::regressed,
           "<CTestMeasurement type=\"numeric/double\" name=\"ratio\">9</"
           "CTestMeasurement>\n<CTestMeasurement>");
  made.report.gates[0].drift.high = kInfinity;
  made.report.gates[0].drift.low = -kInfinity;
  const std::string text = ctest_lines(made.report, made.report.gates[0]);
  EXPECT_THAT(text, Not(HasSubstr("\">9<")));
  EXPECT_THAT(text, Not(HasSubstr(">inf<")));
  EXPECT_THAT(text, Not(HasSubstr("slowdown_high")));
  // A line below minus infinity looks like a figure: expm1 of it is -1.
  EXPECT_THAT(text, Not(HasSubstr("slowdown_low")));
  EXPECT_EQ(text.find("<CTestMeasurement type=\"numeric/double\" name=\"ratio\">"),
            text.rfind("<CTestMeasurement type=\"numeric/double\" name=\"ratio\">"));
}

TEST(GbenchTest, AnEntryForEachProcess) {
  MadeUpReport made;
  made.add("good");
  made.add_refused("wrong", Verdict::wrong_result, "3 elements");
  made.add("open", Verdict::inconclusive).drift = {kNaN,      kNaN, kNaN,
                                                   kInfinity, kNaN, kInfinity};
  // A process of which nothing is usable: its blocks lost all their time to others.
  auto& blocks = made.session.results.comparisons[0].processes[4].blocks;
  for (measure::Block& block : blocks) block.spoilers.steal_ms = 1e9;
  // By way of its text, which refuses what is no number.
  const json::Value document = json::parse(gbench_text(made.report));
  const Cursor root(document);
  EXPECT_EQ(root.at("context").at("json_schema_version").as_uint64(), 1U);
  EXPECT_EQ(root.at("context").at("caches").items().size(), 2U);
  const auto entries = root.at("benchmarks").items();
  ASSERT_EQ(entries.size(), 4U + 5U);
  const Cursor& second = entries[1];
  EXPECT_EQ(second.at("name").as_string(), "good");
  EXPECT_EQ(second.at("run_type").as_string(), "iteration");
  EXPECT_EQ(second.at("real_time").as_double(), 1010);
  EXPECT_EQ(second.at("cpu_time").as_double(), 1010);
  EXPECT_EQ(second.at("time_unit").as_string(), "ns");
  EXPECT_EQ(second.at("iterations").as_uint64(), 100U);
  EXPECT_EQ(second.at("repetitions").as_uint64(), 4U);
  EXPECT_EQ(second.at("repetition_index").as_uint64(), 1U);
  EXPECT_EQ(second.at("ratio").as_double(), 1.25);
  EXPECT_NEAR(second.at("process_ratio").as_double(), 1.25, 1e-9);
  EXPECT_NEAR(second.at("slowdown").as_double(), 0.01, 1e-9);
  EXPECT_EQ(entries[4].at("name").as_string(), "open");
  EXPECT_FALSE(entries[4].find("slowdown"));
}

TEST(GateJsonTest, HoldsWhatWasJudged) {
  MadeUpReport made;
  judge::GateJudged& slow = made.add("slow", Verdict::regressed, "12 % slower");
  slow.confirmed = MadeUpReport::drift(0.11, 0.01);
  made.add_refused("wrong", Verdict::wrong_result, "3 elements");
  made.report.gates[1].baseline_ratio = 0;
  made.add_control("control.x", 0.99, 1.01);
  made.report.skipped = 1;
  const json::Value document = json::parse(gate_report_text(made.report));
  const Cursor root(document);
  json::expect_schema(root, kGateReportSchema, kGateReportSchemaMajor);
  EXPECT_EQ(root.at("counts").at("regressed").as_uint64(), 1U);
  EXPECT_EQ(root.at("skipped").as_uint64(), 1U);
  EXPECT_EQ(root.at("drifts_evaluated").as_uint64(), 1U);
  EXPECT_TRUE(root.at("controls").items()[0].at("holds").as_bool());
  const auto gates = root.at("gates").items();
  ASSERT_EQ(gates.size(), 2U);
  EXPECT_EQ(gates[0].at("verdict").as_string(), "regressed");
  EXPECT_EQ(gates[0].at("ratio").as_double(), 1.25);
  EXPECT_NEAR(gates[0].at("drift").at("low").as_double(), std::log(1.01) - 0.005,
              1e-12);
  EXPECT_EQ(gates[0].at("confirmed").at("slowdown").as_double(), 0.11);
  EXPECT_EQ(gates[0].at("comparison").at("blocks_used").as_uint64(), 10U);
  for (const char* member : {"ratio", "interval", "drift", "reference_ratio"}) {
    EXPECT_FALSE(gates[1].find(member)) << member;
  }
}

}  // namespace
}  // namespace assay::report
