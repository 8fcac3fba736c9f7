// SPDX-License-Identifier: MIT
// A proposal as Markdown, for the review of the change that will carry it.
#ifndef ASSAY_REGRESSION_BASELINES_DIFF_H_
#define ASSAY_REGRESSION_BASELINES_DIFF_H_

#include <string>

#include "regression/baselines/proposal.h"

namespace assay::baselines {

// Where it applies, a table of the gates (regressions first), the sessions, the notes.
std::string markdown_diff(const Proposal& proposal);

}  // namespace assay::baselines

#endif  // ASSAY_REGRESSION_BASELINES_DIFF_H_
