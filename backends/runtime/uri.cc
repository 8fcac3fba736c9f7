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

[[noreturn]] void reject_layer(std::string_view text, const std::string& why) {
  throw Error(StatusCode::invalid_argument,
              "layer '" + std::string(text) + "': " + why +
                  "; the form is name(key=value,key=value)+device");
}

// Of one parameter, for a message about it.
[[noreturn]] void reject_parameter(const Uri& uri, const std::string& key,
                                   const std::string& value, const std::string& why) {
  if (uri.layer) reject_layer(uri.scheme + "(" + key + "=" + value + ")", why);
  reject(uri.scheme + "://?" + key + "=" + value, why);
}

// Takes key=value off the front of `text`, up to `separator`.
void take_parameter(Uri& uri, std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view pair = text.substr(0, end);
  const std::size_t equal = pair.find('=');
  if (equal == std::string_view::npos || equal == 0 || equal + 1 == pair.size()) {
    const std::string why = "'" + std::string(pair) + "' is not key=value";
    if (uri.layer) reject_layer(uri.scheme, why);
    reject(uri.scheme, why);
  }
  const std::string key(pair.substr(0, equal));
  const std::string value(pair.substr(equal + 1));
  if (!uri.parameters.emplace(key, value).second) {
    reject_parameter(uri, key, value, "'" + key + "' is given twice");
  }
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
}

}  // namespace

UriStack parse_stack(std::string_view text) {
  UriStack stack;
  for (;;) {
    const std::size_t end = text.find_first_of("+(:");
    // No layer: a device's URI, or what parse_uri() will refuse.
    if (end == std::string_view::npos || text[end] == ':') break;
    Uri layer;
    layer.layer = true;
    layer.scheme = text.substr(0, end);
    if (layer.scheme.empty()) reject_layer(text, "a layer without a name");
    text.remove_prefix(end);
    if (text.front() == '(') {
      const std::size_t close = text.find(')');
      if (close == std::string_view::npos) reject_layer(layer.scheme, "'(' not closed");
      std::string_view parameters = text.substr(1, close - 1);
      while (!parameters.empty()) take_parameter(layer, parameters, ',');
      text.remove_prefix(close + 1);
    }
    if (!text.starts_with('+')) reject_layer(layer.scheme, "no '+' behind it");
    text.remove_prefix(1);
    stack.layers.push_back(std::move(layer));
  }
  stack.device = text;
  return stack;
}

std::string spelling(const Uri& layer) {
  std::string text = layer.scheme;
  char separator = '(';
  for (const auto& [key, value] : layer.parameters) {
    text += separator + key + "=" + value;
    separator = ',';
  }
  return separator == '(' ? text : text + ")";
}

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
  while (!rest.empty()) take_parameter(uri, rest, '&');
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
    reject_parameter(uri, key, value,
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
    reject_parameter(uri, key, text,
                     key + " must be an integer in " + std::to_string(low) + ".." +
                         std::to_string(high));
  }
  return value;
}

}  // namespace assay::runtime
