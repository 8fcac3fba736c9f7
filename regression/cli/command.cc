// SPDX-License-Identifier: MIT
#include "regression/cli/command.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <utility>

namespace assay::cli {
namespace {

// CLI11 takes -1 for 18446744073709551615 and cuts off what is too large.
std::string refuse_no_natural(const std::string& text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stop == end) return {};
  return "'" + text + "' is not an integer from 0 to 18446744073709551615";
}

// Its ranges refuse what is below or above, and NaN is neither.
std::string refuse_no_number(const std::string& text) {
  double value = 0;
  // What is no number at all is CLI11's to refuse.
  if (!CLI::detail::lexical_cast(text, value) || std::isfinite(value)) return {};
  return "'" + text + "' is not a finite number";
}

// As "$LIBRARY" is where nothing set it: the default is not what was meant.
std::string refuse_empty(const std::string& text) {
  return text.empty() ? "the value is empty" : "";
}

}  // namespace

Option& Option::between(std::uint32_t low, std::uint32_t high) {
  option_->check(CLI::Range(low, high));
  return *this;
}

Option& Option::between(double low, double high) {
  option_->check(CLI::Range(low, high));
  return *this;
}

Option& Option::between(std::int64_t low, std::int64_t high) {
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
  return Option(*app_->add_option(name, value, help)->check(refuse_empty, "", ""));
}

Option Command::add_option(const std::string& name, std::vector<std::string>& value,
                           const std::string& help) {
  return Option(*app_->add_option(name, value, help)->check(refuse_empty, "", ""));
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
  return Option(*app_->add_option(name, value, help)->check(refuse_no_natural));
}

Option Command::add_option(const std::string& name, double& value,
                           const std::string& help) {
  return Option(*app_->add_option(name, value, help)->check(refuse_no_number));
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
