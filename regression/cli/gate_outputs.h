// SPDX-License-Identifier: MIT
// Where the report of a gate session goes.
#ifndef ASSAY_REGRESSION_CLI_GATE_OUTPUTS_H_
#define ASSAY_REGRESSION_CLI_GATE_OUTPUTS_H_

#include <functional>
#include <string>
#include <vector>

#include "regression/cli/command.h"
#include "regression/gates/gate_report.h"

namespace assay::cli {

// Files; an empty path is not written. The table goes to standard output, unless one of
// these does ("-").
struct GateOutputs {
  std::string json;
  std::string junit;
  std::string gbench;
  std::string markdown;
  std::string history;  // folder

  // Of files. Throws Error(invalid_argument) where two want standard output.
  std::vector<std::string> paths() const;
};

// The options that fill `outputs`, which must live as long as the application.
void add_output_options(Command& command, GateOutputs& outputs);

// Writes the files, does what else is to be done before anything is shown, and prints
// the table, or what stands in its place (print_after); also appends the Markdown to
// the file that GITHUB_STEP_SUMMARY names, when it does.
void write_outputs(const gates::GateReport& report, const GateOutputs& outputs,
                   const std::function<void()>& write_more = {});

// Appends the session to the history of its host class; nothing without a folder.
void append_history(const gates::GateReport& report, const GateOutputs& outputs);

// The same for a session that was recorded, which may have been appended when it was
// measured: one that is there already stays the only one, and that is said.
void append_recorded(const gates::GateReport& report, const GateOutputs& outputs);

// One gate: its line, and with `ctest` its measurements for CTest. Returns the exit
// code; with `ctest` skipped is 77. Throws Error(invalid_argument) when the session has
// no such gate.
struct OneGate {
  bool ctest = false;
  bool strict = false;
  bool require_baseline = false;
};
int report_one(const gates::GateReport& report, const std::string& id,
               const OneGate& options);

// Prints whether the skips of this session and its history are within bounds.
int report_skips(const gates::GateReport& report, const GateOutputs& outputs,
                 bool require_baseline);

}  // namespace assay::cli

#endif  // ASSAY_REGRESSION_CLI_GATE_OUTPUTS_H_
