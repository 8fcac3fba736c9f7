// SPDX-License-Identifier: MIT
// Options that several subcommands share, and their parsing.
#ifndef ASSAY_REGRESSION_CLI_OPTIONS_H_
#define ASSAY_REGRESSION_CLI_OPTIONS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/interface/status.h"

namespace assay::cli {

// The name of the program that was started with these words, without its folder: a
// program of another project's has a name of its own.
std::string program_name(std::span<const std::string> command_line);

// "a,b,c" -> {a, b, c}. Throws Error(invalid_argument) naming `option` when an item is
// empty.
std::vector<std::string> split_list(std::string_view text, std::string_view option);

// The same, and throws where an item stands twice: of rows with one id nobody could say
// which is meant.
std::vector<std::string> split_set(std::string_view text, std::string_view option);

// "NAME=VALUE". Throws Error(invalid_argument).
std::pair<std::string, std::string> parse_assignment(std::string_view text,
                                                     std::string_view option);

// A positive size; `option` is named in the message. Throws Error(invalid_argument) for
// anything else.
std::uint64_t parse_size(std::string_view text, std::string_view option);

// The same, and 0 is one.
std::uint64_t parse_natural(std::string_view text, std::string_view option);

// `uri` with compute units set to `threads` (0: as it is). Throws
// Error(invalid_argument) when the URI sets them already.
std::string with_threads(const std::string& uri, std::uint32_t threads);

// Throws Error(failed_precondition) unless a file can be created at `path`: found out
// before an hour of measuring, not after.
void require_writable(const std::string& path);
// The same for several, no two of which may be one.
void require_writable(std::span<const std::string> paths);

// What `load` returns. A file that was named and is not there is a slip at the keyboard
// and not an absent device: Error(unavailable) becomes Error(invalid_argument).
template <class Load>
auto load_named(const Load& load) {
  try {
    return load();
  } catch (const Error& error) {
    if (error.code() != StatusCode::unavailable) throw;
    throw Error(StatusCode::invalid_argument, error.what());
  }
}

}  // namespace assay::cli

#endif  // ASSAY_REGRESSION_CLI_OPTIONS_H_
