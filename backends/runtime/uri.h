// SPDX-License-Identifier: MIT
// Device URIs: scheme://path?key=value&key=value, with any number of layers before
// them: trace+perturb(call=submit,delay_us=50)+scheme://...
#ifndef ASSAY_BACKENDS_RUNTIME_URI_H_
#define ASSAY_BACKENDS_RUNTIME_URI_H_

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace assay::runtime {

struct Uri {
  std::string scheme;
  std::string path;
  std::map<std::string, std::string> parameters;
  bool layer = false;  // a layer's name and parameters: name(key=value,...)
};

// A URI taken apart: "a+b(k=v)+vgpu://?cus=2" is the layers a and b, a outermost, over
// the device vgpu://?cus=2.
struct UriStack {
  std::vector<Uri> layers;  // outermost first
  std::string_view device;  // within the text that was parsed
};

// Throws invalid_argument with the form and what is wrong. What the layers are called
// and take is not checked here, and the device's part not at all.
UriStack parse_stack(std::string_view text);

// "name" or "name(key=value,key=value)": parses into the same layer again.
std::string spelling(const Uri& layer);

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
