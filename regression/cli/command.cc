// SPDX-License-Identifier: MIT
#include "regression/cli/command.h"

#include <CLI/CLI.hpp>
#include <utility>

namespace assay::cli {

Option& Option::between(std::uint32_t low, std::uint32_t high) {
  option_->check(CLI::Range(low, high));
  return *this;
}

Option& Option::between(double low, double high) {
  option_->check(CLI::Range(low, high));
  return *this;
}

Option& Option::one_of(const std::set<std::string>& values) {
  option_->check(CLI::IsMember(values));
  return *this;
}

Option& Option::required() {
  option_->required();
  return *this;
}

Option& Option::from_environment(const std::string& name) {
  option_->envname(name);
  return *this;
}

Option& Option::show_default() {
  option_->capture_default_str();
  return *this;
}

Command Command::add_command(const std::string& name, const std::string& help) {
  return Command(*app_->add_subcommand(name, help));
}

Option Command::add_option(const std::string& name, std::string& value,
                           const std::string& help) {
  return Option(*app_->add_option(name, value, help));
}

Option Command::add_option(const std::string& name, std::vector<std::string>& value,
                           const std::string& help) {
  return Option(*app_->add_option(name, value, help));
}

Option Command::add_option(const std::string& name, int& value,
                           const std::string& help) {
  return Option(*app_->add_option(name, value, help));
}

Option Command::add_option(const std::string& name, std::int64_t& value,
                           const std::string& help) {
  return Option(*app_->add_option(name, value, help));
}

Option Command::add_option(const std::string& name, std::uint32_t& value,
                           const std::string& help) {
  return Option(*app_->add_option(name, value, help));
}

Option Command::add_option(const std::string& name, std::uint64_t& value,
                           const std::string& help) {
  return Option(*app_->add_option(name, value, help));
}

Option Command::add_option(const std::string& name, double& value,
                           const std::string& help) {
  return Option(*app_->add_option(name, value, help));
}

Option Command::add_flag(const std::string& name, bool& value,
                         const std::string& help) {
  return Option(*app_->add_flag(name, value, help));
}

void Command::require_command() { app_->require_subcommand(1); }

void Command::hide() { app_->group(""); }

void Command::on_parsed(std::function<void()> action) {
  app_->callback(std::move(action));
}

}  // namespace assay::cli
