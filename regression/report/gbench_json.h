// SPDX-License-Identifier: MIT
// A gate run in the format of Google Benchmark's JSON, for tools that read that:
// its compare.py, Bencher, github-action-benchmark.
#ifndef ASSAY_REGRESSION_REPORT_GBENCH_JSON_H_
#define ASSAY_REGRESSION_REPORT_GBENCH_JSON_H_

#include <string>

#include "regression/gates/gate_report.h"
#include "regression/json/value.h"

namespace assay::report {

// json_schema_version 1. One entry of run_type "iteration" for each gate and worker
// process, the processes as its repetitions: real_time is the median of the custom
// arm's usable epochs, in ns. cpu_time repeats it: readers insist on one, and a
// device's time has no other. The figures of figures.h stand beside as counters, the
// same in each repetition, and process_ratio, this process's own. Every number is
// finite. A gate whose result was refused, and a process without usable blocks, have no
// entry: a time that nobody should believe is no time.
json::Value gbench_document(const gates::GateReport& report);
std::string gbench_text(const gates::GateReport& report);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_GBENCH_JSON_H_
