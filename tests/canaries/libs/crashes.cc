// SPDX-License-Identifier: MIT
// Crashes in the call: the measurement must end with a report and not with a core dump
// of the tool.
#include <csignal>

#include "tests/canaries/libs/plain_sgemm.h"

void cblas_sgemm(int, int, int, int, int, int, float, const float*, int, const float*,
                 int, float, float*, int) {
  std::raise(SIGSEGV);
}
