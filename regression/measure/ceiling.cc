// SPDX-License-Identifier: MIT
#include "regression/measure/ceiling.h"

#include <algorithm>

namespace assay::measure {

double raised_ceiling(double fastest, double known,
                      const std::function<double()>& look) {
  for (int i = 0; i < kMoreLooks && fastest > known; ++i)
    known = std::max(known, look());
  return known;
}

double fastest_gflops(const ProcessSamples& process, double flops) {
  double fastest = 0;
  for (const Block& block : process.blocks) {
    for (const auto* const times : {&block.custom_ns, &block.library_ns}) {
      for (const double ns : *times) {
        if (ns > 0) fastest = std::max(fastest, flops / ns);
      }
    }
  }
  return fastest;
}

}  // namespace assay::measure
