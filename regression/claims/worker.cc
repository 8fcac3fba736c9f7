// SPDX-License-Identifier: MIT
#include "regression/claims/worker.h"

#include <unistd.h>

#include <atomic>
#include <string>
#include <utility>

#include "regression/claims/claim.h"
#include "regression/json/cursor.h"
#include "regression/judge/statistics.h"
#include "regression/measure/child_process.h"
#include "regression/measure/environment.h"
#include "regression/measure/serve.h"

namespace assay::claims {
namespace {

constexpr int kProtocol = 1;

std::string to_message(const Experiment& experiment, const Job& job) {
  const json::Value message = json::Value::Object{{"protocol", kProtocol},
                                                  {"experiment", experiment.name},
                                                  {"settings", to_json(job.settings)},
                                                  {"quick", job.quick}};
  return json::to_text(message, json::Layout::line);
}

json::Cursor opened(const json::Value& message) {
  json::Cursor root(message);
  if (root.at("protocol").as_integer<int>() != kProtocol) {
    root.at("protocol").fail("the other process speaks another protocol");
  }
  return root;
}

std::string to_message(const Finding& finding) {
  const json::Value message =
      json::Value::Object{{"protocol", kProtocol},
                          {"value", json::any_double(finding.value)},
                          {"simulated", finding.simulated},
                          {"wrong", finding.wrong}};
  return json::to_text(message, json::Layout::line);
}

Finding parse_finding(const std::string& text) {
  const json::Value message = json::parse(text);
  const json::Cursor root = opened(message);
  Finding finding;
  finding.value = root.at("value").as_any_double();
  finding.simulated = root.at("simulated").as_bool();
  finding.wrong = root.at("wrong").as_string();
  return finding;
}

// Failures that a worker tells by its exit status, and those it had no time to tell.
Measurement::End end_of(const measure::ChildReply& child) {
  using End = Measurement::End;
  if (child.end == measure::ChildReply::End::cancelled) return End::cancelled;
  if (child.end != measure::ChildReply::End::exited) return End::broken;
  switch (child.code) {
    case 0:
      return End::measured;
    case measure::kWorkerInvalid:
      return End::malformed;
    case measure::kWorkerUnavailable:
      return End::absent;
    default:
      return End::broken;
  }
}

Finding answer(const std::string& request, std::span<const Op* const> ops) {
  const json::Value message = json::parse(request);
  const json::Cursor root = opened(message);
  const Experiment* const experiment =
      find_experiment(root.at("experiment").as_string());
  if (experiment == nullptr || experiment->once == nullptr) {
    root.at("experiment").fail("is none that runs in a process of its own");
  }
  const std::atomic<bool> never = false;
  Job job;
  job.settings = settings_from_json(root.at("settings").value(), *experiment);
  job.ops = ops;
  job.quick = root.at("quick").as_bool();
  job.cancel = &never;
  return experiment->once(job);
}

int status_of(StatusCode code) {
  switch (code) {
    case StatusCode::invalid_argument:
    case StatusCode::bad_file:
      return measure::kWorkerInvalid;
    case StatusCode::unavailable:
    case StatusCode::not_supported:
      return measure::kWorkerUnavailable;
    default:
      return measure::kWorkerFailed;
  }
}

}  // namespace

Measurement measure_apart(const Experiment& experiment, const Job& job) {
  Measurement result;
  measure::ChildRequest child;
  child.arguments = {"claims-worker", std::to_string(getpid())};
  child.environment = measure::worker_environment({});
  child.input = to_message(experiment, job);
  child.timeout = job.timeout;
  child.cancel = job.cancel;
  for (std::uint32_t i = 0; i < kProcesses; ++i) {
    const measure::ChildReply reply = run_child(child);
    result.end = end_of(reply);
    if (result.end == Measurement::End::broken) result.reason = reply.description();
    if (result.end != Measurement::End::measured) {
      if (result.reason.empty()) result.reason = reply.last_line();
      return result;
    }
    const Finding finding = parse_finding(reply.reply);
    if (!finding.wrong.empty()) {
      result.end = Measurement::End::wrong;
      result.reason = finding.wrong;
      return result;
    }
    result.samples.push_back(finding.value);
    result.simulated = result.simulated || finding.simulated;
  }
  result.value = judge::median(result.samples);
  result.interval = judge::sign_test_interval(result.samples, judge::kConfidence);
  result.kind = "sign test over " + std::to_string(kProcesses) + " processes";
  return result;
}

int worker_main(int parent, std::span<const Op* const> ops) {
  return measure::serve(
      parent,
      [ops](const std::string& request) { return to_message(answer(request, ops)); },
      status_of);
}

}  // namespace assay::claims
