// SPDX-License-Identifier: MIT
// From a run's outcome to what the person sees: table, files, exit code.
#ifndef ASSAY_REGRESSION_CLI_OUTCOME_H_
#define ASSAY_REGRESSION_CLI_OUTCOME_H_

#include <string>
#include <vector>

#include "regression/measure/run.h"

namespace assay::cli {

struct OutputOptions {
  std::string json;      // file, "-" or empty
  std::string markdown;  // file, "-" or empty
  bool strict = false;
};

// The command line again, without what chose rows or files: what a reader types to
// repeat the run.
std::string reproducing_command(const std::vector<std::string>& command_line);

// Prints the table on standard output (unless JSON or Markdown goes there), writes the
// files, says on standard error why a run ended early, and returns the exit code.
int finish_run(const measure::RunOutcome& outcome, const OutputOptions& options);

// The same for results that were read from a file.
int finish_results(const measure::Results& results, const OutputOptions& options);

}  // namespace assay::cli

#endif  // ASSAY_REGRESSION_CLI_OUTCOME_H_
