// SPDX-License-Identifier: MIT
// `assay history`: what became of the gates over the recorded sessions.
#include "regression/history/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/interface/status.h"
#include "regression/cli/commands.h"
#include "regression/cli/console.h"
#include "regression/cli/options.h"
#include "regression/history/plot.h"
#include "regression/history/series.h"
#include "regression/json/file.h"
#include "regression/judge/verdict.h"
#include "regression/report/gate_cells.h"
#include "regression/report/layout.h"
#include "regression/report/rows.h"
#include "regression/report/text.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;
using history::Series;

struct HistoryOptions {
  std::string folder = "history";
  std::string gate;
  std::size_t last = 0;
  std::string csv;
  bool ascii = false;
  std::string program;
};

// One host class.
struct HostHistory {
  std::string host_class;
  std::vector<Series> series;
};

[[noreturn]] void nothing(const std::string& message) {
  throw Error(StatusCode::invalid_argument, message);
}

// The first that is set decides, as in setlocale(3).
bool utf8_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    std::string locale(value);
    std::ranges::transform(locale, locale.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return locale.find("utf-8") != std::string::npos ||
           locale.find("utf8") != std::string::npos;
  }
  return false;
}

std::vector<std::string> history_files(const HistoryOptions& options) {
  const std::string& folder = options.folder;
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() == ".jsonl") files.push_back(it->path().string());
  }
  std::ranges::sort(files);
  if (files.empty()) {
    nothing("no history in '" + folder + "': '" + options.program + " gate --history " +
            folder + "' appends to it, --dir names another folder");
  }
  return files;
}

std::vector<HostHistory> load_all(const HistoryOptions& options) {
  std::vector<HostHistory> hosts;
  std::size_t good_lines = 0;
  std::size_t bad_lines = 0;
  for (const std::string& file : history_files(options)) {
    const history::History read = history::load(file);
    for (const std::string& warning : read.warnings) {
      std::fprintf(stderr, "assay: %s\n", report::plain(file + ": " + warning).c_str());
    }
    good_lines += read.entries.size();
    bad_lines += read.bad_lines;
    std::vector<Series> series = series_of(read, options.gate, options.last);
    std::ranges::stable_sort(series, report::natural_less, &Series::gate);
    if (!series.empty()) {
      hosts.push_back({fs::path(file).stem().string(), std::move(series)});
    }
  }
  if (good_lines == 0 && bad_lines > 0) {
    throw Error(StatusCode::bad_file, fmt::format("{}: all of {} lines were refused",
                                                  options.folder, bad_lines));
  }
  if (hosts.empty()) {
    nothing(fmt::format("no recorded gate matches '{}' in '{}'", options.gate,
                        options.folder));
  }
  return hosts;
}

std::vector<report::Column> columns() {
  using report::Align;
  return {{"gate"},
          {"n", Align::right},
          {"first", Align::right},
          {"last", Align::right},
          {"change % [95 %]", Align::right},
          {"moved"},
          {"trend"}};
}

// The last move of the level: "2026-03-01 -3.1 %", "+2 more" before it.
std::string moved_text(const Series& series,
                       const std::vector<history::ChangePoint>& moved) {
  if (moved.empty()) return "";
  const history::ChangePoint& last = moved.back();
  std::string text = fmt::format("{} {} %", series.points[last.index].utc.substr(0, 10),
                                 report::format_percent(last.change));
  if (moved.size() > 1) text += fmt::format(" (+{})", moved.size() - 1);
  return text;
}

report::Line line_of(const Series& series, bool ascii) {
  constexpr std::size_t kTrend = 24;
  const auto moved = change_points_of(series);
  std::string first = "-";
  std::string last = "-";
  std::string change = "-";
  if (const auto known = change_of(series)) {
    first = fmt::format("{:.3f}", std::exp(known->first));
    last = fmt::format("{:.3f}", std::exp(known->last));
    change = fmt::format("{} [{}, {}]", report::format_percent(known->change),
                         report::format_percent(known->change - known->half_width),
                         report::format_percent(known->change + known->half_width));
  }
  return {{report::plain(series.gate), fmt::format("{}", series.points.size()), first,
           last, change, moved_text(series, moved), sparkline(series, kTrend, ascii)},
          report::Tone::plain};
}

