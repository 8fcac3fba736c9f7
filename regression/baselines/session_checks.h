// SPDX-License-Identifier: MIT
// Which recorded sessions a baseline may be made of.
#ifndef ASSAY_REGRESSION_BASELINES_SESSION_CHECKS_H_
#define ASSAY_REGRESSION_BASELINES_SESSION_CHECKS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "regression/baselines/refresh.h"

namespace assay::baselines {

// Seconds since 1970 of "2026-01-31T12:00:00Z"; nothing when it is not of this form.
std::optional<std::int64_t> parse_utc(std::string_view text);

// Time the hypervisor took, over the time of all blocks.
double steal_share(const measure::Session& session);

// Why these sessions together are no ground for a baseline: one line each, with what to
// do. Empty: they are. `sessions` are in the order of their starts.
std::vector<std::string> session_problems(
    std::span<const RecordedSession* const> sessions, const RefreshOptions& options);

}  // namespace assay::baselines

#endif  // ASSAY_REGRESSION_BASELINES_SESSION_CHECKS_H_
