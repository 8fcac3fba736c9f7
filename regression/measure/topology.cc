// SPDX-License-Identifier: MIT
#include "regression/measure/topology.h"

#include <fmt/format.h>
#include <hwloc.h>

#include <algorithm>
#include <memory>

#include "backends/interface/status.h"

namespace assay::measure {
namespace {

struct Destroy {
  void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
  void operator()(hwloc_bitmap_t set) const { hwloc_bitmap_free(set); }
};
using Handle = std::unique_ptr<hwloc_topology, Destroy>;
using Set = std::unique_ptr<hwloc_bitmap_s, Destroy>;

// Null when there is no memory for it.
Handle open_topology() {
  hwloc_topology_t topology = nullptr;
  if (hwloc_topology_init(&topology) != 0) return nullptr;
  Handle machine(topology);
  // All of it: a cache is shared with threads that this process may not use as well.
  hwloc_topology_set_flags(topology, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
  return machine;
}

std::vector<Topology::Cache> caches_of_first(hwloc_topology_t machine) {
  std::vector<Topology::Cache> caches;
  for (hwloc_obj_t object = hwloc_get_pu_obj_by_os_index(machine, 0); object != nullptr;
       object = object->parent) {
    if (hwloc_obj_type_is_dcache(object->type) == 0) continue;
    caches.push_back({static_cast<int>(object->attr->cache.depth),
                      static_cast<std::size_t>(object->attr->cache.size),
                      hwloc_bitmap_weight(object->cpuset)});
  }
  return caches;
}

// nullopt where hwloc knows threads alone.
std::optional<Topology> read(hwloc_topology_t machine, hwloc_const_bitmap_t usable) {
  Topology topology;
  topology.packages = hwloc_get_nbobjs_by_type(machine, HWLOC_OBJ_PACKAGE);
  topology.memory_nodes = hwloc_get_nbobjs_by_type(machine, HWLOC_OBJ_NUMANODE);
  topology.cores = hwloc_get_nbobjs_by_type(machine, HWLOC_OBJ_CORE);
  if (topology.packages <= 0 || topology.cores <= 0) return std::nullopt;
  for (hwloc_obj_t core = nullptr;
       (core = hwloc_get_next_obj_by_type(machine, HWLOC_OBJ_CORE, core)) != nullptr;) {
    const int threads = hwloc_bitmap_weight(core->cpuset);
    topology.threads += threads;
    topology.most_threads_a_core = std::max(topology.most_threads_a_core, threads);
    topology.least_threads_a_core =
        topology.least_threads_a_core == 0
            ? threads
            : std::min(topology.least_threads_a_core, threads);
    if (hwloc_bitmap_intersects(core->cpuset, usable) != 0) ++topology.usable_cores;
  }
  for (hwloc_obj_t thread = nullptr; (thread = hwloc_get_next_obj_by_type(
                                          machine, HWLOC_OBJ_PU, thread)) != nullptr;) {
    if (hwloc_bitmap_isset(usable, thread->os_index) != 0) ++topology.usable_threads;
  }
  topology.caches = caches_of_first(machine);
  return topology;
}

std::string counted(int count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string describe(const Topology::Cache& cache, const Topology& all) {
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  const std::string size = cache.bytes % kMiB == 0
                               ? fmt::format("{} MiB", cache.bytes / kMiB)
                               : fmt::format("{} KiB", cache.bytes / 1024);
  std::string sharers = "for " + counted(cache.threads, "thread");
  if (cache.threads == all.most_threads_a_core) sharers = "a core";
  if (cache.threads == all.threads / all.packages && cache.threads > 1 &&
      cache.threads != all.most_threads_a_core) {
    sharers = "a package";
  }
  return fmt::format("L{}{} {} {}", cache.level, cache.level == 1 ? "d" : "", size,
                     sharers);
}

}  // namespace

std::optional<Topology> this_topology() {
  const Handle machine = open_topology();
  const Set usable(hwloc_bitmap_alloc());
  if (!machine || !usable || hwloc_topology_load(machine.get()) != 0) {
    return std::nullopt;
  }
  if (hwloc_topology_is_thissystem(machine.get()) == 0) return std::nullopt;
  if (hwloc_get_cpubind(machine.get(), usable.get(), HWLOC_CPUBIND_THREAD) != 0) {
    return std::nullopt;
  }
  return read(machine.get(), usable.get());
}

Topology synthetic_topology(const std::string& description,
                            std::span<const unsigned> usable) {
  const Handle machine = open_topology();
  const Set set(hwloc_bitmap_alloc());
  if (machine && set &&
      hwloc_topology_set_synthetic(machine.get(), description.c_str()) == 0 &&
      hwloc_topology_load(machine.get()) == 0) {
    for (const unsigned thread : usable) hwloc_bitmap_set(set.get(), thread);
    if (auto topology = read(machine.get(), set.get())) return *std::move(topology);
  }
  throw Error(
      StatusCode::invalid_argument,
      "'" + description +
          "' describes no machine with packages and cores; the form is hwloc's, "
          "package:2 core:4 pu:2");
}

std::string describe(const Topology& topology) {
  std::string threads = counted(topology.most_threads_a_core, "thread");
  if (topology.least_threads_a_core != topology.most_threads_a_core) {
    threads = fmt::format("{} to {}", topology.least_threads_a_core, threads);
  }
  std::string text =
      fmt::format("{}, {} of {}, {}", counted(topology.packages, "package"),
                  counted(topology.cores, "core"), threads,
                  counted(topology.memory_nodes, "memory node"));
  for (std::size_t i = 0; i < topology.caches.size(); ++i) {
    text += (i == 0 ? "; " : ", ") + describe(topology.caches[i], topology);
  }
  return text;
}

std::string advice(const Topology& topology, unsigned compute_units) {
  const auto cores = static_cast<unsigned>(std::max(topology.usable_cores, 1));
  // A process that has less than a thread a unit is told so by its affinity.
  if (compute_units <= cores || topology.usable_threads <= topology.usable_cores) {
    return {};
  }
  return fmt::format(
      "{} compute units on {}: units that share a core share its arithmetic; cus={} "
      "gives each its own",
      compute_units, counted(topology.usable_cores, "core"), cores);
}

}  // namespace assay::measure
