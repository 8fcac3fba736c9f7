// SPDX-License-Identifier: MIT
#include "regression/history/plot.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

namespace assay::history {
namespace {

// Of logarithms: what is smaller than 4 % is mostly noise and shall look like it.
constexpr double kLeastSpan = 0.04;

struct Scale {
  double low = 0;
  double high = kLeastSpan;

  // 0 ... steps - 1, upwards.
  std::size_t level(double value, std::size_t steps) const {
    const double share = (value - low) / (high - low);
    if (!(share > 0)) return 0;
    return static_cast<std::size_t>(
        std::lround(std::min(share, 1.0) * static_cast<double>(steps - 1)));
  }
};

Scale scale_of(std::span<const SeriesPoint> points, double margin) {
  double low = HUGE_VAL;
  double high = -HUGE_VAL;
  for (const SeriesPoint& point : points) {
    if (!point.gate.log_ratio) continue;
    low = std::min(low, *point.gate.log_ratio);
    high = std::max(high, *point.gate.log_ratio);
  }
  if (!(low <= high)) return {};
  const double pad = std::max(margin * (high - low), (kLeastSpan - (high - low)) / 2);
  return {low - std::max(pad, 0.0), high + std::max(pad, 0.0)};
}

std::span<const SeriesPoint> last_points(const Series& series, std::size_t count) {
  const std::span<const SeriesPoint> points = series.points;
  return points.last(std::min(points.size(), count));
}

// The grid holds plain characters; this is how each is drawn.
std::string_view glyph(char mark, bool ascii) {
  struct Glyph {
    char mark;
    std::string_view ascii;
    std::string_view unicode;
  };
  static constexpr Glyph kGlyphs[] = {
      {'o', "o", "\u25CF"}, {'X', "X", "\u2717"}, {'?', "?", "\u25CB"},
      {'|', "|", "\u2502"}, {'T', "+", "\u2524"}, {'L', "+", "\u2514"},
      {'-', "-", "\u2500"}, {'^', "^", "^"},      {'!', "!", "!"}};
  for (const Glyph& known : kGlyphs) {
    if (known.mark == mark) return ascii ? known.ascii : known.unicode;
  }
  return " ";
}

std::string drawn(std::string_view marks, bool ascii) {
  const std::size_t end = marks.find_last_not_of(' ');
  std::string text;
  for (const char mark : marks.substr(0, end + 1)) text += glyph(mark, ascii);
  return text;
}

char mark_of(judge::Verdict verdict) {
  if (verdict == judge::Verdict::regressed) return 'X';
  if (verdict == judge::Verdict::inconclusive) return '?';
  return 'o';
}

std::string ratio_label(double log_ratio) {
  const double ratio = std::exp(log_ratio);
  return ratio >= 0.001 && ratio < 1e4 ? fmt::format("{:.3f}", ratio)
                                       : fmt::format("{:.2g}", ratio);
}

// Longest label of ratio_label(): "9999.123", "2.7e+43".
constexpr std::size_t kLabel = 8;

class Plot {
 public:
  Plot(const Series& series, std::span<const ChangePoint> moved,
       const PlotOptions& options)
      : ascii_(options.ascii),
        width_(std::max<std::size_t>(options.width, 40)),
        height_(std::max<std::size_t>(options.height, 3)),
        columns_(width_ - kLabel - 2),
        // A column between the axis and the first point.
        points_(last_points(series, columns_ - 1)),
        left_out_(series.points.size() - points_.size()),
        // Far apart, few points would not be read as one line.
        step_(std::clamp<std::size_t>(
            (columns_ - 1) / std::max<std::size_t>(points_.size(), 1), 1, 6)),
        scale_(scale_of(points_, 0.1)),
        grid_(height_, std::string(columns_, ' ')),
        below_(columns_, ' ') {
    for (std::size_t i = 0; i < points_.size(); ++i) draw(i);
    for (const ChangePoint& point : moved) {
      if (point.index >= left_out_) below_[column_of(point.index - left_out_)] = '^';
    }
  }

  std::string text() const {
    std::string text;
    for (std::size_t row = 0; row < height_; ++row) {
      const bool labelled = row == 0 || row == height_ / 2 || row + 1 == height_;
      const double share =
          1 - static_cast<double>(row) / static_cast<double>(height_ - 1);
      const double value = scale_.low + share * (scale_.high - scale_.low);
      text += fmt::format("{:>{}} ", labelled ? ratio_label(value) : "", kLabel);
      text += drawn((labelled ? "T" : "|") + grid_[row], ascii_) + "\n";
    }
    const std::string indent(kLabel + 1, ' ');
    text += indent + drawn("L" + std::string(used(), '-'), ascii_) + "\n";
    if (below_.find_first_not_of(' ') != std::string::npos) {
      text += indent + " " + drawn(below_, ascii_) + "\n";
    }
    return text + indent + " " + dates() + "\n" + key();
  }

