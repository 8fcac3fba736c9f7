// SPDX-License-Identifier: MIT
// The page and the file that are made of a trace, from a made-up one with known
// answers.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "regression/json/value.h"
#include "regression/report/chrome_trace.h"
#include "regression/report/trace_summary.h"

namespace assay::report {
namespace {

using json::Value;
using layers::Call;
using layers::Trace;
using layers::WorkKind;

// Two threads, two queues, two units, 10 us. Thread 1 submits three times and waits,
// thread 2 submits once.
Trace made_up_trace() {
  Trace trace;
  trace.begin_ns = 1000;
  trace.end_ns = 11000;
  trace.compute_units = 2;
  trace.names = {"scale", "note"};
  trace.queues = {{1, "first"}, {2, "second"}};
  trace.calls = {
      {Call::submit, 1, 1, 1, 1000, 1100, 100, true},
      {Call::submit, 1, 1, 2, 1200, 1300, 100, true},
      {Call::submit, 1, 1, 3, 1400, 1700, 300, true},
      {Call::submit, 2, 2, 1, 2000, 2100, 100, true},
      // Inside the wait a submit was made, by work that it ran: 50 ns are not its own.
      {Call::wait, 1, 1, 3, 2000, 7000, 4950, true},
      {Call::signal, 1, 0, 0, 3000, 3050, 50, false},
  };
  const auto add = [&](std::uint32_t queue, std::uint64_t value, std::uint32_t thread,
                       Timestamps times) {
    trace.submissions.push_back({queue, value, thread, "", times, true});
  };
  add(1, 1, 1, {1050, 1060, 1070, 2070});
  add(1, 2, 1, {1250, 2080, 2090, 3090});
  add(1, 3, 1, {1450, 3100, 3110, 7110});
  add(2, 1, 2, {2050, 2060, 2070, 2570});
  trace.submissions.push_back({2, 2, 2, "", {}, false});
  trace.work = {{WorkKind::groups, 0, 0, 1080, 2060, 4},
                {WorkKind::groups, 0, 1, 2080, 2560, 1},
                {WorkKind::host_call, 1, 9, 3200, 3300, 0}};
  return trace;
}

TEST(TraceSummaryTest, CountsAndQuantilesAreExact) {
  const TraceSummary s = summarize(made_up_trace(), 1000, 11000);
  EXPECT_EQ(s.submissions, 4U);
  EXPECT_DOUBLE_EQ(s.submissions_per_s, 4 / 10e-6);
  EXPECT_EQ(s.untimed, 1U);
  EXPECT_EQ(s.submitting_threads, 2U);
  EXPECT_DOUBLE_EQ(s.top_thread_share, 0.75);
  // Latencies 520, 1020, 1840, 5660.
  EXPECT_DOUBLE_EQ(s.latency_p50_ns, 1020);
  EXPECT_DOUBLE_EQ(s.latency_p95_ns, 5660);
  EXPECT_DOUBLE_EQ(s.run_p50_ns, 1000);
  EXPECT_DOUBLE_EQ(s.run_p95_ns, 4000);
}

TEST(TraceSummaryTest, RowsAndTheUnaccountedOneAddUp) {
  const TraceSummary s = summarize(made_up_trace(), 1000, 11000);
  ASSERT_EQ(s.calls.size(), 3U);
  EXPECT_EQ(s.calls[0].call, Call::wait);
  EXPECT_DOUBLE_EQ(s.calls[0].total_ns, 4950) << "without what was inside";
  EXPECT_EQ(s.calls[1].call, Call::submit);
  EXPECT_EQ(s.calls[1].count, 4U);
  EXPECT_DOUBLE_EQ(s.calls[1].total_ns, 600);
  EXPECT_DOUBLE_EQ(s.calls[1].p50_ns, 100);
  EXPECT_DOUBLE_EQ(s.calls[1].p95_ns, 300);
  double sum = s.unaccounted_ns;
  double shares = s.unaccounted_share;
  for (const auto& row : s.calls) {
    sum += row.total_ns;
    shares += row.share;
  }
  EXPECT_DOUBLE_EQ(sum, 2 * s.window_ns);
  EXPECT_DOUBLE_EQ(shares, 1);
  EXPECT_DOUBLE_EQ(s.unaccounted_ns, 20000 - 4950 - 600 - 50);
  EXPECT_DOUBLE_EQ(s.groups_ns, 980 + 480);
  EXPECT_DOUBLE_EQ(s.host_calls_ns, 100);
  EXPECT_DOUBLE_EQ(s.device_unaccounted_ns, 20000 - 1460 - 100);
}

TEST(TraceSummaryTest, OnlyTheWindowCounts) {
  const TraceSummary s = summarize(made_up_trace(), 1150, 6000);
  EXPECT_EQ(s.submissions, 3U);
  for (const auto& row : s.calls) {
    if (row.call == Call::submit) {
      EXPECT_EQ(row.count, 3U);
    } else if (row.call == Call::wait) {
      EXPECT_NEAR(row.total_ns, 4950 * 0.8, 1e-6) << "four of its five microseconds";
    }
  }
  EXPECT_DOUBLE_EQ(s.groups_ns, 2060 - 1150 + 480);
}

TEST(TraceSummaryTest, AnEmptyTraceHasNoNumbers) {
  const TraceSummary s = summarize(Trace(), 0, 0);
  EXPECT_EQ(s.submissions, 0U);
  EXPECT_DOUBLE_EQ(s.top_thread_share, 0);
  EXPECT_DOUBLE_EQ(s.unaccounted_share, 0);
  EXPECT_EQ(to_text(s).find("nan"), std::string::npos) << to_text(s);
}

TEST(TraceSummaryTest, TheTextSaysWhatIsMissing) {
  Trace trace = made_up_trace();
  trace.dropped = 17;
  const std::string text = to_text(summarize(trace, 1000, 11000));
  for (const char* words : {"unaccounted", "4 submissions in 10.00 us", "by 2 threads",
                            "75 %", "17 records dropped", "1 submissions without"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words << " in\n" << text;
  }
}

// The events of the file, by phase.
std::map<std::string, std::vector<Value::Object>> events(const std::string& text) {
  const Value root = json::parse(text);
  std::map<std::string, std::vector<Value::Object>> by_phase;
  const auto& object = *root.get_if<Value::Object>();
  for (const Value& event : *object.at("traceEvents").get_if<Value::Array>()) {
    const auto& members = *event.get_if<Value::Object>();
    by_phase[*members.at("ph").get_if<std::string>()].push_back(members);
  }
  return by_phase;
}

double number(const Value& value) {
  if (const auto* integer = value.get_if<std::uint64_t>()) {
    return static_cast<double>(*integer);
  }
  return *value.get_if<double>();
}

TEST(ChromeTraceTest, HasASpanForEveryCallExecutionAndPieceOfWork) {
  auto by_phase = events(chrome_trace(made_up_trace(), "made up"));
  EXPECT_EQ(by_phase["X"].size(), 6U + 4U + 3U);
  const Value::Object& first = by_phase["X"].front();
  EXPECT_EQ(first.at("name"), Value("submit"));
  EXPECT_DOUBLE_EQ(number(first.at("ts")), 0) << "since the trace began";
  EXPECT_DOUBLE_EQ(number(first.at("dur")), 0.1);
}

TEST(ChromeTraceTest, EveryTrackHasAName) {
  auto by_phase = events(chrome_trace(made_up_trace(), "made up"));
  std::vector<std::string> names;
  for (const Value::Object& event : by_phase["M"]) {
    const auto& arguments = *event.at("args").get_if<Value::Object>();
    names.push_back(*arguments.at("name").get_if<std::string>());
  }
  for (const char* name : {"thread 1", "thread 2", "first", "second", "unit 0",
                           "unit 1", "queues", "compute units"}) {
    EXPECT_EQ(std::ranges::count(names, name), 1) << name;
  }
}

TEST(ChromeTraceTest, ArrowsGoFromTheSubmitToItsExecution) {
  auto by_phase = events(chrome_trace(made_up_trace(), "made up"));
  ASSERT_EQ(by_phase["s"].size(), 4U);
  ASSERT_EQ(by_phase["f"].size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const Value::Object& start = by_phase["s"][i];
    const Value::Object& end = by_phase["f"][i];
    EXPECT_EQ(start.at("id"), end.at("id"));
    EXPECT_LT(number(start.at("ts")), number(end.at("ts")));
    // Each lies in a span of its track, or a viewer drops it.
    for (const Value::Object* point : {&start, &end}) {
      EXPECT_TRUE(std::ranges::any_of(by_phase["X"], [&](const Value::Object& span) {
        const double begin = number(span.at("ts"));
        const double at = number(point->at("ts"));
        return span.at("pid") == point->at("pid") &&
               span.at("tid") == point->at("tid") && begin <= at &&
               at <= begin + number(span.at("dur"));
      }));
    }
  }
}

TEST(ChromeTraceTest, DepthsRiseAndReturnToZero) {
  auto by_phase = events(chrome_trace(made_up_trace(), "made up"));
  std::map<std::string, std::vector<double>> depths;
  for (const Value::Object& event : by_phase["C"]) {
    const auto& arguments = *event.at("args").get_if<Value::Object>();
    depths[*event.at("name").get_if<std::string>()].push_back(
        number(arguments.at("submissions")));
  }
  EXPECT_EQ(depths.at("depth of first"), (std::vector<double>{1, 2, 3, 2, 1, 0}));
  EXPECT_EQ(depths.at("depth of second"), (std::vector<double>{1, 0}));
}

TEST(ChromeTraceTest, HostileLabelsStayInside) {
  Trace trace = made_up_trace();
  trace.queues[0].label = "\"},{\x1b[31m\n";
  trace.submissions[0].label = "\xff\"";
  EXPECT_FALSE(events(chrome_trace(trace, "a\"b")).empty());
}

}  // namespace
}  // namespace assay::report
