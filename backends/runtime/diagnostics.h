// SPDX-License-Identifier: MIT
// What devices find wrong with their own use of what lies below them (a driver, a
// layer that checks calls), when nobody is there to return a status to: in a callback,
// at close. Process-wide and thread-safe; tests take it after each test and fail on any
// line.
#ifndef ASSAY_BACKENDS_RUNTIME_DIAGNOSTICS_H_
#define ASSAY_BACKENDS_RUNTIME_DIAGNOSTICS_H_

#include <string>
#include <vector>

namespace assay::runtime {

// Keeps the first kMostDiagnostics lines; later ones are dropped.
inline constexpr int kMostDiagnostics = 100;
void report_diagnostic(std::string line);

// Everything reported since the last call, which is forgotten.
std::vector<std::string> take_diagnostics();

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_DIAGNOSTICS_H_