 private:
  std::size_t column_of(std::size_t i) const { return 1 + i * step_; }

  // Rows count from the top, levels from below.
  std::size_t row_of(double log_ratio) const {
    return height_ - 1 - scale_.level(log_ratio, height_);
  }

  void draw(std::size_t i) {
    const GatePoint& gate = points_[i].gate;
    const std::size_t column = column_of(i);
    if (!gate.log_ratio) {
      below_[column] = '!';
      return;
    }
    const std::size_t top = row_of(*gate.log_ratio + gate.half_width);
    const std::size_t bottom = row_of(*gate.log_ratio - gate.half_width);
    for (std::size_t row = top; row <= bottom; ++row) grid_[row][column] = '|';
    grid_[row_of(*gate.log_ratio)][column] = mark_of(gate.verdict);
  }

  std::size_t used() const {
    return points_.empty() ? 1 : column_of(points_.size() - 1) + 1;
  }

  std::string dates() const {
    constexpr std::size_t kDate = 10;
    if (points_.empty()) return "no sessions";
    const auto date = [](const SeriesPoint& point) {
      return point.utc.substr(0, kDate);
    };
    std::string text = date(points_.front());
    if (points_.size() == 1) return text;
    // The last one ends where the points do, the middle one stands under its column,
    // where there is room.
    const std::size_t last = used() < kDate ? 0 : used() - kDate;
    if (last < text.size() + 2) return text + " to " + date(points_.back());
    const auto place = [&](std::size_t i, std::size_t column) {
      text += std::string(column - text.size(), ' ') + date(points_[i]);
    };
    const std::size_t middle = points_.size() / 2;
    const std::size_t column = column_of(middle);
    if (column >= text.size() + 2 && column + kDate + 2 <= last) place(middle, column);
    place(points_.size() - 1, last);
    return text;
  }

  // What the marks mean, of those that occur, wrapped.
  std::string key() const {
    struct Meaning {
      char mark;
      std::string_view text;
    };
    static constexpr Meaning kMeanings[] = {
        {'o', "ratio"},        {'|', "its 95 % interval"}, {'X', "regressed"},
        {'?', "inconclusive"}, {'!', "no ratio: refused"}, {'^', "the level moved"}};
    std::string text;
    std::string line;
    std::size_t used = 0;
    for (const Meaning& meaning : kMeanings) {
      const auto holds = [&](const std::string& row) {
        return row.find(meaning.mark) != std::string::npos;
      };
      if (!std::ranges::any_of(grid_, holds) && !holds(below_)) continue;
      const std::size_t size = 4 + meaning.text.size();
      if (used + size > width_) {
        text += line + "\n";
        line.clear();
        used = 0;
      }
      line += fmt::format("  {} {}", glyph(meaning.mark, ascii_), meaning.text);
      used += size;
    }
    if (!line.empty()) text += line + "\n";
    if (left_out_ > 0) text += fmt::format("  {} earlier not shown\n", left_out_);
    return text;
  }

  bool ascii_;
  std::size_t width_;
  std::size_t height_;
  std::size_t columns_;
  std::span<const SeriesPoint> points_;
  std::size_t left_out_;
  std::size_t step_;
  Scale scale_;
  std::vector<std::string> grid_;
  std::string below_;
};

}  // namespace

std::string sparkline(const Series& series, std::size_t max_width, bool ascii) {
  static constexpr std::string_view kLevels[] = {
      "\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588"};
  const auto points = last_points(series, max_width);
  const Scale scale = scale_of(points, 0);
  std::string text;
  for (const SeriesPoint& point : points) {
    if (!point.gate.log_ratio) {
      text += ascii ? "." : "\u00B7";
      continue;
    }
    const std::size_t level = scale.level(*point.gate.log_ratio, std::size(kLevels));
    if (ascii) {
      text += static_cast<char>('1' + level);
    } else {
      text += kLevels[level];
    }
  }
  return text;
}

std::string plot(const Series& series, std::span<const ChangePoint> moved,
                 const PlotOptions& options) {
  return Plot(series, moved, options).text();
}

}  // namespace assay::history
