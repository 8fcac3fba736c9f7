// SPDX-License-Identifier: MIT
#include "regression/report/chrome_trace.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "regression/json/value.h"
#include "regression/report/text.h"

namespace assay::report {
namespace {

using json::Value;
using layers::TracedCall;
using layers::TracedSubmission;
using layers::TracedWork;
using layers::WorkKind;

// "Processes" of the viewer, in the order it shows them.
constexpr int kThreads = 1;
constexpr int kQueues = 2;
constexpr int kUnits = 3;
constexpr int kCallsInWork = 4;  // host and library calls, by the thread that ran them

class Events {
 public:
  explicit Events(const layers::Trace& trace) : begin_ns_(trace.begin_ns) {}

  void add(Value::Object event) {
    text_ += text_.empty() ? "" : ",\n";
    text_ += json::to_text(Value(std::move(event)), json::Layout::line);
  }
  // Names a track or, without one, a process.
  void name(int process, std::uint32_t track, const std::string& text) {
    add({{"ph", "M"},
         {"name", track == 0 ? "process_name" : "thread_name"},
         {"pid", process},
         {"tid", track},
         {"args", Value::Object{{"name", plain(text)}}}});
  }
  void span(int process, std::uint32_t track, std::string_view name,
            std::uint64_t begin_ns, std::uint64_t end_ns, Value::Object arguments) {
    add({{"ph", "X"},
         {"name", plain(name)},
         {"cat", "assay"},
         {"pid", process},
         {"tid", track},
         {"ts", microseconds(begin_ns)},
         {"dur", static_cast<double>(end_ns - begin_ns) / 1e3},
         {"args", std::move(arguments)}});
  }
  // One end of an arrow; it starts and ends within the span around it.
  void arrow(bool start, std::uint64_t id, int process, std::uint32_t track,
             std::uint64_t at_ns) {
    Value::Object event{{"ph", start ? "s" : "f"},  {"name", "submission"},
                        {"cat", "submission"},      {"id", id},
                        {"pid", process},           {"tid", track},
                        {"ts", microseconds(at_ns)}};
    if (!start) event["bp"] = "e";
    add(std::move(event));
  }
  void counter(const std::string& name, std::uint64_t at_ns, std::int64_t depth) {
    add({{"ph", "C"},
         {"name", plain(name)},
         {"pid", kQueues},
         {"ts", microseconds(at_ns)},
         {"args", Value::Object{{"submissions", depth}}}});
  }
  std::string text() && { return std::move(text_); }

 private:
  // Work of the device may have begun before the layer looked at its clock.
  double microseconds(std::uint64_t ns) const {
    return static_cast<double>(ns - std::min(ns, begin_ns_)) / 1e3;
  }

  std::uint64_t begin_ns_;
  std::string text_;
};

void add_names(const layers::Trace& trace, std::string_view title, Events& events) {
  events.name(kThreads, 0, "host threads, " + std::string(title));
  events.name(kQueues, 0, "queues");
  events.name(kUnits, 0, "compute units");
  events.name(kCallsInWork, 0, "host and library calls");
  std::set<std::uint32_t> threads;
  for (const TracedCall& call : trace.calls) threads.insert(call.thread);
  for (const std::uint32_t thread : threads) {
    events.name(kThreads, thread, "thread " + std::to_string(thread));
  }
  for (const layers::TracedQueue& queue : trace.queues) {
    events.name(kQueues, queue.id, queue.label);
  }
  // A track number of 0 is the process itself.
  for (std::uint32_t unit = 0; unit < trace.compute_units; ++unit) {
    events.name(kUnits, unit + 1, "unit " + std::to_string(unit));
  }
}

void add_calls(const layers::Trace& trace, Events& events) {
  for (const TracedCall& call : trace.calls) {
    Value::Object arguments;
    if (call.queue != 0) arguments["queue"] = call.queue;
    if (call.value != 0) arguments["value"] = call.value;
    events.span(kThreads, call.thread, to_string(call.call), call.begin_ns, call.end_ns,
                std::move(arguments));
  }
}

void add_submissions(const layers::Trace& trace, Events& events) {
  std::map<std::pair<std::uint32_t, std::uint64_t>, const TracedCall*> submits;
  for (const TracedCall& call : trace.calls) {
    if (call.call == layers::Call::submit && call.value != 0) {
      submits[{call.queue, call.value}] = &call;
    }
  }
  std::uint64_t arrow = 0;
  for (const TracedSubmission& submission : trace.submissions) {
    if (!submission.timed) continue;
    const Timestamps& times = submission.times;
    const std::string name = submission.label.empty() ? "submission" : submission.label;
    events.span(
        kQueues, submission.queue, name, times.started_ns, times.ended_ns,
        {{"value", submission.value},
         {"queued_us", static_cast<double>(times.ready_ns - times.enqueued_ns) / 1e3},
         {"ready_us", static_cast<double>(times.started_ns - times.ready_ns) / 1e3}});
    const auto submit = submits.find({submission.queue, submission.value});
    if (submit == submits.end()) continue;
    ++arrow;
    events.arrow(true, arrow, kThreads, submit->second->thread,
                 submit->second->begin_ns);
    events.arrow(false, arrow, kQueues, submission.queue, times.started_ns);
  }
}

void add_depths(const layers::Trace& trace, Events& events) {
  std::map<std::uint32_t, std::vector<std::pair<std::uint64_t, int>>> changes;
  for (const TracedSubmission& submission : trace.submissions) {
    if (!submission.timed) continue;
    changes[submission.queue].emplace_back(submission.times.enqueued_ns, 1);
    changes[submission.queue].emplace_back(submission.times.ended_ns, -1);
  }
  for (const layers::TracedQueue& queue : trace.queues) {
    auto& steps = changes[queue.id];
    std::sort(steps.begin(), steps.end());
    std::int64_t depth = 0;
    for (const auto& [at_ns, change] : steps) {
      depth += change;
      events.counter("depth of " + queue.label, at_ns, depth);
    }
  }
}

void add_work(const layers::Trace& trace, Events& events) {
  for (const TracedWork& work : trace.work) {
    Value::Object arguments;
    if (work.groups != 0) arguments["groups"] = work.groups;
    const bool groups = work.kind == WorkKind::groups;
    events.span(groups ? kUnits : kCallsInWork, groups ? work.where + 1 : work.where,
                trace.names.at(work.name), work.begin_ns, work.end_ns,
                std::move(arguments));
  }
}

}  // namespace

std::string chrome_trace(const layers::Trace& trace, std::string_view title) {
  Events events(trace);
  add_names(trace, title, events);
  add_calls(trace, events);
  add_submissions(trace, events);
  add_depths(trace, events);
  add_work(trace, events);
  return "{\"displayTimeUnit\":\"ns\",\"otherData\":" +
         json::to_text(
             Value::Object{{"title", plain(title)}, {"dropped_records", trace.dropped}},
             json::Layout::line) +
         ",\"traceEvents\":[\n" + std::move(events).text() + "\n]}\n";
}

}  // namespace assay::report
