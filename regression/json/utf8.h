// SPDX-License-Identifier: MIT
// UTF-8, checked: text of a file, of the environment or of a library's account of
// itself may be anything.
#ifndef ASSAY_REGRESSION_JSON_UTF8_H_
#define ASSAY_REGRESSION_JSON_UTF8_H_

#include <optional>
#include <string>
#include <string_view>

namespace assay::json {

// Takes the first character off `text`. Nothing when the bytes are not UTF-8 (overlong
// forms, surrogates and values above U+10FFFF included): then one byte is taken.
// Precondition: not empty.
std::optional<char32_t> take_character(std::string_view& text) noexcept;

// Each broken byte becomes U+FFFD.
std::string valid_utf8(std::string_view text);

// `text` as one short line for a message: control characters and broken bytes become
// '?', and what is longer than `max_bytes` ends with "...".
std::string excerpt(std::string_view text, std::size_t max_bytes = 80);

}  // namespace assay::json

#endif  // ASSAY_REGRESSION_JSON_UTF8_H_
