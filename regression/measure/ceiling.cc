// SPDX-License-Identifier: MIT
#include "regression/measure/ceiling.h"

#include <algorithm>

namespace assay::measure {

void look_again(const std::function<bool()>& accused,
                const std::function<void()>& look) {
  for (int i = 0; i < kMoreLooks && accused(); ++i) look();
}

double raised_ceiling(double fastest, double known,
                      const std::function<double()>& look) {
  look_again([&] { return fastest > known; }, [&] { known = std::max(known, look()); });
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

double raised_triad(const ProcessSamples& process, double bytes, double known_gbs,
                    int& looks_left, const std::function<double()>& look) {
  // Bytes in a nanosecond are GB/s, as flops are GFLOP/s.
  const double fastest = fastest_gflops(process, bytes) / kTriadTraffic;
  for (; looks_left > 0 && fastest > known_gbs; --looks_left) {
    known_gbs = std::max(known_gbs, look());
  }
  return known_gbs;
}

}  // namespace assay::measure
