// SPDX-License-Identifier: MIT
// std::bad_alloc inside, Error(out_of_memory) outside: short memory is a Status like
// everything else that a call of the interface can end with.
#ifndef ASSAY_BACKENDS_RUNTIME_SHORT_MEMORY_H_
#define ASSAY_BACKENDS_RUNTIME_SHORT_MEMORY_H_

#include <new>

#include "backends/interface/status.h"

namespace assay::runtime {

// What body() returns. `message` is the Error's.
template <typename Body>
auto or_out_of_memory(const char* message, const Body& body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    throw Error(StatusCode::out_of_memory, message);
  }
}

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_SHORT_MEMORY_H_
