// SPDX-License-Identifier: MIT
// What the build system knows of this build. Values come from a generated
// build_info.cc.
#ifndef ASSAY_REGRESSION_MEASURE_BUILD_INFO_H_
#define ASSAY_REGRESSION_MEASURE_BUILD_INFO_H_

namespace assay::measure {

extern const char* const kBuildVersion;
extern const char* const kBuildCommit;  // "-dirty" appended; empty outside a repository
extern const char* const kBuildType;

// What was measured is the program's: of one with kernels of its own, a commit of
// Assay's names the wrong sources. Assay's own until set_sources() was called.
struct Sources {
  const char* commit;  // as kBuildCommit
  const char* build_type;
};
Sources sources() noexcept;
// Before there are threads: of run_cli(), for workers and for who starts them.
void set_sources(const Sources& own) noexcept;

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_BUILD_INFO_H_
