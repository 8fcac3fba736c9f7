// SPDX-License-Identifier: MIT
// What a time covers. Part of a time's type: a ratio of two scopes does not exist.
#ifndef ASSAY_REGRESSION_MEASURE_SCOPE_H_
#define ASSAY_REGRESSION_MEASURE_SCOPE_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace assay::measure {

enum class Scope : std::uint8_t {
  kernel,              // device time of one submission: ended - started; data resident
  submit_to_complete,  // host time from before submit to after wait; data resident
  with_transfer,       // the same with inputs copied in and the output copied out
  cold,                // the same with kernels compiled and memory allocated inside
  call,                // host time of calls of the runtime: figures, never an op
};
std::string_view to_string(Scope scope) noexcept;
std::optional<Scope> parse_scope(std::string_view name) noexcept;
inline constexpr Scope kAllScopes[] = {Scope::kernel, Scope::submit_to_complete,
                                       Scope::with_transfer, Scope::cold, Scope::call};
// The scopes an op can be timed in.
inline constexpr Scope kOpScopes[] = {Scope::kernel, Scope::submit_to_complete,
                                      Scope::with_transfer, Scope::cold};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_SCOPE_H_
