// SPDX-License-Identifier: MIT
// An entry of the kernel cache on disk. It holds its whole key, so that a file under a
// wrong name, or of another key with the same digest, is a miss; and a checksum.
#ifndef ASSAY_BACKENDS_RUNTIME_CACHE_ENTRY_H_
#define ASSAY_BACKENDS_RUNTIME_CACHE_ENTRY_H_

#include <optional>
#include <string>
#include <string_view>

#include "backends/interface/kernel_cache.h"

namespace assay::runtime {

// A file name: 32 hexadecimal digits and ".entry".
std::string entry_name(const KernelKey& key);

std::string encode_entry(const KernelKey& key, std::string_view payload);
// The payload, when `bytes` is exactly an entry of `key`.
std::optional<std::string> decode_entry(std::string_view bytes, const KernelKey& key);

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_CACHE_ENTRY_H_
