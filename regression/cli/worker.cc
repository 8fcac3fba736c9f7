// SPDX-License-Identifier: MIT
// `assay worker`: what the tool starts itself as. Not for people, so not in the help.
#include "regression/measure/worker.h"

#include <memory>

#include "regression/cli/commands.h"

namespace assay::cli {

void add_worker(Command& app, Context& context) {
  Command command = app.add_command("worker", "a measuring process");
  command.hide();
  const auto parent = std::make_shared<int>(0);
  command.add_option("parent", *parent, "process id of the starter").required();
  command.on_parsed([&context, parent] {
    context.selected = [&context, parent] {
      return measure::worker_main(*parent, context.ops);
    };
  });
}

}  // namespace assay::cli
