// SPDX-License-Identifier: MIT
#include "tests/architecture/include_rules.h"

#include <algorithm>

namespace assay::architecture {
namespace {

constexpr Allowance kOpsSee[] = {
    {"kernels/{}/**", "kernels/{}/**"},
    {"kernels/**", "kernels/common/**"},
    // An implementation that asks a vendor library goes through the one loader.
    {"kernels/**", "kernels/vendor/**"},
};
constexpr Allowance kKernelsSeeOfBackends[] = {
    {"kernels/**", "backends/interface/**"},
    // What block sizes are computed from is what the devices report.
    {"kernels/common/cache_info.h", "backends/runtime/host_caches.h"},
    // What an encoder refuses is refused before the first of several commands.
    {"kernels/common/checked_prepared.cc", "backends/runtime/command_checks.h"},
};
constexpr Allowance kDevicesSee[] = {
    {"backends/{}/**", "backends/{}/**"},
    {"backends/**", "backends/interface/**"},
    {"backends/**", "backends/runtime/**"},
    {"backends/registry.cc", "**"},
};
constexpr Allowance kRegressionSeesOfBackends[] = {
    {"regression/**", "backends/interface/**"},
    {"regression/**", "backends/runtime/**"},
    {"regression/**", "backends/layers/**"},
};
constexpr Allowance kRegressionSeesOfKernels[] = {
    {"regression/**", "kernels/common/**"},
    // What the machine can do, and what a vendor library picked: both are reported.
    {"regression/**", "kernels/peak/peak.h"},
    {"regression/**", "kernels/vendor/audit.h"},
    // A table too: the environment a library needs before a worker loads it.
    {"regression/**", "kernels/vendor/known_libraries.h"},
    // Opens what an op's row of a peer is made with, and says what it is.
    {"regression/**", "kernels/vendor/peers.h"},
};
constexpr Allowance kTestsOnly[] = {{"tests/**", "**"}};
constexpr Allowance kVgpuOnly[] = {{"backends/vgpu/**", "**"}};
constexpr Allowance kVulkanOnly[] = {{"backends/vulkan/**", "**"}};
constexpr Allowance kVendorOnly[] = {{"kernels/vendor/**", "**"}};
constexpr Allowance kKernelsOnly[] = {{"kernels/**", "**"}};
constexpr Allowance kMeasureOnly[] = {{"regression/measure/topology.cc", "**"}};
constexpr Allowance kJsonOnly[] = {{"regression/json/**", "**"}};
constexpr Allowance kCliOnly[] = {{"regression/cli/**", "**"}};
constexpr Allowance kExplorerOnly[] = {{"regression/explore/*.cc", "**"}};
constexpr Allowance kFromTheRoot[] = {
    {"**", "backends/**"},
    {"**", "kernels/**"},
    {"**", "regression/**"},
    {"tests/**", "tests/**"},
    // Highway's own headers include each other so, and its examples do.
    {"kernels/**", "hwy/**"},
};

constexpr std::span<const Allowance> kNothing;

// One row a rule, in the order of ARCHITECTURE.md.
constexpr Rule kRules[] = {
    // Includes point downward only.
    {"backends-below-kernels", "backends/**", "kernels/**", kNothing,
     "backends is the lowest layer"},
    {"backends-below-regression", "backends/**", "regression/**", kNothing,
     "backends is the lowest layer"},
    {"kernels-below-regression", "kernels/**", "regression/**", kNothing,
     "what is computed does not know how it is measured"},
    {"tests-on-top", "**", "tests/**", kTestsOnly, "nothing needs a test to build"},

    // What a layer may know of the one below.
    {"kernels-see-the-interface", "kernels/**", "backends/**", kKernelsSeeOfBackends,
     "a kernel runs on any device, so it knows none"},
    {"regression-names-no-device", "regression/**", "backends/*/**",
     kRegressionSeesOfBackends, "devices are learned from backends/registry.h"},
    {"regression-names-no-implementation", "regression/**", "kernels/*/**",
     kRegressionSeesOfKernels, "implementations are learned from kernels/ops.h"},

    // Siblings inside a layer.
    {"device-alone", "backends/**", "backends/*/**", kDevicesSee,
     "devices know the interface and the runtime; only backends/registry.cc names all"},
    {"interface-is-the-bottom", "backends/interface/**", "backends/runtime/**",
     kNothing, "the contract does not depend on the code that helps to keep it"},
    {"op-alone", "kernels/*/**", "kernels/*/**", kOpsSee,
     "what two ops share lives in kernels/common/"},
    {"common-is-the-bottom", "kernels/common/**", "kernels/vendor/**", kNothing,
     "what every op includes must not bring a library loader with it"},

    // One home for each dependency.
    {"tbb-home", "**", "tbb/**", kVgpuOnly, "TBB is an executor of the virtual GPU"},
    {"onetbb-home", "**", "oneapi/**", kVgpuOnly,
     "TBB is an executor of the virtual GPU"},
    {"vulkan-home", "**", "vulkan/**", kVulkanOnly, "Vulkan is one device"},
    {"volk-home", "**", "volk.h", kVulkanOnly, "Vulkan is one device"},
    {"dlfcn-home", "**", "dlfcn.h", kVendorOnly, "one loader, so one place to audit"},
    {"cblas-home", "**", "*cblas*.h", kVendorOnly,
     "a vendor library is loaded, not linked"},
    {"onednn-home", "**", "dnnl*", kVendorOnly,
     "a vendor library is loaded, not linked"},
    {"hwloc-home", "**", "hwloc**", kMeasureOnly,
     "it loads plugins into the process and is told of machines by its environment"},
    {"highway-home", "**", "hwy/**", kKernelsOnly, "SIMD belongs to kernels"},
    {"json-home", "**", "nlohmann/**", kJsonOnly,
     "deep nesting, duplicate keys and NaN pass the library; one strict loader stops "
     "them"},
    {"cli11-home", "**", "CLI/**", kCliOnly, "the library has no command line"},
    {"gtest-home", "**", "gtest/**", kTestsOnly, "tests stay in tests/"},
    {"gmock-home", "**", "gmock/**", kTestsOnly, "tests stay in tests/"},
    {"benchmark-home", "**", "benchmark/**", kExplorerOnly,
     "for exploring: its numbers are not judged, so nothing else may print them"},

    // How an include is written.
    {"no-parent-path", "**", "**../**", kNothing, "paths start at the repository root",
     true},
    {"from-the-root", "**", "**", kFromTheRoot, "paths start at the repository root",
     true},
};

std::string substitute(std::string_view pattern, std::string_view capture) {
  std::string result;
  while (!pattern.empty()) {
    if (pattern.starts_with("{}")) {
      result += capture;
      pattern.remove_prefix(2);
    } else {
      result += pattern.front();
      pattern.remove_prefix(1);
    }
  }
  return result;
}

bool allows(const Allowance& allowance, std::string_view file,
            std::string_view include) {
  std::string capture;
  return matches(allowance.file, file, &capture) &&
         matches(substitute(allowance.include, capture), include, nullptr);
}

}  // namespace

std::span<const Rule> include_rules() { return kRules; }

bool matches(std::string_view pattern, std::string_view path, std::string* capture) {
  if (pattern.empty()) return path.empty();

  // Tries every length of text for a wildcard, the shortest first.
  const auto any_text = [&](std::string_view rest, bool across_components) {
    for (std::size_t length = 0; length <= path.size(); ++length) {
      if (matches(rest, path.substr(length), capture)) return true;
      if (length < path.size() && path[length] == '/' && !across_components)
        return false;
    }
    return false;
  };
  if (pattern.starts_with("**")) return any_text(pattern.substr(2), true);
  if (pattern.starts_with("*")) return any_text(pattern.substr(1), false);

  if (pattern.starts_with("{}")) {
    // One component, up to its end or, for a file name, up to its extension.
    const std::size_t length = std::min(path.find_first_of("/."), path.size());
    if (length == 0 || !matches(pattern.substr(2), path.substr(length), capture))
      return false;
    if (capture != nullptr) *capture = path.substr(0, length);
    return true;
  }

  return !path.empty() && pattern.front() == path.front() &&
         matches(pattern.substr(1), path.substr(1), capture);
}

const Rule* broken_rule(std::string_view file, const Include& include) {
  for (const Rule& rule : kRules) {
    if (rule.quoted_only && !include.quoted) continue;
    if (!matches(rule.file, file, nullptr)) continue;
    if (!matches(rule.include, include.path, nullptr)) continue;
    const bool allowed =
        std::ranges::any_of(rule.allowed, [&](const Allowance& allowance) {
          return allows(allowance, file, include.path);
        });
    if (!allowed) return &rule;
  }
  return nullptr;
}

}  // namespace assay::architecture
