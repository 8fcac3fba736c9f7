// SPDX-License-Identifier: MIT
// `assay judge FILE`: verdicts again, from the raw samples of a results file.
#include <memory>

#include "regression/cli/commands.h"
#include "regression/cli/known_work.h"
#include "regression/cli/options.h"
#include "regression/cli/outcome.h"
#include "regression/measure/results_io.h"

namespace assay::cli {

void add_judge(Command& app, Context& context) {
  Command command = app.add_command(
      "judge", "derive the verdicts again from the raw samples in a results file");
  struct Options {
    std::string file;
    OutputOptions output;
  };
  const auto o = std::make_shared<Options>();
  command.add_option("file", o->file, "written by 'assay compare --json'").required();
  command.add_option("--markdown", o->output.markdown,
                     "the table as Markdown: a file, or -");
  command.add_flag("--strict", o->output.strict, "inconclusive rows exit with 4");
  command.on_parsed([&context, o] {
    context.selected = [&context, o] {
      return load_named([&] {
        const measure::Results results = measure::load_results(o->file);
        require_known_work(results, context.ops);
        return finish_results(results, o->output);
      });
    };
  });
}

}  // namespace assay::cli
