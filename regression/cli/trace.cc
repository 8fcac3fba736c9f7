// SPDX-License-Identifier: MIT
// `assay trace`: runs a program under the trace layer; a file for Perfetto, and a page
// that says where the time went.
#include "backends/layers/trace.h"

#include <fmt/format.h>

#include <memory>

#include "backends/registry.h"
#include "regression/cli/commands.h"
#include "regression/cli/console.h"
#include "regression/cli/options.h"
#include "regression/cli/workload_options.h"
#include "regression/json/file.h"
#include "regression/report/chrome_trace.h"
#include "regression/report/trace_summary.h"

namespace assay::cli {
namespace {

struct TraceOptions {
  WorkloadArguments workload;
  std::string output;
};

int run_trace(const TraceOptions& options, const Context& context) {
  if (!options.output.empty() && options.output != "-") {
    require_writable(options.output);
  }
  const Op& op = op_of(options.workload, context.ops);
  const measure::WorkloadOptions wanted = to_options(options.workload, op);
  const std::shared_ptr<Device> device =
      open_device("trace+" + options.workload.device);
  measure::Workload workload(device, op, wanted);
  const measure::WorkloadRun run = workload.run();
  const layers::Trace trace = layers::trace_of(*device);
  const std::string title = describe(options.workload, wanted);
  if (!options.output.empty()) {
    const std::string json =
        report::chrome_trace(trace, title + " on " + device->caps().uri);
    // Alone on standard output, the trace can be piped.
    if (options.output == "-") {
      print(json);
      return 0;
    }
    json::write_file_atomically(options.output, json);
  }
  print(fmt::format("{}\n{}\n\n", device->caps().uri, title) +
        to_text(report::summarize(trace, run.begin_ns, run.end_ns)));
  if (!options.output.empty()) {
    print(fmt::format("\n{}: open it in https://ui.perfetto.dev or chrome://tracing\n",
                      options.output));
  }
  return 0;
}

}  // namespace

void add_trace(Command& app, Context& context) {
  Command command = app.add_command(
      "trace", "what a program's threads, queues and compute units do, over time");
  const auto o = std::make_shared<TraceOptions>();
  o->workload.op = context.default_op();
  add_workload_options(command, o->workload);
  command.add_option("--output", o->output,
                     "Chrome trace JSON for Perfetto: a file, or - for it alone");
  command.on_parsed([&context, o] {
    context.selected = [&context, o] { return run_trace(*o, context); };
  });
}

}  // namespace assay::cli
