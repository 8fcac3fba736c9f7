// SPDX-License-Identifier: MIT
// The one table of mutants. A new one is a row in mutants.cc.
#ifndef TESTS_CONFORMANCE_MUTANTS_MUTANTS_H_
#define TESTS_CONFORMANCE_MUTANTS_MUTANTS_H_

#include <span>

#include "tests/conformance/mutants/mutant_device.h"

namespace assay::conformance {

// Without a defect: the suite must pass, or it would kill whatever it is given.
std::span<const Mutant> controls();
std::span<const Mutant> mutants();

}  // namespace assay::conformance

#endif  // TESTS_CONFORMANCE_MUTANTS_MUTANTS_H_
