// SPDX-License-Identifier: MIT
// A trace as Chrome trace events, which Perfetto (ui.perfetto.dev) and chrome://tracing
// open: a track a host thread, a queue and a compute unit, an arrow from each submit to
// the execution it caused, and the depth of each queue over time.
#ifndef ASSAY_REGRESSION_REPORT_CHROME_TRACE_H_
#define ASSAY_REGRESSION_REPORT_CHROME_TRACE_H_

#include <string>
#include <string_view>

#include "backends/layers/recorder.h"

namespace assay::report {

// One JSON object, an event a line; times in microseconds since the trace began.
// `title` names the device or what ran.
std::string chrome_trace(const layers::Trace& trace, std::string_view title);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_CHROME_TRACE_H_
