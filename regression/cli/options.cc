// SPDX-License-Identifier: MIT
#include "regression/cli/options.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>

#include "backends/interface/status.h"

namespace assay::cli {
namespace {

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace

std::string program_name(std::span<const std::string> command_line) {
  const std::string name =
      command_line.empty()
          ? std::string()
          : std::filesystem::path(command_line.front()).filename().string();
  return name.empty() ? "assay" : name;
}

std::vector<std::string> split_list(std::string_view text, std::string_view option) {
  std::vector<std::string> items;
  for (;;) {
    const std::size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    if (item.empty()) invalid(std::string(option) + ": an item of the list is empty");
    items.emplace_back(item);
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
  }
}

std::vector<std::string> split_set(std::string_view text, std::string_view option) {
  std::vector<std::string> items = split_list(text, option);
  for (auto item = items.begin(); item != items.end(); ++item) {
    if (std::find(items.begin(), item, *item) == item) continue;
    invalid(std::string(option) + ": '" + *item + "' is given twice");
  }
  return items;
}

std::pair<std::string, std::string> parse_assignment(std::string_view text,
                                                     std::string_view option) {
  const std::size_t equal = text.find('=');
  if (equal == std::string_view::npos || equal == 0) {
    invalid(std::string(option) + ": '" + std::string(text) + "' is not NAME=VALUE");
  }
  return {std::string(text.substr(0, equal)), std::string(text.substr(equal + 1))};
}

std::uint64_t parse_size(std::string_view text, std::string_view option) {
  const std::optional<std::uint64_t> size = whole_number(text);
  if (size.value_or(0) > 0) return *size;
  invalid(std::string(option) + ": '" + std::string(text) +
          "' is not a positive integer");
}

std::uint64_t parse_natural(std::string_view text, std::string_view option) {
  const std::optional<std::uint64_t> number = whole_number(text);
  if (number) return *number;
  invalid(std::string(option) + ": '" + std::string(text) +
          "' is not an integer from 0 on");
}

std::string with_threads(const std::string& uri, std::uint32_t threads) {
  if (threads == 0) return uri;
  if (uri.find("cus=") != std::string::npos) {
    invalid("--threads and the device URI " + uri + " both set the compute units");
  }
  return uri + (uri.find('?') == std::string::npos ? "?" : "&") +
         "cus=" + std::to_string(threads);
}

void require_writable(const std::string& path) {
  const auto refuse = [&](const std::string& why) {
    throw Error(StatusCode::failed_precondition, "cannot write '" + path + "': " + why);
  };
  // Standard output to whoever asks for it, and here a file of that name.
  if (path == "-") refuse("this output goes to a file: name one");
  const std::filesystem::path file(path);
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) refuse("it is a directory");
  const std::filesystem::path folder =
      file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  if (!std::filesystem::is_directory(folder, ignored)) {
    refuse("the folder " + folder.string() + " does not exist");
  }
  // Written beside and renamed, so it is the folder that must permit it; a read-only
  // file system refuses root as well.
  if (access(folder.c_str(), W_OK | X_OK) != 0) refuse(std::strerror(errno));
}

void require_writable(std::span<const std::string> paths) {
  std::set<std::filesystem::path> files;
  for (const std::string& path : paths) {
    require_writable(path);
    std::error_code unknown;  // where links lead: the name is what counts
    std::filesystem::path file =
        std::filesystem::weakly_canonical(std::filesystem::absolute(path), unknown);
    if (unknown) file = path;
    // A device takes what it is given, in turn.
    if (std::filesystem::is_character_file(file, unknown)) continue;
    if (files.insert(file).second) continue;
    throw Error(
        StatusCode::invalid_argument,
        "'" + path + "' is named by two outputs: the second would replace the first");
  }
}

}  // namespace assay::cli
