// SPDX-License-Identifier: MIT
// A made-up gate report: judgements are written down here, not derived.
#ifndef ASSAY_TESTS_REGRESSION_REPORT_MADE_UP_REPORT_H_
#define ASSAY_TESTS_REGRESSION_REPORT_MADE_UP_REPORT_H_

#include <cmath>
#include <string>

#include "regression/gates/gate_report.h"

namespace assay::report {

class MadeUpReport {
 public:
  MadeUpReport() {
    session.suite = "core";
    session.results.utc = "2026-01-31T12:00:00Z";
    session.results.build = {"1.2.3", "abc123", "gcc 12.2.0", "Release"};
    session.results.machine.cpu_model = "Made Up 9000";
    session.results.machine.cpus = 2;
    session.results.machine.l1d_bytes = 49152;
    session.results.machine.l3_bytes = 33554432;
    report.session = &session;
    report.host_class = "x86_64-madeup-2c";
    report.baseline_path = "baselines/x86_64-madeup-2c/core.json";
  }
  MadeUpReport(const MadeUpReport&) = delete;
  MadeUpReport& operator=(const MadeUpReport&) = delete;

  static judge::Drift drift(double slowdown, double half_width) {
    return {.slowdown = slowdown,
            .standard_error = half_width / 2,
            .degrees = 9,
            .half_width = half_width,
            .low = slowdown - half_width,
            .high = slowdown + half_width};
  }

  // A gate of five processes whose ratio is 1.25 and that is 1 % slower than its
  // baseline, +- 0.5 %.
  judge::GateJudged& add(const std::string& id,
                         judge::Verdict verdict = judge::Verdict::pass,
                         const std::string& reason = "") {
    session.results.comparisons.push_back(comparison(id));
    judge::GateJudged gate;
    gate.id = id;
    gate.verdict = verdict;
    gate.reason = reason;
    gate.tier = judge::Tier::tight;
    gate.zone = judge::Zone::pass;
    gate.drift = drift(std::log(1.01), 0.005);
    gate.baseline_ratio = 1.25 * 1.01;
    gate.comparison.verdict = judge::Verdict::pass;
    gate.comparison.speed = judge::Speed::faster;
    gate.comparison.ratio = 1.25;
    gate.comparison.interval = {1.24, 1.26};
    gate.comparison.half_width = 0.008;
    gate.comparison.interval_kind = "t over 5 processes";
    gate.comparison.blocks_used = 10;
    report.gates.push_back(gate);
    return report.gates.back();
  }

  // What a guard refused: no ratio, no drift.
  judge::GateJudged& add_refused(const std::string& id, judge::Verdict verdict,
                                 const std::string& reason) {
    judge::GateJudged& gate = add(id, verdict, reason);
    gate.comparison.verdict = verdict;
    gate.comparison.speed = judge::Speed::not_compared;
    gate.drift = {};
    return gate;
  }

  judge::GateJudged& add_without_baseline(const std::string& id) {
    judge::GateJudged& gate = add(id, judge::Verdict::no_baseline, "not in the file");
    gate.drift = {};
    gate.baseline_ratio = 0;
    return gate;
  }

  gates::Control& add_control(const std::string& id, double low, double high) {
    gates::Control control;
    control.id = id;
    control.judged.verdict = judge::Verdict::pass;
    control.judged.speed = judge::Speed::equal;
    control.judged.ratio = (low + high) / 2;
    control.judged.interval = {low, high};
    report.controls.push_back(control);
    return report.controls.back();
  }

  void make_host_unknown() {
    report.no_baseline_because = "no file baselines/x86_64-madeup-2c/core.json";
    report.differing = {"cpus: 16 in the baseline, 2 here"};
    for (judge::GateJudged& gate : report.gates) {
      gate.verdict = judge::Verdict::no_baseline;
      gate.reason = report.no_baseline_because;
      gate.drift = {};
      gate.baseline_ratio = 0;
    }
  }

  // Two blocks a process; the first epoch of process p takes 1000 + 10 p ns.
  static measure::Comparison comparison(const std::string& id) {
    measure::Comparison comparison;
    comparison.id = id;
    for (int p = 0; p < 5; ++p) {
      measure::Block block;
      const double ns = 1000.0 + 10.0 * p;
      block.custom_ns = {ns, ns};
      block.library_ns = {1.25 * ns, 1.25 * ns};
      measure::ProcessSamples process;
      process.iterations = 100;
      process.blocks = {block, block};
      comparison.processes.push_back(process);
    }
    return comparison;
  }

  measure::Session session;
  gates::GateReport report;
};

}  // namespace assay::report

#endif  // ASSAY_TESTS_REGRESSION_REPORT_MADE_UP_REPORT_H_
