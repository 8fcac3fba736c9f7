// SPDX-License-Identifier: MIT
// The environment a worker process is given: explicit, complete and recorded. A vendor
// library reads its own before main(), so what this shell happens to export
// (OPENBLAS_CORETYPE=Haswell, say) would decide the result.
#ifndef ASSAY_REGRESSION_MEASURE_ENVIRONMENT_H_
#define ASSAY_REGRESSION_MEASURE_ENVIRONMENT_H_

#include <string>
#include <utility>
#include <vector>

namespace assay::measure {

using Environment = std::vector<std::pair<std::string, std::string>>;

// This process's environment without the variables that steer vendor libraries
// (vendor::is_library_variable), then `additions`, later ones winning. Sorted by name.
Environment worker_environment(const Environment& additions);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_ENVIRONMENT_H_
