// SPDX-License-Identifier: MIT
#include "regression/report/text.h"

#include <fmt/core.h>

#include <cmath>
#include <optional>

#include "regression/json/utf8.h"

namespace assay::report {
namespace {

bool is_space(char32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0x2028 ||
         c == 0x2029;
}

bool is_harmful(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  // Bidirectional marks, embeddings and isolates: text that reads other than it is.
  const bool direction = c == 0x061C || c == 0x200E || c == 0x200F ||
                         (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return control || direction;
}

}  // namespace

std::string plain(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::string_view before = text;
    const std::optional<char32_t> character = json::take_character(text);
    if (!character) continue;
    if (is_space(*character)) {
      result += ' ';
    } else if (!is_harmful(*character)) {
      result += before.substr(0, before.size() - text.size());
    }
  }
  return result;
}

std::string shell_quoted(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,=+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string markdown(std::string_view text) {
  std::string result;
  for (const char c : plain(text)) {
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '@') {
      // A backslash does not stop a mention.
      result += "&#64;";
    } else {
      if (std::string_view("\\`*_{}[]#|~!$").find(c) != std::string_view::npos) {
        result += '\\';
      }
      result += c;
    }
  }
  return result;
}

std::string markdown_line(std::span<const std::string> cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + markdown(cell) + " |";
  return line + "\n";
}

std::size_t display_width(std::string_view text) noexcept {
  std::size_t width = 0;
  while (!text.empty()) {
    (void)json::take_character(text);
    ++width;
  }
  return width;
}

std::string cut(std::string_view text, std::size_t max_width) {
  if (display_width(text) <= max_width) return std::string(text);
  if (max_width == 0) return "";
  std::string_view rest = text;
  for (std::size_t i = 0; i + 1 < max_width; ++i) (void)json::take_character(rest);
  return std::string(text.substr(0, text.size() - rest.size())) + "~";
}

std::string format_time(double ns) {
  if (!(ns > 0)) return "-";
  struct Unit {
    double ns;
    std::string_view name;
  };
  static constexpr Unit kUnits[] = {{1, "ns"}, {1e3, "us"}, {1e6, "ms"}, {1e9, "s"}};
  // 999.96 would be printed as 1000.0.
  constexpr double kNextUnit = 999.95;
  const Unit* unit = kUnits;
  while (unit + 1 != std::end(kUnits) && ns / unit->ns >= kNextUnit) ++unit;
  const double value = ns / unit->ns;
  const int digits = value < 9.9995 ? 3 : value < 99.995 ? 2 : 1;
  return fmt::format("{:.{}f} {}", value, digits, unit->name);
}

std::string format_rate(double rate) {
  if (!std::isfinite(rate)) return "-";
  const int digits = rate < 9.995 ? 2 : rate < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}", rate, digits);
}

std::string format_share(double share) {
  return std::isfinite(share) ? fmt::format("{:.0f}", 100 * share) : "-";
}

std::string format_error(double error_over_bound) {
  if (!std::isfinite(error_over_bound))
    return std::isnan(error_over_bound) ? "nan" : "inf";
  if (error_over_bound == 0) return "0";
  if (error_over_bound < 0.01) return "<.01";
  if (error_over_bound < 9.995) return fmt::format("{:.2f}", error_over_bound);
  return fmt::format("{:.3g}", error_over_bound);
}

std::string format_ratio(double ratio, const judge::Interval& interval) {
  return fmt::format("{:.3f} [{:.3f}, {:.3f}]", ratio, interval.low, interval.high);
}

}  // namespace assay::report
