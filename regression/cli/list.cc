// SPDX-License-Identifier: MIT
// `assay list`: ops with their implementations, devices, libraries. From the tables.
#include <fmt/format.h>

#include <memory>

#include "backends/registry.h"
#include "kernels/vendor/known_libraries.h"
#include "regression/cli/commands.h"
#include "regression/cli/console.h"

namespace assay::cli {
namespace {

std::string list_ops(std::span<const Op* const> ops) {
  std::string text;
  for (const Op* op : ops) {
    text += fmt::format("{}: {}\n  shape: {}\n", op->name(), op->formula(),
                        op->shape_form());
    for (const Implementation& row : op->implementations()) {
      text += fmt::format("  {:<16} {:<10} {}\n", row.name, to_string(row.provider),
                          row.idea);
    }
  }
  return text;
}

std::string list_devices() {
  std::string text = "devices\n";
  for (const DeviceEntry& entry : known_devices()) {
    text += fmt::format(
        "  {:<44} {}{}\n", entry.uri_form, entry.summary,
        entry.absent_because.empty() ? "" : " [absent: " + entry.absent_because + "]");
  }
  text += "layers, before a device URI: layer+device\n";
  for (const LayerEntry& layer : known_layers()) {
    text += fmt::format("  {:<44} {}\n", layer.form, layer.summary);
  }
  return text;
}

std::string list_libraries() {
  std::string text = "libraries (or a path to any CBLAS .so)\n";
  for (const auto& known_ones : {vendor::known_libraries(), vendor::known_peers()}) {
    for (const vendor::KnownLibrary& known : known_ones) {
      const vendor::LibrarySpec spec = vendor::resolve_library(known.name);
      text +=
          fmt::format("  {:<16} {}\n  {:<16}   {}\n", known.name, known.summary, "",
                      spec.path.empty() ? "absent: " + spec.absent_because : spec.path);
    }
  }
  return text;
}

std::string list_suites(std::span<const measure::Suite> suites) {
  std::string text = "suites of gates (ids: gate --suite NAME --list)\n";
  for (const measure::Suite& suite : suites) {
    text += fmt::format("  {:<16} {} gates: {}\n", suite.name,
                        measure::gate_ids(suite.cases).size(), suite.summary);
  }
  return text;
}

}  // namespace

void add_list(Command& app, Context& context) {
  Command command =
      app.add_command("list", "ops and implementations, devices, libraries, suites");
  const auto what = std::make_shared<std::string>("all");
  command.add_option("what", *what, "ops, devices, libraries, suites or all")
      .one_of({"all", "ops", "devices", "libraries", "suites"})
      .show_default();
  command.on_parsed([&context, what] {
    context.selected = [&context, what] {
      std::string text;
      if (*what == "all" || *what == "ops") text += list_ops(context.ops);
      if (*what == "all" || *what == "devices") text += list_devices();
      if (*what == "all" || *what == "libraries") text += list_libraries();
      if (*what == "all" || *what == "suites") text += list_suites(context.suites);
      print(text);
      return 0;
    };
  });
}

}  // namespace assay::cli
