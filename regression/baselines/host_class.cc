// SPDX-License-Identifier: MIT
#include "regression/baselines/host_class.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string_view>

namespace assay::baselines {
namespace {

using Facts = std::map<std::string, std::string>;

// A folder name's part: lower case, everything else becomes '_'.
std::string folder_part(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    result += std::isalnum(byte) != 0 && byte < 0x80
                  ? static_cast<char>(std::tolower(byte))
                  : '_';
  }
  return result;
}

std::string short_vendor(const std::string& vendor) {
  if (vendor == "AuthenticAMD") return "amd";
  if (vendor == "GenuineIntel") return "intel";
  return vendor.empty() ? "unknown" : folder_part(vendor);
}

// A session file names no architecture; the flags it lists exist on one alone.
std::string arch_of(const measure::Machine& machine) {
  return machine.isa_flags.empty() ? "other" : "x86_64";
}

// "32m"; "1536k" where it is no whole number of MiB.
std::string short_size(std::size_t bytes) {
  constexpr std::size_t kMiB = 1024UL * 1024;
  if (bytes % kMiB == 0) return fmt::format("{}m", bytes / kMiB);
  return fmt::format("{}k", bytes / 1024);
}

// The first `parts` numbers of the first version in the text, with what precedes it:
// "gcc 12.2.0" -> "gcc 12", "Linux 6.1.0-18-amd64" -> "Linux 6.1". A patch release
// changes no class.
std::string up_to_version(std::string_view text, int parts) {
  std::size_t end = text.find_first_of("0123456789");
  if (end == std::string_view::npos) return std::string(text);
  for (; end < text.size(); ++end) {
    const bool digit = std::isdigit(static_cast<unsigned char>(text[end])) != 0;
    if (!digit && (text[end] != '.' || --parts == 0)) break;
  }
  return std::string(text.substr(0, end));
}

std::vector<std::string> differences(const Facts& stored, const Facts& here) {
  std::set<std::string> names;
  for (const auto& [name, value] : stored) names.insert(name);
  for (const auto& [name, value] : here) names.insert(name);
  const auto shown = [](const Facts& facts, const std::string& name) -> std::string {
    const auto found = facts.find(name);
    if (found == facts.end()) return "nothing";
    return found->second.empty() ? "none" : found->second;
  };
  std::vector<std::string> result;
  for (const std::string& name : names) {
    const std::string before = shown(stored, name);
    const std::string now = shown(here, name);
    if (before == now) continue;
    result.push_back(fmt::format("{}: {} in the baseline, {} here", name, before, now));
  }
  return result;
}

}  // namespace

HostClass host_class_of(const measure::Machine& machine, const measure::Build& build) {
  const std::string arch = arch_of(machine);
  const std::string hypervisor =
      machine.hypervisor.empty() ? "none" : machine.hypervisor;
  std::vector<std::string> flags = machine.isa_flags;
  std::ranges::sort(flags);

  HostClass host;
  host.hard = {
      {"arch", arch},
      {"build_type", build.build_type},
      {"compiler", up_to_version(build.compiler, 1)},
      {"cpus", std::to_string(machine.cpus)},
      {"family", std::to_string(machine.family)},
      {"hypervisor", hypervisor},
      {"isa", machine.isa},
      {"isa_flags", fmt::format("{}", fmt::join(flags, " "))},
      {"l2", short_size(machine.l2_bytes)},
      {"l3", short_size(machine.l3_bytes)},
      {"vendor", machine.vendor},
  };
  host.soft = {
      {"cpu_model", machine.cpu_model},
      {"huge_pages", machine.huge_pages},
      {"kernel", up_to_version(machine.kernel, 2)},
  };
  // What a person tells machines apart by; the other hard facts are compared from the
  // file, so a compiler's upgrade finds the old baseline and says what differs.
  host.name =
      fmt::format("{}-{}-fam{}-{}-{}c-{}-l3_{}", arch, short_vendor(machine.vendor),
                  machine.family, folder_part(machine.isa), machine.cpus,
                  hypervisor == "none" ? "metal" : folder_part(hypervisor),
                  short_size(machine.l3_bytes));
  return host;
}

std::vector<std::string> hard_differences(const HostClass& stored,
                                          const HostClass& here) {
  return differences(stored.hard, here.hard);
}

std::vector<std::string> soft_differences(const HostClass& stored,
                                          const HostClass& here) {
  return differences(stored.soft, here.soft);
}

}  // namespace assay::baselines
