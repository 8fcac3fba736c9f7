// SPDX-License-Identifier: MIT
// What holds for any bytes given to the loaders, for the fuzzer and for a test that
// runs without one.
#ifndef ASSAY_TESTS_FUZZ_LOADERS_H_
#define ASSAY_TESTS_FUZZ_LOADERS_H_

#include <string_view>

namespace assay::fuzz {

struct Taken {
  bool json = false;
  bool baseline = false;
  bool session = false;
  bool claims = false;
};

// Reads `text` as JSON, as a baseline, a session and a claims file; says what it was
// taken for.
// What is taken is written and read again, and must be the same. Throws
// std::logic_error when it is not; what the loaders themselves throw is assay::Error,
// and anything else gets out.
Taken check_loaders(std::string_view text);

}  // namespace assay::fuzz

#endif  // ASSAY_TESTS_FUZZ_LOADERS_H_