std::string details(const Series& series, bool ascii) {
  const auto moved = change_points_of(series);
  std::string text = "\n" + report::plain(series.gate) + ", ratio\n" +
                     plot(series, moved, {.ascii = ascii});
  for (const history::ChangePoint& point : moved) {
    const history::SeriesPoint& at = series.points[point.index];
    text +=
        fmt::format("moved by {} % at {} (commit {}), p {:.1g}\n",
                    report::format_percent(point.change), at.utc,
                    at.commit.empty() ? "unknown" : report::plain(at.commit), point.p);
  }
  return text;
}

std::string table(const std::vector<HostHistory>& hosts, bool ascii) {
  std::vector<report::Section> sections;
  std::size_t gates = 0;
  for (const HostHistory& host : hosts) {
    report::Section section{report::plain(host.host_class), {}};
    for (const Series& series : host.series) {
      section.lines.push_back(line_of(series, ascii));
    }
    sections.push_back(std::move(section));
    gates += host.series.size();
  }
  std::string text = report::lay_out(columns(), sections, false);
  if (gates == 1) text += details(hosts.front().series.front(), ascii);
  return text +
         "\nratio   reference time / custom time: above 1, custom is faster\n"
         "change  of the ratio from the first to the last session\n"
         "moved   where its level last changed for good (advisory: p < 0.001 and at "
         "least 2 %)\n";
}

std::string csv_field(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : report::plain(text)) {
    quoted += c;
    if (c == '"') quoted += c;
  }
  return quoted + "\"";
}

std::string csv(const std::vector<HostHistory>& hosts) {
  std::string text =
      "host_class,gate,utc,commit,suite,verdict,ratio,half_width,slowdown\n";
  for (const HostHistory& host : hosts) {
    for (const Series& series : host.series) {
      for (const history::SeriesPoint& point : series.points) {
        const auto number = [](bool there, double value) {
          return there && std::isfinite(value) ? fmt::format("{}", value)
                                               : std::string();
        };
        const auto& log_ratio = point.gate.log_ratio;
        const auto& slowdown = point.gate.slowdown;
        text +=
            fmt::format("{},{},{},{},{},{},{},{},{}\n", csv_field(host.host_class),
                        csv_field(series.gate), point.utc, csv_field(point.commit),
                        csv_field(point.suite), to_string(point.gate.verdict),
                        number(log_ratio.has_value(), std::exp(log_ratio.value_or(0))),
                        number(log_ratio.has_value(), point.gate.half_width),
                        number(slowdown.has_value(), std::expm1(slowdown.value_or(0))));
      }
    }
  }
  return text;
}

int run_history(const HistoryOptions& options) {
  const std::vector<HostHistory> hosts = load_all(options);
  if (options.csv == "-") {
    print(csv(hosts));
    return judge::exit_code::kPass;
  }
  print(table(hosts, options.ascii || !utf8_locale()));
  if (!options.csv.empty()) json::write_file_atomically(options.csv, csv(hosts));
  return judge::exit_code::kPass;
}

}  // namespace

void add_history(Command& app, Context& context) {
  Command command = app.add_command(
      "history", "the gates' trends over the recorded sessions, one in detail");
  const auto o = std::make_shared<HistoryOptions>();
  o->program = program_name(context.arguments);
  command.add_option("--dir", o->folder, "folder of the history, a file a host class")
      .show_default();
  command.add_option("--gate", o->gate,
                     "only gates whose id contains this; a single one is plotted");
  command.add_option("--last", o->last, "only the last N sessions of each gate")
      .between(1U, 1000000U);
  command.add_option("--csv", o->csv, "every point as CSV: a file, or -");
  command.add_flag("--ascii", o->ascii,
                   "no Unicode (the default where the locale is not UTF-8)");
  command.on_parsed(
      [&context, o] { context.selected = [o] { return run_history(*o); }; });
}

}  // namespace assay::cli
