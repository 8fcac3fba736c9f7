// SPDX-License-Identifier: MIT
// A results file in which every field has a value that is not its default.
#ifndef ASSAY_TESTS_REGRESSION_JSON_MADE_UP_RESULTS_H_
#define ASSAY_TESTS_REGRESSION_JSON_MADE_UP_RESULTS_H_

#include <limits>

#include "regression/measure/results.h"

namespace assay::measure {

inline ProcessSamples made_up_process() {
  Block block;
  block.custom_first = false;
  block.custom_ns = {1000.5, 1001.25};
  block.library_ns = {1200, 1199.875};
  block.spoilers = {.compiles = 1,
                    .allocations = 2,
                    .involuntary_switches = 3,
                    .steal_ms = 0.5,
                    .pressure_ms = 0.25};
  ArmCheck custom = {.ok = true,
                     .worst = 0.125,
                     .checked = 64,
                     .wrong = 4,
                     .never_written = 5,
                     .guards_intact = false,
                     .detail = "at (0, 1)"};
  ArmCheck library = custom;
  library.worst = std::numeric_limits<double>::infinity();
  ProcessSamples process;
  process.iterations = 7;
  process.blocks = {block, block};
  process.blocks[1].custom_first = true;
  process.custom_check = custom;
  process.library_check = library;
  process.peak_gflops = 250.5;
  process.peak_gbs = 25.5;
  return process;
}

inline Comparison made_up_comparison() {
  Comparison comparison;
  comparison.id = "matmul.f32.8x8x8.packed.vs.openblas.cus2.kernel";
  comparison.op = "matmul";
  comparison.shape = "8x8x8";
  comparison.dtype = "f32";
  comparison.device = "vgpu://?cus=2";
  comparison.compute_units = 2;
  comparison.data = "uniform";
  comparison.seed = 0xFFFFFFFFFFFFFFFF;
  comparison.custom_scope = Scope::with_transfer;
  comparison.library_scope = Scope::cold;
  comparison.simulated_transfers = true;
  comparison.flops = 1024;
  comparison.compulsory_bytes = 768;
  comparison.multiplies = "bf16";
  comparison.custom = {"packed", "custom", "mr 14"};
  comparison.library = {"openblas", "library", "2 threads"};
  comparison.audit = {.name = "openblas",
                      .resolved_path = "/lib/libopenblas.so.0",
                      .flavour = "pthread",
                      .version = "0.3.21",
                      .core_name = "Cooperlake",
                      .isa = "avx512",
                      .host_isa = "avx512",
                      .config = "DYNAMIC_ARCH",
                      .threading = "pthreads",
                      .threads = 2,
                      .gflops_one_thread = 240.5,
                      .share_of_peak = 0.9,
                      .impaired = true,
                      .reason = "held back"};
  comparison.processes = {made_up_process(), made_up_process()};
  comparison.failure = "worker stopped";
  comparison.complete = false;
  return comparison;
}

inline Results made_up_results() {
  Results results;
  results.build = {"0.1.0", "abc-dirty", "gcc 12.2.0", "Release"};
  results.machine = {.cpu_model = "Made Up 9000",
                     .vendor = "Maker",
                     .family = 26,
                     .model = 2,
                     .cpus = 2,
                     .isa = "avx512",
                     .isa_flags = {"avx2", "fma"},
                     .l1d_bytes = 49152,
                     .l2_bytes = 1048576,
                     .l3_bytes = 33554432,
                     .hypervisor = "kvm",
                     .kernel = "Linux 6.1",
                     .huge_pages = "madvise"};
  results.utc = "2026-01-31T12:00:00Z";
  results.command_line = {"assay", "compare", "--only", "a b"};
  results.worker_environment = {{"PATH", "/bin"}, {"OPENBLAS_THREAD_TIMEOUT", "4"}};
  results.comparisons = {made_up_comparison(), Comparison()};
  results.complete = false;
  return results;
}

}  // namespace assay::measure

#endif  // ASSAY_TESTS_REGRESSION_JSON_MADE_UP_RESULTS_H_
