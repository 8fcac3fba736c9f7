// SPDX-License-Identifier: MIT
// Reads a shape as text: "4096x512:alpha=0.5:lda=520", extents first, then options in
// any order. Whoever reads asks for what the op knows and then calls finish(), which
// refuses the rest.
#ifndef ASSAY_KERNELS_COMMON_SHAPE_TEXT_H_
#define ASSAY_KERNELS_COMMON_SHAPE_TEXT_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

// Borrows the three texts. Every refusal is an Error(invalid_argument) that quotes the
// shape and the form.
class ShapeText {
 public:
  ShapeText(std::string_view op, std::string_view form, std::string_view shape);

  // The extents "RxC" before the first ':', one for each name, 0 to 2^31-1 (CBLAS takes
  // ints).
  std::vector<std::int64_t> extents(std::initializer_list<std::string_view> names);
  // "key=<finite f32>", or nullopt when it is not given.
  std::optional<float> scalar(std::string_view key);
  // "key=<integer>" of at least `least`.
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t least);
  // One of `words` without a value; the index of the one that is given.
  std::optional<std::size_t> word(std::initializer_list<std::string_view> words);
  // Refuses every option that nobody asked for. Call it last.
  void finish() const;
  // Refuses a product of extents whose byte count overflows.
  void require_bytes(std::string_view name, std::int64_t rows, std::int64_t cols) const;

  [[noreturn]] void refuse(const std::string& why) const;

 private:
  struct Option {
    std::string_view key;
    std::optional<std::string_view> value;
    bool used = false;
  };
  std::int64_t number(std::string_view name, std::string_view text,
                      std::int64_t least) const;
  std::optional<std::string_view> value_of(std::string_view key);

  std::string_view op_;
  std::string_view form_;
  std::string_view shape_;
  std::string_view extents_;
  std::vector<Option> options_;
};

// The shortest text that reads back as `value`.
std::string shape_number(float value);

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_SHAPE_TEXT_H_
