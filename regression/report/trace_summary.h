// SPDX-License-Identifier: MIT
// A trace in one page: how much was submitted by whom, where the threads' time went,
// and how much of it nobody can account for. That last row is there so that what a
// tracer does not see is not taken for what does not happen.
#ifndef ASSAY_REGRESSION_REPORT_TRACE_SUMMARY_H_
#define ASSAY_REGRESSION_REPORT_TRACE_SUMMARY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "backends/layers/recorder.h"

namespace assay::report {

struct TraceSummary {
  struct CallRow {
    layers::Call call = layers::Call::submit;
    std::uint64_t count = 0;
    double total_ns = 0;  // without the calls inside it
    double p50_ns = 0;
    double p95_ns = 0;
    double share = 0;  // of threads x window
  };
  double window_ns = 0;
  std::uint64_t submissions = 0;
  double submissions_per_s = 0;
  double latency_p50_ns = 0;  // enqueued to ended; 0 without timed submissions
  double latency_p95_ns = 0;
  double run_p50_ns = 0;  // started to ended
  double run_p95_ns = 0;
  std::uint64_t untimed = 0;  // submissions without timestamps
  std::uint64_t submitting_threads = 0;
  double top_thread_share = 0;  // of the submissions
  std::uint64_t threads = 0;    // that made any call
  std::vector<CallRow> calls;   // the most expensive first
  // threads x window - calls: what the threads did outside of the interface.
  double unaccounted_ns = 0;
  double unaccounted_share = 0;

  std::uint32_t compute_units = 0;
  double groups_ns = 0;              // units x time inside kernels' groups
  double host_calls_ns = 0;          // inside host and library calls
  double device_unaccounted_ns = 0;  // units x window - both: idle, and overhead
  std::uint64_t dropped = 0;
};

// Over what happened within [begin_ns, end_ns]; calls and work that reach over an end
// count with the part inside, submissions if they were enqueued inside.
TraceSummary summarize(const layers::Trace& trace, std::uint64_t begin_ns,
                       std::uint64_t end_ns);

std::string to_text(const TraceSummary& summary);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_TRACE_SUMMARY_H_
