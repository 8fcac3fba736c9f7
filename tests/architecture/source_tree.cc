// SPDX-License-Identifier: MIT
#include "tests/architecture/source_tree.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>

namespace assay::architecture {
namespace {

std::string_view skip_blanks(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t");
  return start == std::string_view::npos ? std::string_view{} : text.substr(start);
}

// Removes `prefix` and the blanks after it; false if `text` does not start with it.
bool consume(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text = skip_blanks(text.substr(prefix.size()));
  return true;
}

std::optional<Include> parse_include(std::string_view line) {
  line = skip_blanks(line);
  if (!consume(line, "#") || !consume(line, "include") || line.empty()) return {};
  const bool quoted = line.front() == '"';
  if (!quoted && line.front() != '<')
    return {};  // a macro: its value is written elsewhere
  line.remove_prefix(1);
  const std::size_t end = line.find(quoted ? '"' : '>');
  if (end == std::string_view::npos) return {};
  return Include{.path = std::string(line.substr(0, end)), .quoted = quoted};
}

}  // namespace

std::vector<std::string> code_folder_files(const std::filesystem::path& root) {
  std::vector<std::string> files;
  for (const std::string_view folder : kCodeFolders) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(root / folder)) {
      if (!entry.is_regular_file()) continue;
      files.push_back(entry.path().lexically_relative(root).generic_string());
    }
  }
  std::ranges::sort(files);
  return files;
}

std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<Include> parse_includes(std::string_view text) {
  std::vector<Include> includes;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    if (auto include = parse_include(text.substr(0, end + 1))) {
      includes.push_back(*std::move(include));
    }
    text.remove_prefix(end + 1);
  }
  return includes;
}

std::size_t count_lines(std::string_view text) {
  const auto newlines = static_cast<std::size_t>(std::ranges::count(text, '\n'));
  const bool open_end = !text.empty() && text.back() != '\n';
  return newlines + (open_end ? 1 : 0);
}

bool is_code(std::string_view path) {
  return path.ends_with(".cc") || path.ends_with(".h");
}

}  // namespace assay::architecture
