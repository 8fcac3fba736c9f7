// SPDX-License-Identifier: MIT
// A word that was mistyped, and the one that was meant.
#ifndef ASSAY_REGRESSION_CLI_SLIP_H_
#define ASSAY_REGRESSION_CLI_SLIP_H_

#include <span>
#include <string>
#include <string_view>

namespace assay::cli {

// The one of `known` that is nearest to `word`: at most two letters changed, left out
// or too many, and fewer than half of it. Empty: none is, or `word` may be any.
std::string meant(std::string_view word, std::span<const std::string> known);

}  // namespace assay::cli

#endif  // ASSAY_REGRESSION_CLI_SLIP_H_
