// SPDX-License-Identifier: MIT
// What there is to explore: from the tables, like everything else.
#ifndef ASSAY_REGRESSION_EXPLORE_ROWS_H_
#define ASSAY_REGRESSION_EXPLORE_ROWS_H_

#include <span>
#include <string>
#include <vector>

#include "kernels/common/op.h"
#include "kernels/vendor/known_libraries.h"
#include "regression/measure/case.h"
#include "regression/measure/figures.h"

namespace assay::explore {

// One benchmark.
struct Row {
  std::string name;    // "matmul/packed/512x512x512/cus:2", "runtime/submit/cus:1"
  std::string device;  // URI
  // An implementation of an op on a shape ...
  const Op* op = nullptr;
  std::string shape;
  const Implementation* implementation = nullptr;
  vendor::LibrarySpec library;  // without a path: none
  int library_threads = 1;
  // ... or a figure of the runtime.
  const measure::Figure* figure = nullptr;
};

// Every op x implementation (the oracle too: a floor) x shapes x compute units, where
// it is supported and its library is there, then every figure. Shapes are the op's
// sizes 32 to 1024 and those of the suites' cases; units are 1, what the machine has,
// and the cases'. What shares a problem stands together: its operands and the oracle's
// answer are made once.
std::vector<Row> all_rows(std::span<const Op* const> ops,
                          std::span<const measure::Suite> suites);

}  // namespace assay::explore

#endif  // ASSAY_REGRESSION_EXPLORE_ROWS_H_
