// SPDX-License-Identifier: MIT
// What every encoder refuses, whatever executes the commands. All throw Error with
// nothing changed; `what` names the command in the message.
#ifndef ASSAY_BACKENDS_RUNTIME_COMMAND_CHECKS_H_
#define ASSAY_BACKENDS_RUNTIME_COMMAND_CHECKS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "backends/interface/buffer.h"
#include "backends/interface/caps.h"
#include "backends/interface/kernel.h"

namespace assay::runtime {

// range_of() a slice that a kernel or a library sees.
SliceRange check_bindable(const BufferSlice& slice, const Limits& limits,
                          std::string_view what);

// Limits and the presence of code. Whether the device runs that code is its business.
void check_kernel(const KernelDesc& desc, const Limits& limits);

// Returns the number of groups.
std::uint64_t check_dispatch(const KernelDesc& desc, Dim3 groups, std::size_t bindings,
                             std::size_t constants_bytes, const Limits& limits,
                             std::string_view what);

// Equal sizes, and no overlap within one buffer.
void check_copy(bool same_buffer, const SliceRange& from, const SliceRange& to);
// Multiples of the pattern's four bytes.
void check_fill(const SliceRange& range);

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_COMMAND_CHECKS_H_
