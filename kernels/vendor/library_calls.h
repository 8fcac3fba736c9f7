// SPDX-License-Identifier: MIT
// The two ways a library is put to work on a device, for any function of it:
//
//   whole        one call; the library brings its own threads
//   partitioned  a serial build, called for parts of the output by our compute units
#ifndef ASSAY_KERNELS_VENDOR_LIBRARY_CALLS_H_
#define ASSAY_KERNELS_VENDOR_LIBRARY_CALLS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/common/op.h"
#include "kernels/vendor/library.h"

namespace assay::vendor {

// The loaded library. Throws Error(failed_precondition) when there is none.
const Library& required_library(const PrepareContext& context);

// A function of the library. Throws Error(not_supported) when it has none of that name.
void require_function(const Library& library, const char* name);

using WholeFunction = std::function<void(std::span<const BoundRange> operands)>;
// One call on as many threads as the device has compute units; the library's count is
// set now, so that its threads start here and not in the first timed call. `label`
// names the call in traces. Its operands are those of the problem. `setup`, if there is
// one, is Prepared::record_setup().
std::unique_ptr<Prepared> whole_call(const PrepareContext& context,
                                     const Problem& problem, std::string label,
                                     WholeFunction call, WholeFunction setup = {});

// Computes part `part` with the library instance of one compute unit, numbered `unit`.
// Instances have state of their own: Debian's serial OpenBLAS is not safe to call from
// two threads (kernels/matmul/openblas.cc).
using PartFunction = std::function<void(std::uint32_t unit, std::uint32_t part,
                                        std::span<const BoundRange> operands)>;
// `parts` groups; each calls. `finish`, if there is one, runs once after all of them.
// Throws Error(not_supported) unless the library is serial.
std::unique_ptr<Prepared> partitioned_call(const PrepareContext& context,
                                           const Problem& problem, std::string label,
                                           std::uint32_t parts, PartFunction call,
                                           WholeFunction finish = {});

// A function of each unit's instance: PartFunction indexes it by unit.
template <typename Function>
std::vector<Function> functions_of_units(const PrepareContext& context,
                                         const char* name) {
  const Library& library = required_library(context);
  require_function(library, name);
  std::vector<Function> functions;
  for (std::uint32_t unit = 0; unit < context.device->caps().compute_units; ++unit) {
    functions.push_back(library.instance(unit).function<Function>(name));
  }
  return functions;
}

}  // namespace assay::vendor

#endif  // ASSAY_KERNELS_VENDOR_LIBRARY_CALLS_H_
