// SPDX-License-Identifier: MIT
// What the build system knows of this build. Values come from a generated
// build_info.cc.
#ifndef ASSAY_REGRESSION_MEASURE_BUILD_INFO_H_
#define ASSAY_REGRESSION_MEASURE_BUILD_INFO_H_

namespace assay::measure {

extern const char* const kBuildVersion;
extern const char* const kBuildCommit;  // "-dirty" appended; empty outside a repository
extern const char* const kBuildType;

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_BUILD_INFO_H_
