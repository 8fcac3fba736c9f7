// SPDX-License-Identifier: MIT
// How much of the machine others had while something was measured. With both processors
// taken by a compiler, a graph with branches was measured at 0.9986 [0.9821, 0.9998] x
// a chain, seven processes agreeing: a narrow interval around the wrong number.
#ifndef ASSAY_REGRESSION_CLAIMS_OTHERS_H_
#define ASSAY_REGRESSION_CLAIMS_OTHERS_H_

#include <optional>
#include <string_view>

namespace assay::claims {

// Seconds of all processors together since they started.
struct CpuUse {
  double busy_s = 0;   // running something, or taken by the hypervisor
  double total_s = 0;  // and idle
};
// From the contents of /proc/stat; nothing when it is not understood.
std::optional<CpuUse> parse_cpu_use(std::string_view proc_stat, double ticks_per_s);

// Watches from its construction on.
class Others {
 public:
  Others();
  // What ran and was neither this process nor its children that have ended, as a share
  // of all processors' time: 0 to 1; 0 where that cannot be known.
  double share() const;

 private:
  std::optional<CpuUse> before_;
  double own_before_s_ = 0;
};

}  // namespace assay::claims

#endif  // ASSAY_REGRESSION_CLAIMS_OTHERS_H_
