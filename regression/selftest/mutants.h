// SPDX-License-Identifier: MIT
// Wrong statistics that look right: each is a rule somebody's gate uses, or a slip of
// one character. The offline suite must tell every one from the judge.
#ifndef ASSAY_REGRESSION_SELFTEST_MUTANTS_H_
#define ASSAY_REGRESSION_SELFTEST_MUTANTS_H_

#include <memory>
#include <string_view>
#include <vector>

#include "regression/selftest/statistics_under_test.h"

namespace assay::selftest {

struct Mutant {
  std::unique_ptr<Statistics> statistics;
  std::string_view idea;       // one line: what is wrong with it
  std::string_view killed_by;  // the scenario that is there for it
};

std::vector<Mutant> mutants();

}  // namespace assay::selftest

#endif  // ASSAY_REGRESSION_SELFTEST_MUTANTS_H_
