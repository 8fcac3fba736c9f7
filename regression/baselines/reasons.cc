// SPDX-License-Identifier: MIT
#include "regression/baselines/reasons.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "backends/interface/status.h"

namespace assay::baselines {
namespace {

bool covers(const std::string& key, const std::string& gate) {
  if (!key.ends_with('*')) return key == gate;
  return gate.starts_with(std::string_view(key).substr(0, key.size() - 1));
}

void check_given(std::string_view option, const std::string& key,
                 const std::string& reason, bool names_a_gate) {
  if (!says_something(reason) || reason == kReasonPlaceholder) {
    throw Error(StatusCode::invalid_argument,
                fmt::format("{} {}={}: a reason is missing", option, key, reason));
  }
  if (!names_a_gate) {
    throw Error(StatusCode::invalid_argument,
                fmt::format("{}: there is no gate '{}' in the suite", option, key));
  }
}

}  // namespace

void check_reasons(const RefreshOptions& options) {
  const auto any = [&](const auto& names) {
    return std::ranges::any_of(options.gate_ids, names);
  };
  for (const auto& [key, reason] : options.accepted) {
    const std::string& pattern = key;
    check_given("--accept", key, reason,
                any([&](const std::string& gate) { return covers(pattern, gate); }));
  }
  for (const auto& [key, reason] : options.left_out) {
    const std::string& name = key;
    check_given("--leave-out", key, reason,
                any([&](const std::string& gate) { return name == gate; }));
  }
}

const std::string* accepted_reason(const RefreshOptions& options,
                                   const std::string& gate) {
  const auto exact = options.accepted.find(gate);
  if (exact != options.accepted.end()) return &exact->second;
  // '*' sorts behind the shorter ones.
  const auto found =
      std::find_if(options.accepted.rbegin(), options.accepted.rend(),
                   [&](const auto& entry) { return covers(entry.first, gate); });
  return found == options.accepted.rend() ? nullptr : &found->second;
}

}  // namespace assay::baselines
