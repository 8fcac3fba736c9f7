// SPDX-License-Identifier: MIT
// Raw samples: what a worker process measured, before anyone judges it. Plain data; the
// JSON results file holds exactly this, so a verdict can be derived again from the
// file.
//
//   comparison  = custom arm x library arm x case x scope
//   process     = one worker process; the unit of replication
//   block       = four epochs in ABBA or BAAB order (A custom, B library)
//   epoch       = `iterations` runs of one arm, the same count for both arms, timed in
//                 parts of equal work (SamplerOptions::parts)
#ifndef ASSAY_REGRESSION_MEASURE_SAMPLE_H_
#define ASSAY_REGRESSION_MEASURE_SAMPLE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "regression/measure/scope.h"

namespace assay::measure {

// What may have spoiled a block, counted over its timed regions alone.
struct Spoilers {
  std::uint64_t compiles = 0;              // kernels compiled by the device
  std::uint64_t allocations = 0;           // buffers allocated by the device
  std::uint64_t involuntary_switches = 0;  // of this process
  double steal_ms = 0;                     // taken by the hypervisor, all cpus
  double pressure_ms = 0;  // runnable but waiting for a cpu (PSI "some")
  // The longest probe beside the parts that its epochs' times are of (probe.h); 0:
  // none.
  double probe_ns = 0;
};

// A probe that took at most this factor times the shortest found nobody on our cores:
// 100 000 probes of a shared machine took 5.2 to 5.8 us or more than 6.4, the shortest
// 5.1, and next to nothing between.
inline constexpr double kQuietProbe = 1.15;

struct Block {
  bool custom_first = true;  // true: ABBA, false: BAAB
  std::array<double, 2>
      custom_ns{};  // per iteration: the median quiet part of each epoch
  std::array<double, 2> library_ns{};
  Spoilers spoilers;
};

// How an arm's timed output compared with the oracle: worst over all epochs.
struct ArmCheck {
  bool ok = false;
  double worst = 0;  // |error| / bound
  std::uint64_t checked = 0;
  std::uint64_t wrong = 0;
  std::uint64_t never_written = 0;
  bool guards_intact = true;  // pads before and after every operand
  std::string detail;         // first problem, one line
};

struct ArmInfo {
  std::string implementation;  // "packed", "openblas", or a library path
  std::string provider;        // "custom", "library", or kNoPeer
  std::string configuration;  // Prepared::configuration(), or the library's own account
};

// Provider and name of the library arm where no library runs on the device: the arm is
// the custom implementation a second time, which keeps blocks, spoilers and checks what
// they are, and there is no ratio.
inline constexpr const char* kNoPeer = "none";

// All blocks of one comparison from one worker process.
struct ProcessSamples {
  std::uint64_t iterations = 0;
  std::vector<Block> blocks;
  ArmCheck custom_check;
  ArmCheck library_check;
  // Best FMA rate of the device's compute units seen in this process, before and after
  // the blocks: the clock may have moved.
  double peak_gflops = 0;
  double peak_gbs = 0;
};

// The outcome of the audit as samples carry it (kernels/vendor/audit.h).
struct LibraryAudit {
  std::string name;  // as asked for
  std::string resolved_path;
  std::string flavour;
  std::string version;
  std::string core_name;
  std::string isa;
  std::string host_isa;
  std::string config;
  std::string threading;
  int threads = 0;
  double gflops_one_thread = 0;
  double share_of_peak = 0;
  bool impaired = false;
  std::string reason;
};

struct Comparison {
  std::string id;  // "matmul.f32.512x512x512.packed.vs.openblas.cus2.kernel"
  std::string op;
  std::string shape;
  std::string dtype;
  std::string device;  // canonical URI
  std::uint32_t compute_units = 1;
  // Of the device's last-level cache; 0: unknown; negative: the host's, as of devices
  // that are its processors.
  double device_cache_bytes = -1;
  std::string data;  // data family of the inputs
  std::uint64_t seed = 0;
  Scope custom_scope = Scope::kernel;
  Scope library_scope = Scope::kernel;
  bool simulated_transfers = false;  // "device" memory is the host's heap
  double flops = 0;
  double compulsory_bytes = 0;
  // Type of the numbers that are multiplied, whose arithmetic the peak is of: "bf16".
  // Empty: f32, or in a file from before 1.3 unknown.
  std::string multiplies;
  ArmInfo custom;
  ArmInfo library;
  LibraryAudit audit;
  std::vector<ProcessSamples> processes;
  std::string failure;   // empty, or why there are no (more) samples: crash, timeout
  bool complete = true;  // false when interrupted or out of time
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_SAMPLE_H_
