// SPDX-License-Identifier: MIT
// Comparisons made up for the judge, with known answers.
#ifndef ASSAY_TESTS_REGRESSION_JUDGE_MADE_UP_H_
#define ASSAY_TESTS_REGRESSION_JUDGE_MADE_UP_H_

#include <cstddef>

#include "regression/measure/sample.h"

namespace assay::judge {

inline measure::ArmCheck good_check() {
  return {.ok = true, .worst = 0.25, .checked = 1000, .detail = ""};
}

// Both arms at steady times: what a test then disturbs. One iteration is 1 ms of 1e8
// operations for the custom arm: 100 GFLOP/s of a peak of 200.
inline measure::Comparison steady(double custom_ns = 1e6, double library_ns = 1.2e6,
                                  std::size_t processes = 5, std::size_t blocks = 8) {
  measure::Comparison comparison;
  comparison.id = "matmul.f32.8x8x8.packed.vs.openblas.cus1.kernel";
  comparison.op = "matmul";
  comparison.shape = "8x8x8";
  comparison.dtype = "f32";
  comparison.device = "vgpu://?cus=1";
  comparison.data = "uniform";
  comparison.flops = 1e8;
  comparison.compulsory_bytes = 1e6;
  comparison.custom = {"packed", "custom", ""};
  comparison.library = {"openblas", "library", ""};
  comparison.audit.name = "openblas";
  comparison.audit.threads = 1;
  for (std::size_t p = 0; p < processes; ++p) {
    measure::ProcessSamples process;
    process.iterations = 10;
    process.custom_check = good_check();
    process.library_check = good_check();
    process.peak_gflops = 200;
    process.peak_gbs = 20;
    for (std::size_t b = 0; b < blocks; ++b) {
      measure::Block block;
      block.custom_first = b % 2 == 0;
      block.custom_ns = {custom_ns, custom_ns};
      block.library_ns = {library_ns, library_ns};
      process.blocks.push_back(block);
    }
    comparison.processes.push_back(process);
  }
  return comparison;
}

// Changes every block: change(process number, block number, block).
template <class Change>
void for_each_block(measure::Comparison& comparison, const Change& change) {
  for (std::size_t p = 0; p < comparison.processes.size(); ++p) {
    auto& blocks = comparison.processes[p].blocks;
    for (std::size_t b = 0; b < blocks.size(); ++b) change(p, b, blocks[b]);
  }
}

}  // namespace assay::judge

#endif  // ASSAY_TESTS_REGRESSION_JUDGE_MADE_UP_H_
