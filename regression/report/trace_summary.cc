// SPDX-License-Identifier: MIT
#include "regression/report/trace_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "regression/report/text.h"

namespace assay::report {
namespace {

using layers::Call;
using layers::TracedCall;

// The value that `q` of the values do not exceed; 0 without any.
double quantile(std::vector<double>& values, double q) {
  if (values.empty()) return 0;
  const auto rank =
      static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
  const std::size_t index = std::max<std::size_t>(rank, 1) - 1;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(index),
                   values.end());
  return values[index];
}

struct Window {
  std::uint64_t begin_ns;
  std::uint64_t end_ns;
  double overlap(std::uint64_t begin, std::uint64_t end) const {
    const std::uint64_t from = std::max(begin, begin_ns);
    const std::uint64_t to = std::min(end, end_ns);
    return from < to ? static_cast<double>(to - from) : 0.0;
  }
  bool contains(std::uint64_t at) const { return at >= begin_ns && at <= end_ns; }
};

void add_calls(const layers::Trace& trace, const Window& window,
               TraceSummary& summary) {
  struct Times {
    double total_ns = 0;
    std::vector<double> each;
  };
  std::map<Call, Times> by_call;
  std::set<std::uint32_t> threads;
  for (const TracedCall& call : trace.calls) {
    const double whole = static_cast<double>(call.end_ns - call.begin_ns);
    const double inside = window.overlap(call.begin_ns, call.end_ns);
    // One that took no time at all counts where it happened.
    if (inside == 0 && !(whole == 0 && window.contains(call.begin_ns))) continue;
    threads.insert(call.thread);
    Times& times = by_call[call.call];
    times.each.push_back(whole);
    const double share = whole > 0 ? inside / whole : 1;
    times.total_ns += share * static_cast<double>(call.self_ns);
  }
  summary.threads = threads.size();
  const double all_ns = static_cast<double>(threads.size()) * summary.window_ns;
  summary.unaccounted_ns = all_ns;
  for (auto& [call, times] : by_call) {
    TraceSummary::CallRow row;
    row.call = call;
    row.count = times.each.size();
    row.total_ns = times.total_ns;
    row.p50_ns = quantile(times.each, 0.5);
    row.p95_ns = quantile(times.each, 0.95);
    row.share = all_ns > 0 ? row.total_ns / all_ns : 0;
    summary.unaccounted_ns -= row.total_ns;
    summary.calls.push_back(row);
  }
  // Polls are only counted, over the whole trace: no telling how many were inside.
  if (trace.queries != 0) {
    TraceSummary::CallRow row;
    row.call = Call::query;
    row.count = trace.queries;
    row.total_ns = static_cast<double>(trace.query_ns);
    row.share = all_ns > 0 ? row.total_ns / all_ns : 0;
    summary.unaccounted_ns -= row.total_ns;
    summary.calls.push_back(row);
  }
  std::stable_sort(
      summary.calls.begin(), summary.calls.end(),
      [](const auto& a, const auto& b) { return a.total_ns > b.total_ns; });
  summary.unaccounted_share = all_ns > 0 ? summary.unaccounted_ns / all_ns : 0;
}

void add_submissions(const layers::Trace& trace, const Window& window,
                     TraceSummary& summary) {
  std::map<std::uint32_t, std::uint64_t> by_thread;
  std::vector<double> latency;
  std::vector<double> run;
  for (const layers::TracedSubmission& submission : trace.submissions) {
    if (!submission.timed) {
      ++summary.untimed;
      continue;
    }
    const Timestamps& times = submission.times;
    if (!window.contains(times.enqueued_ns)) continue;
    ++by_thread[submission.thread];
    ++summary.submissions;
    latency.push_back(static_cast<double>(times.ended_ns - times.enqueued_ns));
    run.push_back(static_cast<double>(times.ended_ns - times.started_ns));
  }
  summary.submitting_threads = by_thread.size();
  std::uint64_t top = 0;
  for (const auto& [thread, count] : by_thread) top = std::max(top, count);
  if (summary.submissions != 0) {
    summary.top_thread_share =
        static_cast<double>(top) / static_cast<double>(summary.submissions);
    summary.submissions_per_s =
        static_cast<double>(summary.submissions) / summary.window_ns * 1e9;
  }
  summary.latency_p50_ns = quantile(latency, 0.5);
  summary.latency_p95_ns = quantile(latency, 0.95);
  summary.run_p50_ns = quantile(run, 0.5);
  summary.run_p95_ns = quantile(run, 0.95);
}

}  // namespace

