// SPDX-License-Identifier: MIT
// The subcommands. Each adds itself to the application and leaves its action in
// `selected`, which run_cli() calls once the whole line has parsed.
#ifndef ASSAY_REGRESSION_CLI_COMMANDS_H_
#define ASSAY_REGRESSION_CLI_COMMANDS_H_

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/common/op.h"
#include "regression/cli/command.h"
#include "regression/measure/case.h"

namespace assay::cli {

struct Context {
  std::span<const Op* const> ops;
  std::span<const measure::Suite> suites;
  std::vector<std::string> arguments;  // as typed, the executable's name first
  std::function<int()> selected;       // returns the exit code

  // What is meant where the line names none, the first of each: another project's
  // program need not have a matmul.
  std::string default_op() const {
    return ops.empty() ? "" : std::string(ops.front()->name());
  }
  std::string default_suite() const {
    return suites.empty() ? "" : std::string(suites.front().name);
  }
  // Throws Error(invalid_argument) with the names there are.
  const measure::Suite& named_suite(const std::string& name) const {
    std::string known;
    for (const measure::Suite& suite : suites) {
      if (suite.name == name) return suite;
      known.append(known.empty() ? "" : ", ").append(suite.name);
    }
    throw Error(StatusCode::invalid_argument,
                "unknown suite '" + name + "'; there is " + known);
  }
};

void add_doctor(Command& app, Context& context);
void add_list(Command& app, Context& context);
void add_compare(Command& app, Context& context);
void add_ladder(Command& app, Context& context);
void add_gate(Command& app, Context& context);
void add_history(Command& app, Context& context);
void add_baseline(Command& app, Context& context);
void add_judge(Command& app, Context& context);
void add_bars(Command& app, Context& context);
void add_selftest(Command& app, Context& context);
void add_api(Command& app, Context& context);
void add_tune(Command& app, Context& context);
void add_trace(Command& app, Context& context);
void add_perturb(Command& app, Context& context);
void add_scaling(Command& app, Context& context);
void add_advise(Command& app, Context& context);
void add_claims(Command& app, Context& context);
void add_claims_worker(Command& app, Context& context);
void add_scaling_worker(Command& app, Context& context);
void add_scaling_pool_worker(Command& app, Context& context);
void add_worker(Command& app, Context& context);

}  // namespace assay::cli

#endif  // ASSAY_REGRESSION_CLI_COMMANDS_H_
