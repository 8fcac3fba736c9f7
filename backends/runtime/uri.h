// SPDX-License-Identifier: MIT
// Device URIs: scheme://path?key=value&key=value
#ifndef ASSAY_BACKENDS_RUNTIME_URI_H_
#define ASSAY_BACKENDS_RUNTIME_URI_H_

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

namespace assay::runtime {

struct Uri {
  std::string scheme;
  std::string path;
  std::map<std::string, std::string> parameters;
};

// Throws invalid_argument with the form and what is wrong.
Uri parse_uri(std::string_view text);

// Throws invalid_argument when `uri` has a path or a key outside `keys`.
void require_only(const Uri& uri, std::initializer_list<std::string_view> keys);

// The value of `key` as an integer in [low, high], or `fallback` when absent. Throws
// invalid_argument.
std::uint64_t integer_parameter(const Uri& uri, const std::string& key,
                                std::uint64_t fallback, std::uint64_t low,
                                std::uint64_t high);

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_URI_H_
