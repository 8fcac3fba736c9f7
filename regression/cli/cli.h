// SPDX-License-Identifier: MIT
// The `assay` command line. One file a subcommand; main.cc only calls run_cli().
#ifndef ASSAY_REGRESSION_CLI_CLI_H_
#define ASSAY_REGRESSION_CLI_CLI_H_

#include <span>

#include "kernels/common/op.h"
#include "regression/measure/build_info.h"
#include "regression/measure/case.h"

namespace assay::cli {

// Parses and runs. Returns the exit code of judge/verdict.h's table. `ops` are the ops
// the commands know: all_ops() for the tool, more for the canaries of the tests.
// `suites` are what `assay gate` measures: cases::all_suites(), or another project's.
int run_cli(int argc, char** argv, std::span<const Op* const> ops,
            std::span<const measure::Suite> suites);

// The same for kernels of another repository: `sources` is what assay_write_sources()
// of CMake knows of it. A baseline names that commit, and is refused without one.
int run_cli(int argc, char** argv, std::span<const Op* const> ops,
            std::span<const measure::Suite> suites, const measure::Sources& sources);

}  // namespace assay::cli

#endif  // ASSAY_REGRESSION_CLI_CLI_H_
