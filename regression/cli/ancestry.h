// SPDX-License-Identifier: MIT
// Where a commit stands in the history of a repository, as git knows it.
#ifndef ASSAY_REGRESSION_CLI_ANCESTRY_H_
#define ASSAY_REGRESSION_CLI_ANCESTRY_H_

#include <string>

#include "regression/baselines/refresh.h"

namespace assay::cli {

// Whether `commit` is an ancestor of HEAD, or HEAD, in the repository that holds
// `folder` (the current one when the folder does not exist). No: also when the
// repository does not know it. Unknown: no git, or no repository.
baselines::Ancestry ancestry_of(const std::string& commit, const std::string& folder);

}  // namespace assay::cli

#endif  // ASSAY_REGRESSION_CLI_ANCESTRY_H_
