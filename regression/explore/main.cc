// SPDX-License-Identifier: MIT
#include "kernels/ops.h"
#include "regression/cases/cases.h"
#include "regression/explore/explore.h"

int main(int argc, char** argv) {
  return assay::explore::run_explorer(argc, argv, assay::all_ops(),
                                      assay::cases::all_suites());
}
