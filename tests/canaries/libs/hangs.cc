// SPDX-License-Identifier: MIT
// Never returns from the call: the measurement must end at its time limit.
#include <unistd.h>

#include "tests/canaries/libs/plain_sgemm.h"

void cblas_sgemm(int, int, int, int, int, int, float, const float*, int, const float*,
                 int, float, float*, int) {
  for (;;) pause();
}
