// SPDX-License-Identifier: MIT
// The machine's shape as hwloc finds it, for people: `assay doctor` prints it.
//
// Nothing that is measured depends on it. What decides block sizes and host classes is
// kernels/common/cache_info.h, which reads a few files where hwloc takes 2 to
// 8 ms and loads its plugins, XML, OpenCL and X11 among them, into the process: no
// guests for a worker. A test holds the two against each other.
#ifndef ASSAY_REGRESSION_MEASURE_TOPOLOGY_H_
#define ASSAY_REGRESSION_MEASURE_TOPOLOGY_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace assay::measure {

struct Topology {
  // Of the first processor, data or both.
  struct Cache {
    int level = 0;
    std::size_t bytes = 0;
    int threads = 0;  // hardware threads that share it
  };

  int packages = 0;
  int memory_nodes = 0;
  int cores = 0;
  int threads = 0;  // of hardware, in all
  int least_threads_a_core = 0;
  int most_threads_a_core = 0;
  std::vector<Cache> caches;  // from the innermost out

  // What the calling thread may run on, by its affinity; no quota is counted.
  int usable_cores = 0;
  int usable_threads = 0;
};

// Of this machine. nullopt: hwloc cannot say, or was told of another machine by
// HWLOC_SYNTHETIC, HWLOC_XMLFILE or HWLOC_FSROOT.
std::optional<Topology> this_topology();

// Of a machine that is described in hwloc's words, "package:2 core:4 pu:2", of which
// the threads `usable` may be used. Throws Error(invalid_argument) where it is none.
Topology synthetic_topology(const std::string& description,
                            std::span<const unsigned> usable);

// "2 packages, 8 cores of 2 threads, 2 memory nodes; L1d 48 KiB a core, ...".
std::string describe(const Topology& topology);

// What a person with so many compute units should know; empty when there is nothing.
std::string advice(const Topology& topology, unsigned compute_units);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_TOPOLOGY_H_
