// SPDX-License-Identifier: MIT
// A shared library like any other, but not a BLAS.
#include "tests/canaries/libs/plain_sgemm.h"

CANARY_EXPORT int canary_without_sgemm();
int canary_without_sgemm() { return 0; }
