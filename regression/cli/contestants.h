// SPDX-License-Identifier: MIT
// Which problems and libraries meet on a device: what `compare` and `ladder` ask an
// op's table.
#ifndef ASSAY_REGRESSION_CLI_CONTESTANTS_H_
#define ASSAY_REGRESSION_CLI_CONTESTANTS_H_

#include <memory>
#include <string>
#include <vector>

#include "kernels/common/op.h"

namespace assay::cli {

// Throws Error(invalid_argument) when the shape does not parse or has no elements.
std::unique_ptr<Problem> problem_to_measure(const Op& op, const std::string& shape);

// The libraries to compare with, and why there are none.
struct Libraries {
  std::vector<std::string> names;
  std::string none_because;
};

// All that the op has rows for and that can compute the problem: on a device that takes
// library calls those that are called, else those that run beside it and are there.
Libraries libraries_of(const Op& op, const Problem& problem, const Caps& caps);

}  // namespace assay::cli

#endif  // ASSAY_REGRESSION_CLI_CONTESTANTS_H_
