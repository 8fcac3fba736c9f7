// SPDX-License-Identifier: MIT
// Where the fuzzer starts: small good files, and the hostile ones that were thought of.
#ifndef ASSAY_TESTS_FUZZ_SEEDS_H_
#define ASSAY_TESTS_FUZZ_SEEDS_H_

#include <map>
#include <string>

namespace assay::fuzz {

// By file name. Those that begin with "baseline", "session" or "claims" are good.
std::map<std::string, std::string> seeds();

}  // namespace assay::fuzz

#endif  // ASSAY_TESTS_FUZZ_SEEDS_H_
