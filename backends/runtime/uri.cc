// SPDX-License-Identifier: MIT
#include "backends/runtime/uri.h"

#include <algorithm>
#include <charconv>

#include "backends/interface/status.h"

namespace assay::runtime {
namespace {

[[noreturn]] void reject(std::string_view text, const std::string& why) {
  throw Error(StatusCode::invalid_argument,
              "device URI '" + std::string(text) + "': " + why +
                  "; the form is scheme://path?key=value&key=value");
}

}  // namespace

Uri parse_uri(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) reject(text, "no scheme://");
  Uri uri;
  uri.scheme = text.substr(0, colon);
  std::string_view rest = text.substr(colon + 3);
  const std::size_t question = rest.find('?');
  uri.path = rest.substr(0, question);
  if (question == std::string_view::npos) return uri;
  rest.remove_prefix(question + 1);
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    const std::size_t equal = pair.find('=');
    if (equal == std::string_view::npos || equal == 0 || equal + 1 == pair.size()) {
      reject(text, "'" + std::string(pair) + "' is not key=value");
    }
    const std::string key(pair.substr(0, equal));
    if (!uri.parameters.emplace(key, pair.substr(equal + 1)).second) {
      reject(text, "'" + key + "' is given twice");
    }
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return uri;
}

void require_only(const Uri& uri, std::initializer_list<std::string_view> keys) {
  if (!uri.path.empty()) {
    reject(uri.scheme + "://" + uri.path, "this device takes no path");
  }
  for (const auto& [key, value] : uri.parameters) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    std::string known;
    for (const std::string_view name : keys) {
      known.append(known.empty() ? "" : ", ").append(name);
    }
    reject(uri.scheme + "://?" + key + "=" + value,
           "unknown key '" + key + "'" +
               (known.empty() ? ", it takes none" : ", it takes " + known));
  }
}

std::uint64_t integer_parameter(const Uri& uri, const std::string& key,
                                std::uint64_t fallback, std::uint64_t low,
                                std::uint64_t high) {
  const auto found = uri.parameters.find(key);
  if (found == uri.parameters.end()) return fallback;
  const std::string& text = found->second;
  std::uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < low ||
      value > high) {
    reject(uri.scheme + "://?" + key + "=" + text, key + " must be an integer in " +
                                                       std::to_string(low) + ".." +
                                                       std::to_string(high));
  }
  return value;
}

}  // namespace assay::runtime
