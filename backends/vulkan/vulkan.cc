// SPDX-License-Identifier: MIT
#include "backends/vulkan/vulkan.h"

#include <string>

#include "backends/vulkan/device.h"
#include "backends/vulkan/gpu.h"

namespace assay::vulkan {
namespace {

// A typo more likely than a machine.
constexpr std::uint64_t kMostDevices = 64;
constexpr std::uint64_t kMostQueues = 256;
constexpr std::uint64_t kMostStallS = 86'400;

// The position of `key`'s value in `words`, or `fallback` when the key is absent.
std::size_t word_parameter(const runtime::Uri& uri, const std::string& key,
                           std::initializer_list<std::string_view> words,
                           std::size_t fallback) {
  const auto found = uri.parameters.find(key);
  if (found == uri.parameters.end()) return fallback;
  std::string known;
  std::size_t position = 0;
  for (const std::string_view word : words) {
    if (found->second == word) return position;
    known.append(position++ == 0 ? "" : ", ").append(word);
  }
  throw Error(StatusCode::invalid_argument, "vulkan " + key + " '" + found->second +
                                                "' is unknown: it is one of " + known);
}

}  // namespace

std::shared_ptr<Device> open(const runtime::Uri& uri) {
  // The path is a number like any other parameter.
  runtime::Uri parameters = uri;
  parameters.path.clear();
  runtime::require_only(
      parameters, {"queues", "validate", "timestamps", "spin_us", "stall_s", "cache"});
  if (!uri.path.empty()) parameters.parameters["device"] = uri.path;
  Options options;
  options.index = static_cast<unsigned>(
      runtime::integer_parameter(parameters, "device", 0, 0, kMostDevices));
  options.queues = static_cast<unsigned>(
      runtime::integer_parameter(parameters, "queues", 0, 1, kMostQueues));
  options.validation = static_cast<Validation>(
      word_parameter(uri, "validate", {"off", "auto", "on"}, 0));
  options.timestamps = word_parameter(uri, "timestamps", {"off", "on"}, 1) == 1;
  options.spin_given = uri.parameters.contains("spin_us");
  options.spin_us = runtime::integer_parameter(parameters, "spin_us", 0, 0, 1'000'000);
  options.stall_given = uri.parameters.contains("stall_s");
  options.stall_s =
      runtime::integer_parameter(parameters, "stall_s", 0, 0, kMostStallS);
  if (const auto cache = uri.parameters.find("cache"); cache != uri.parameters.end()) {
    options.cache_folder = cache->second;
  }
  return make_device(std::make_shared<Gpu>(options));
}

}  // namespace assay::vulkan