TraceSummary summarize(const layers::Trace& trace, std::uint64_t begin_ns,
                       std::uint64_t end_ns) {
  const Window window{begin_ns, end_ns};
  TraceSummary summary;
  summary.window_ns = static_cast<double>(end_ns - std::min(begin_ns, end_ns));
  summary.dropped = trace.dropped;
  add_calls(trace, window, summary);
  add_submissions(trace, window, summary);
  summary.compute_units = trace.compute_units;
  for (const layers::TracedWork& work : trace.work) {
    (work.kind == layers::WorkKind::groups ? summary.groups_ns
                                           : summary.host_calls_ns) +=
        window.overlap(work.begin_ns, work.end_ns);
  }
  summary.device_unaccounted_ns = trace.compute_units * summary.window_ns -
                                  summary.groups_ns - summary.host_calls_ns;
  return summary;
}

std::string to_text(const TraceSummary& s) {
  std::string text = fmt::format(
      "{} submissions in {}: {} a second, by {} thread{} (the busiest made {} %)\n"
      "  enqueued to ended  p50 {}, p95 {}\n"
      "  started to ended   p50 {}, p95 {}\n",
      s.submissions, format_time(s.window_ns), format_rate(s.submissions_per_s),
      s.submitting_threads, s.submitting_threads == 1 ? "" : "s",
      format_share(s.top_thread_share), format_time(s.latency_p50_ns),
      format_time(s.latency_p95_ns), format_time(s.run_p50_ns),
      format_time(s.run_p95_ns));
  text += fmt::format("\n{:<24}{:>10}{:>12}{:>12}{:>12}{:>8}\n", "host threads",
                      "calls", "total", "p50", "p95", "%");
  for (const TraceSummary::CallRow& row : s.calls) {
    text +=
        fmt::format("  {:<22}{:>10}{:>12}{:>12}{:>12}{:>8.1f}\n", to_string(row.call),
                    row.count, format_time(row.total_ns), format_time(row.p50_ns),
                    format_time(row.p95_ns), 100 * row.share);
  }
  text += fmt::format("  {:<22}{:>10}{:>12}{:>12}{:>12}{:>8.1f}\n", "unaccounted", "",
                      format_time(s.unaccounted_ns), "", "", 100 * s.unaccounted_share);
  text += fmt::format("  {} thread{} x {}; unaccounted is time outside of every call\n",
                      s.threads, s.threads == 1 ? "" : "s", format_time(s.window_ns));
  const double units_ns = s.compute_units * s.window_ns;
  const auto device_row = [&](const char* name, double ns) {
    text += fmt::format("  {:<32}{:>12}{:>32.1f}\n", name, format_time(ns),
                        units_ns > 0 ? 100 * ns / units_ns : 0.0);
  };
  text += fmt::format("\n{:<34}{:>12}{:>32}\n", "compute units", "total", "%");
  device_row("groups of kernels", s.groups_ns);
  device_row("host and library calls", s.host_calls_ns);
  device_row("unaccounted", s.device_unaccounted_ns);
  text += fmt::format(
      "  {} unit{} x {}; unaccounted is idle, between groups, copies and fills\n",
      s.compute_units, s.compute_units == 1 ? "" : "s", format_time(s.window_ns));
  if (s.untimed != 0) {
    text += fmt::format("{} submissions without timestamps are left out\n", s.untimed);
  }
  if (s.dropped != 0) {
    text += fmt::format("{} records dropped: the trace is full, and incomplete\n",
                        s.dropped);
  }
  return text;
}

}  // namespace assay::report
