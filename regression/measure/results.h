// SPDX-License-Identifier: MIT
// A results file: raw samples of a run and all it takes to judge and repeat it.
#ifndef ASSAY_REGRESSION_MEASURE_RESULTS_H_
#define ASSAY_REGRESSION_MEASURE_RESULTS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "regression/measure/sample.h"

namespace assay::measure {

// Version of the results schema. A reader refuses another major; unknown fields are
// tolerated in results.
inline constexpr int kResultsSchemaMajor = 1;
inline constexpr int kResultsSchemaMinor = 3;
// Of the minors: 1: scope "call"; 2: probe_ns; 3: multiplies, device_cache_bytes, and
// of judged ones the roof.

struct Machine {
  std::string cpu_model;
  std::string vendor;
  int family = 0;
  int model = 0;
  int cpus = 0;     // this process may use, its group's quota counted
  std::string isa;  // best with kernels here
  std::vector<std::string> isa_flags;
  std::size_t l1d_bytes = 0;
  std::size_t l2_bytes = 0;
  std::size_t l3_bytes = 0;
  std::string hypervisor;  // "kvm", empty on bare metal
  std::string kernel;      // "Linux 6.1"
  std::string huge_pages;  // transparent huge pages: "madvise"
};

// "2 usable processors".
inline std::string usable_processors(const Machine& machine) {
  return std::to_string(machine.cpus) +
         (machine.cpus == 1 ? " usable processor" : " usable processors");
}

struct Build {
  std::string version;   // of Assay
  std::string commit;    // empty when unknown; "-dirty" appended
  std::string compiler;  // "gcc 12.2.0"
  std::string build_type;
};

struct Results {
  Build build;
  Machine machine;
  std::string utc;                        // start, "2026-01-31T12:00:00Z"
  std::vector<std::string> command_line;  // repeats the run
  // The environment workers were given, but for what a library needs of its own: that
  // is in ArmInfo::configuration of its comparisons.
  std::vector<std::pair<std::string, std::string>> worker_environment;
  std::vector<Comparison> comparisons;
  bool complete = true;  // false when interrupted or out of time
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_RESULTS_H_
