// SPDX-License-Identifier: MIT
// The command line's words: commands and their options, parsed by CLI11 behind this
// header. CLI11 is all templates, and 16 files that included it took as long to compile
// as half of the tests.
#ifndef ASSAY_REGRESSION_CLI_COMMAND_H_
#define ASSAY_REGRESSION_CLI_COMMAND_H_

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): the name of the library
class App;
class Option;
}  // namespace CLI

namespace assay::cli {

// A handle, copied freely; the application owns what it stands for. So is Command.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}

  // The value must lie in [low, high]; anything else is exit 2 with the range.
  Option& between(std::uint32_t low, std::uint32_t high);
  Option& between(double low, double high);
  Option& between(std::int64_t low, std::int64_t high);
  Option& one_of(const std::set<std::string>& values);
  Option& required();
  // Taken from the environment where the command line does not give it.
  Option& from_environment(const std::string& name);
  // What the variable holds now is shown in the help.
  Option& show_default();

 private:
  CLI::Option* option_;
};

class Command {
 public:
  explicit Command(CLI::App& app) : app_(&app) {}

  Command add_command(const std::string& name, const std::string& help);
  // Options by their dashes ("-o,--output"), operands by a plain name. `value` must
  // outlive the parsing; a vector takes any number of them. Natural numbers are
  // decimal, real ones finite; anything else is exit 2.
  Option add_option(const std::string& name, std::string& value,
                    const std::string& help);
  Option add_option(const std::string& name, std::vector<std::string>& value,
                    const std::string& help);
  Option add_option(const std::string& name, int& value, const std::string& help);
  Option add_option(const std::string& name, std::int64_t& value,
                    const std::string& help);
  Option add_option(const std::string& name, std::uint32_t& value,
                    const std::string& help);
  Option add_option(const std::string& name, std::uint64_t& value,
                    const std::string& help);
  Option add_option(const std::string& name, double& value, const std::string& help);
  Option add_flag(const std::string& name, bool& value, const std::string& help);

  // One of its commands must follow.
  void require_command();
  void hide();  // from the help
  // Called when the line has been parsed and names this command.
  void on_parsed(std::function<void()> action);

 private:
  CLI::App* app_;
};

}  // namespace assay::cli

#endif  // ASSAY_REGRESSION_CLI_COMMAND_H_
