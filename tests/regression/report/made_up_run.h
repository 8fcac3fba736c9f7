// SPDX-License-Identifier: MIT
// A made-up run for the reports: judgements are written down here, not derived.
#ifndef ASSAY_TESTS_REGRESSION_REPORT_MADE_UP_RUN_H_
#define ASSAY_TESTS_REGRESSION_REPORT_MADE_UP_RUN_H_

#include <deque>
#include <string>
#include <vector>

#include "regression/report/rows.h"

namespace assay::report {

class MadeUpRun {
 public:
  MadeUpRun() {
    machine.cpu_model = "Made Up 9000";
    machine.cpus = 2;
    machine.isa = "avx512";
    machine.l3_bytes = 33554432;
    machine.hypervisor = "kvm";
    machine.kernel = "Linux 6.1";
  }

  // A row that passed as faster, to be changed at will.
  Row& add(const std::string& shape, const std::string& library,
           measure::Scope scope = measure::Scope::kernel, double ratio = 1.25) {
    measure::Comparison& c = comparisons.emplace_back();
    c.op = "matmul";
    c.dtype = "f32";
    c.shape = shape;
    c.device = "vgpu://?cus=2";
    c.compute_units = 2;
    c.data = "uniform";
    c.custom_scope = c.library_scope = scope;
    c.simulated_transfers = scope == measure::Scope::with_transfer;
    c.flops = 1e8;
    c.compulsory_bytes = 1e6;
    c.custom = {"packed", "custom", ""};
    c.library = {library, "library", ""};
    c.audit.name = library;
    c.audit.resolved_path = "/lib/" + library + ".so.0";
    c.audit.version = "0.3.21";
    c.audit.core_name = "Cooperlake";
    c.audit.isa = "avx512";
    c.audit.host_isa = "avx512";
    c.audit.threading = "pthreads";
    c.audit.threads = 2;
    c.audit.share_of_peak = 0.9;
    c.id = "matmul.f32." + shape + ".packed.vs." + library + ".cus2." +
           std::string(to_string(scope));

    judge::Judged judged;
    judged.verdict = judge::Verdict::pass;
    judged.speed = judge::Speed::faster;
    judged.ratio = ratio;
    judged.interval = {ratio - 0.01, ratio + 0.01};
    judged.interval_kind = "t over 5 processes";
    judged.custom = {.median_ns = 1e6,
                     .min_ns = 0.9e6,
                     .gflops = 100,
                     .share_of_peak = 0.5,
                     .gbs = 1,
                     .worst_error = 0.031};
    judged.library = {.median_ns = 1e6 * ratio,
                      .min_ns = 1e6,
                      .gflops = 100 / ratio,
                      .share_of_peak = 0.5 / ratio,
                      .gbs = 1 / ratio,
                      .worst_error = 0.002};
    judged.peak_gflops = 200;
    judged.peak_gbs = 25;
    judged.blocks_used = 40;
    rows.push_back({&c, judged, roof_of(c, judged, machine)});
    return rows.back();
  }

  // After a change of what the first row's roof is made of.
  void raise_roof() { rows[0].roof = roof_of(comparisons[0], rows[0].judged, machine); }

  static void refuse(Row& row, judge::Verdict verdict, const std::string& reason) {
    row.judged.verdict = verdict;
    row.judged.speed = judge::Speed::not_compared;
    row.judged.ratio = 0;
    row.judged.interval = {};
    row.judged.reason = reason;
  }

  measure::Machine machine;
  std::deque<measure::Comparison> comparisons;  // rows point into it
  std::vector<Row> rows;
};

}  // namespace assay::report

#endif  // ASSAY_TESTS_REGRESSION_REPORT_MADE_UP_RUN_H_
