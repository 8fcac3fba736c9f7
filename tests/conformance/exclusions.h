// SPDX-License-Identifier: MIT
// What a device is not held to, and why. The only place where a test is taken off a
// device by name; what Caps says a device lacks needs no row.
#ifndef TESTS_CONFORMANCE_EXCLUSIONS_H_
#define TESTS_CONFORMANCE_EXCLUSIONS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace assay::conformance {

enum class ExclusionKind : std::uint8_t {
  // Never: the contract asks for something this device cannot have. The test is
  // skipped.
  // Also for a defect that hangs or ends the process, which no test can survive.
  unsupported,
  // Not yet: a known defect. The test runs and must fail; once it passes, the run fails
  // until the row is gone.
  expected_failure,
};

struct Exclusion {
  std::string_view devices;  // a name of devices.h; one * stands for any text
  std::string_view test;     // "BuffersTest.SecondMapIsRefused"; one * as above
  ExclusionKind kind = ExclusionKind::unsupported;
  std::string_view reason;  // a full sentence, shown wherever the row takes effect
};

inline const std::vector<Exclusion> kExclusions = {};

// The first row for this device and test, or null.
const Exclusion* find_exclusion(std::span<const Exclusion> rows,
                                std::string_view device, std::string_view test);

// True when `text` is `pattern`, in which one * stands for any text.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace assay::conformance

#endif  // TESTS_CONFORMANCE_EXCLUSIONS_H_
