// SPDX-License-Identifier: MIT
// The loaders under libFuzzer: ci/fuzz builds and runs it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/loaders.h"

// The name is libFuzzer's.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)assay::fuzz::check_loaders(
      std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
