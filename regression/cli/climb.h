// SPDX-License-Identifier: MIT
// The ladder of one op: measured shape after shape, shown, or put into its page.
#ifndef ASSAY_REGRESSION_CLI_CLIMB_H_
#define ASSAY_REGRESSION_CLI_CLIMB_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/interface/device.h"
#include "kernels/common/op.h"
#include "regression/cli/console.h"
#include "regression/measure/run.h"
#include "regression/report/ladder.h"

namespace assay::cli {

struct LadderOptions {
  std::string program = "assay";
  std::string shapes;  // comma separated; empty: the op's own
  std::string device = "vgpu://";
  std::uint32_t threads = 1;
  std::string libraries;  // empty: all that the op has rows for
  std::uint32_t processes = 5;
  std::uint32_t blocks = 3;
  double epoch_ms = 10;
  double longest_run_ms = 100;
  std::uint32_t worker_timeout_s = 120;
  bool write = false;
  std::string pages = "kernels";
};

class Climb {
 public:
  // Everything that can be found out before measuring is: throws Error
  // (invalid_argument; failed_precondition: no page, or one that cannot be written;
  // bad_file: a page with a mark too many or too few). Both must outlive this.
  Climb(const LadderOptions& options, const Op& op);

  // Measures and prints; or writes the page, when every check passed. Returns the exit
  // code: that of `compare`. Throws Interrupted.
  int run();

 private:
  void measure(const std::string& shape);
  void run(const measure::RunRequest& request);
  std::string best_library(std::size_t first) const;
  void add_steps(const Problem& problem, measure::RunRequest& request);
  void add_libraries(const Problem& problem, measure::RunRequest& request);
  bool runs_here(const Implementation& row) const;
  std::string too_long(const std::string& step, const Problem& problem) const;
  void learn_speeds(std::span<const measure::Comparison> measured);
  void level_ceilings();
  int show();

  const LadderOptions& options_;
  const Op& op_;
  const std::string uri_;
  const std::shared_ptr<Device> device_;
  std::vector<std::string> shapes_;
  std::string page_;
  measure::Results results_;
  report::Ladder ladder_;
  std::map<std::string, double> ns_of_work_;  // by step
  ProgressLine progress_;
};

}  // namespace assay::cli

#endif  // ASSAY_REGRESSION_CLI_CLIMB_H_
