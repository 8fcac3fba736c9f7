// SPDX-License-Identifier: MIT
// Shapes of matmul as text.
#include "kernels/matmul/matmul.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "backends/interface/status.h"
#include "kernels/common/checked_math.h"

namespace assay::matmul {
namespace {

constexpr std::int64_t kMaxExtent = 0x7fffffff;  // CBLAS takes ints

[[noreturn]] void refuse(std::string_view shape, const std::string& why) {
  throw Error(StatusCode::invalid_argument, "matmul shape \"" + std::string(shape) +
                                                "\": " + why + "; expected " +
                                                std::string(kOp.shape_form()));
}

// Takes the text up to `separator` (or the end) off the front.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t length = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, length);
  text.remove_prefix(std::min(length + 1, text.size()));
  return part;
}

std::int64_t parse_extent(std::string_view shape, std::string_view name,
                          std::string_view text, std::int64_t least) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error == std::errc::invalid_argument || rest != end) {
    refuse(shape,
           std::string(name) + " is not a number: \"" + std::string(text) + "\"");
  }
  if (error == std::errc::result_out_of_range || value > kMaxExtent) {
    refuse(shape, std::string(name) + " is above 2147483647");
  }
  if (value < least) {
    refuse(shape, std::string(name) + " is below " + std::to_string(least));
  }
  return value;
}

float parse_scalar(std::string_view shape, std::string_view name,
                   std::string_view text) {
  float value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || rest != end || !std::isfinite(value)) {
    refuse(shape,
           std::string(name) + " is not a finite f32: \"" + std::string(text) + "\"");
  }
  return value;
}

// One of the parts after MxNxK. Leading dimensions stay unset when not given.
struct Options {
  std::optional<std::string_view> transposes;
  std::optional<std::string_view> alpha;
  std::optional<std::string_view> beta;
  std::optional<std::string_view> lda;
  std::optional<std::string_view> ldb;
  std::optional<std::string_view> ldc;
};

Options split_options(std::string_view shape, std::string_view rest) {
  Options options;
  const auto set = [&](std::optional<std::string_view>& slot, std::string_view value) {
    if (slot) refuse(shape, "an option is given twice");
    slot = value;
  };
  while (!rest.empty()) {
    const std::string_view part = take(rest, ':');
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string_view key = part.substr(0, equals);
    const std::string_view value = part.substr(std::min(equals + 1, part.size()));
    if (part == "nn" || part == "nt" || part == "tn" || part == "tt") {
      set(options.transposes, part);
    } else if (key == "alpha") {
      set(options.alpha, value);
    } else if (key == "beta") {
      set(options.beta, value);
    } else if (key == "lda") {
      set(options.lda, value);
    } else if (key == "ldb") {
      set(options.ldb, value);
    } else if (key == "ldc") {
      set(options.ldc, value);
    } else {
      refuse(shape, "unknown part \"" + std::string(part) + "\"");
    }
  }
  return options;
}

std::int64_t tightest(std::int64_t cols) { return std::max<std::int64_t>(cols, 1); }

void check_bytes(std::string_view shape, std::string_view name, std::int64_t rows,
                 std::int64_t ld) {
  const std::optional<std::int64_t> elements = checked_multiply(rows, ld);
  if (!elements || !checked_multiply(*elements, sizeof(float))) {
    refuse(shape, "the byte count of " + std::string(name) + " overflows");
  }
}

std::int64_t elements(std::int64_t rows, std::int64_t cols, std::int64_t ld) noexcept {
  return rows == 0 || cols == 0 ? 0 : (rows - 1) * ld + cols;
}

std::string number(float value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc() ? std::string(text, end) : std::string("?");
}

}  // namespace

Params parse_params(std::string_view shape) {
  std::string_view rest = shape;
  std::string_view extents = take(rest, ':');
  if (std::count(extents.begin(), extents.end(), 'x') != 2) {
    refuse(shape, "it does not start with three extents");
  }
  if (!shape.empty() && shape.back() == ':') refuse(shape, "it ends in ':'");
  const Options options = split_options(shape, rest);

  Params p;
  p.m = parse_extent(shape, "M", take(extents, 'x'), 0);
  p.n = parse_extent(shape, "N", take(extents, 'x'), 0);
  p.k = parse_extent(shape, "K", extents, 0);
  if (options.transposes) {
    p.transpose_a = (*options.transposes)[0] == 't';
    p.transpose_b = (*options.transposes)[1] == 't';
  }
  if (options.alpha) p.alpha = parse_scalar(shape, "alpha", *options.alpha);
  if (options.beta) p.beta = parse_scalar(shape, "beta", *options.beta);
  const auto leading = [&](const auto& given, std::string_view name,
                           std::int64_t cols) {
    return given ? parse_extent(shape, name, *given, tightest(cols)) : tightest(cols);
  };
  p.lda = leading(options.lda, "lda", p.a_cols());
  p.ldb = leading(options.ldb, "ldb", p.b_cols());
  p.ldc = leading(options.ldc, "ldc", p.n);
  check_bytes(shape, "A", p.a_rows(), p.lda);
  check_bytes(shape, "B", p.b_rows(), p.ldb);
  check_bytes(shape, "C", p.m, p.ldc);
  return p;
}

std::string to_string(const Params& p) {
  std::string text =
      std::to_string(p.m) + "x" + std::to_string(p.n) + "x" + std::to_string(p.k);
  if (p.transpose_a || p.transpose_b) {
    text += ':';
    text += p.transpose_a ? 't' : 'n';
    text += p.transpose_b ? 't' : 'n';
  }
  if (p.alpha != 1.0F) text += ":alpha=" + number(p.alpha);
  // -0 and 0 mean the same beta; only one of them is canonical.
  if (p.beta != 0.0F) text += ":beta=" + number(p.beta);
  if (p.lda != tightest(p.a_cols())) text += ":lda=" + std::to_string(p.lda);
  if (p.ldb != tightest(p.b_cols())) text += ":ldb=" + std::to_string(p.ldb);
  if (p.ldc != tightest(p.n)) text += ":ldc=" + std::to_string(p.ldc);
  return text;
}

std::int64_t a_elements(const Params& p) noexcept {
  return elements(p.a_rows(), p.a_cols(), p.lda);
}
std::int64_t b_elements(const Params& p) noexcept {
  return elements(p.b_rows(), p.b_cols(), p.ldb);
}
std::int64_t c_elements(const Params& p) noexcept { return elements(p.m, p.n, p.ldc); }

}  // namespace assay::matmul
