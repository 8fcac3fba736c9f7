// SPDX-License-Identifier: MIT
// SHA-256 (FIPS 180-4): which bytes a proposal was made from. A few files of some
// hundred kilobytes, so short and plain before fast.
#ifndef ASSAY_REGRESSION_BASELINES_SHA256_H_
#define ASSAY_REGRESSION_BASELINES_SHA256_H_

#include <string>
#include <string_view>

namespace assay::baselines {

// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

// Whether `text` could have come from sha256_hex().
bool is_sha256_hex(std::string_view text) noexcept;

}  // namespace assay::baselines

#endif  // ASSAY_REGRESSION_BASELINES_SHA256_H_
