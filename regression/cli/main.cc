// SPDX-License-Identifier: MIT
#include "kernels/ops.h"
#include "regression/cases/cases.h"
#include "regression/cli/cli.h"

int main(int argc, char** argv) {
  return assay::cli::run_cli(argc, argv, assay::all_ops(), assay::cases::all_suites());
}
