// SPDX-License-Identifier: MIT
// The environment a worker process is given: explicit, complete and recorded. A vendor
// library reads its own before main(), so what this shell happens to export
// (OPENBLAS_CORETYPE=Haswell, say) would decide the result. Short on purpose: it goes
// into results files that people publish, where the rest of a shell has no business.
#ifndef ASSAY_REGRESSION_MEASURE_ENVIRONMENT_H_
#define ASSAY_REGRESSION_MEASURE_ENVIRONMENT_H_

#include <string>
#include <utility>
#include <vector>

namespace assay::measure {

using Environment = std::vector<std::pair<std::string, std::string>>;

// What of this process's environment a worker may need to start at all (paths, locale,
// ASSAY_*, options of sanitizers), then `additions`, later ones winning. Sorted by
// name.
Environment worker_environment(const Environment& additions);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_ENVIRONMENT_H_
