// SPDX-License-Identifier: MIT
#include "regression/report/legend.h"

#include <fmt/core.h>

#include <algorithm>

#include "regression/report/text.h"

namespace assay::report {
namespace {

using measure::Comparison;
using measure::Scope;

std::string describe(Scope scope) {
  switch (scope) {
    case Scope::kernel:
      return "device time of one submission, from its start to its end; data resident";
    case Scope::submit_to_complete:
      return "host time from before the submit to after the wait; data resident";
    case Scope::with_transfer:
      return "host time with inputs copied in and the output copied out";
    case Scope::cold:
      return "host time with kernels compiled, memory allocated and data copied";
    case Scope::call:
      return "host time of calls of the runtime";
  }
  return "unknown";
}

std::string or_unknown(const std::string& text) { return text.empty() ? "?" : text; }

// One that runs on a GPU has no ISA and no threads of the host's, and was judged
// against all of the GPU.
std::string describe_beside(const measure::LibraryAudit& audit) {
  return fmt::format("{}: {}, version {}, on {}, {}, {} % of its peak{}", audit.name,
                     or_unknown(audit.resolved_path), or_unknown(audit.version),
                     or_unknown(audit.core_name), or_unknown(audit.config),
                     format_share(audit.share_of_peak),
                     audit.impaired ? ", IMPAIRED" : "");
}

std::string describe(const measure::LibraryAudit& audit) {
  if (audit.threading == "gpu") return describe_beside(audit);
  std::string text = fmt::format(
      "{}: {}, version {}, core {}, isa {} (machine: {}), {} thread{}", audit.name,
      or_unknown(audit.resolved_path), or_unknown(audit.version),
      or_unknown(audit.core_name), or_unknown(audit.isa), or_unknown(audit.host_isa),
      audit.threads, audit.threads == 1 ? "" : "s");
  if (!audit.threading.empty()) text += " (" + audit.threading + ")";
  if (audit.share_of_peak > 0) {
    text += fmt::format(", {} % of the peak of one core",
                        format_share(audit.share_of_peak));
  }
  if (audit.impaired) text += ", IMPAIRED";
  return text;
}

std::string describe(const measure::Machine& machine) {
  std::string text =
      fmt::format("{}, {} cpu{}, {}", or_unknown(machine.cpu_model), machine.cpus,
                  machine.cpus == 1 ? "" : "s", or_unknown(machine.isa));
  if (machine.l3_bytes > 0) {
    text += fmt::format(", L3 {} KiB", machine.l3_bytes / 1024);
  }
  text +=
      machine.hypervisor.empty() ? ", no hypervisor seen" : ", " + machine.hypervisor;
  if (!machine.kernel.empty()) text += ", " + machine.kernel;
  return text;
}

// The best over the rows of each device and what they multiply, in order of first
// appearance.
struct Peak {
  std::string device;
  std::string arithmetic;
  double gflops = 0;
  double gbs = 0;
};

std::vector<Peak> peaks(std::span<const Group> groups,
                        const measure::Machine& machine) {
  std::vector<Peak> result;
  for (const Group& group : groups) {
    const std::string& device = group.quoted->comparison->device;
    const std::string arithmetic(
        to_string(arithmetic_of(*group.quoted->comparison, machine)));
    auto found = std::ranges::find_if(result, [&](const Peak& peak) {
      return peak.device == device && peak.arithmetic == arithmetic;
    });
    if (found == result.end()) found = result.insert(found, {device, arithmetic, 0, 0});
    found->gflops = std::max(found->gflops, group.quoted->judged.peak_gflops);
    found->gbs = std::max(found->gbs, group.quoted->judged.peak_gbs);
  }
  return result;
}

void add_once(std::vector<Entry>& entries, std::string label, const std::string& text) {
  const std::string shown = plain(text);
  const bool there = std::ranges::any_of(entries, [&](const Entry& entry) {
    return entry.label == label && entry.text == shown;
  });
  if (!there) entries.push_back({std::move(label), shown});
}

// Where a share can be misread.
void add_roofs(std::span<const Group> groups, std::vector<Entry>& entries) {
  const auto any = [&](const auto& holds) {
    return std::ranges::any_of(
        groups, [&](const Group& group) { return holds(*group.quoted); });
  };
  if (any([](const Row& row) { return row.roof.kind == Roof::Kind::triad; })) {
    entries.push_back(
        {"roof",
         "triad: data beyond the cache, each byte moved once; up to 133 % "
         "where stores read nothing first"});
  }
  // What would stand under the triad if it were larger.
  if (any([](const Row& row) {
        return row.roof.kind != Roof::Kind::triad &&
               row.comparison->flops * row.judged.peak_gbs <
                   row.comparison->compulsory_bytes * row.judged.peak_gflops;
      })) {
    entries.push_back(
        {"roof",
         "data that a cache can hold has the roof of arithmetic alone: the "
         "bandwidth of caches is not measured"});
  }
}

void add_scopes(std::span<const Group> groups, std::vector<Entry>& entries) {
  for (const Scope scope : measure::kOpScopes) {
    bool occurs = false;
    bool simulated = false;
    for (const Group& group : groups) {
      const Comparison& comparison = *group.quoted->comparison;
      if (comparison.custom_scope != scope && comparison.library_scope != scope)
        continue;
      occurs = true;
      simulated = simulated || comparison.simulated_transfers;
    }
    if (!occurs) continue;
    std::string text = fmt::format("{}: {}", to_string(scope), describe(scope));
    if (simulated) text += " (simulated: the device's memory is the host's)";
    entries.push_back({"scope", std::move(text)});
  }
}

}  // namespace

std::vector<Entry> legend(const measure::Machine& machine,
                          std::span<const Group> groups, const std::string& reproduce) {
  std::vector<Entry> entries;
  for (const Group& group : groups) {
    if (group.quoted->comparison->library.provider != measure::kNoPeer) {
      add_once(entries, "library", describe(group.quoted->comparison->audit));
    }
    for (const Row* other : group.others) {
      add_once(entries, "library", describe(other->comparison->audit));
    }
  }
  entries.push_back({"machine", plain(describe(machine))});
  for (const Peak& peak : peaks(groups, machine)) {
    entries.push_back(
        {"peak",
         plain(fmt::format("{}: {} GFLOP/s ({}), {} GB/s (triad), measured beside "
                           "the samples",
                           peak.device, format_rate(peak.gflops), peak.arithmetic,
                           format_rate(peak.gbs)))});
  }
  add_roofs(groups, entries);
  entries.push_back({"ratio",
                     "library time / custom time: above 1, custom is faster; "
                     "figures in pairs are custom/library"});
  add_scopes(groups, entries);
  if (!reproduce.empty() && !groups.empty()) {
    entries.push_back(
        {"reproduce",
         plain(fmt::format("{} --only {}", reproduce,
                           shell_quoted(groups.front().quoted->comparison->id)))});
  }
  return entries;
}

}  // namespace assay::report
