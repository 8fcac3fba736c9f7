// SPDX-License-Identifier: MIT
// The environment that libraries are loaded in.
#ifndef ASSAY_REGRESSION_EXPLORE_CLEAN_START_H_
#define ASSAY_REGRESSION_EXPLORE_CLEAN_START_H_

namespace assay::explore {

// A vendor library reads its environment before main(), and a shell that exports
// OPENBLAS_CORETYPE=Haswell halves what OpenBLAS reaches here. Starts this program
// again in its place, with the same arguments and an environment in which the
// libraries' variables have the values that measure/launch.h gives a worker; returns
// when that is what it runs in already. `threads`: the most a library may use; fewer
// are asked for when it is loaded. Throws Error when the program cannot be started
// again.
void ensure_clean_start(char** argv, int threads);

}  // namespace assay::explore

#endif  // ASSAY_REGRESSION_EXPLORE_CLEAN_START_H_
