// SPDX-License-Identifier: MIT
// A list that has room for its first element and asks for memory from the second on.
// Most command buffers are one command: with the two lists of one in the buffer itself,
// an encoder, one dispatch and finish allocate twice instead of four times.
#ifndef ASSAY_BACKENDS_RUNTIME_SHORT_LIST_H_
#define ASSAY_BACKENDS_RUNTIME_SHORT_LIST_H_

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace assay::runtime {

// In one piece, as a vector is. Neither copied nor moved: it points into itself.
template <typename T>
class ShortList {
  static_assert(std::is_nothrow_move_constructible_v<T>);

 public:
  ShortList() = default;
  ShortList(const ShortList&) = delete;
  ShortList& operator=(const ShortList&) = delete;
  ~ShortList() = default;

  // Throws what T does, or std::bad_alloc; the list is as before then.
  template <typename... Arguments>
  T& emplace_back(Arguments&&... arguments) {
    if (size_ == 0 && many_.empty()) {
      data_ = &first_.emplace(std::forward<Arguments>(arguments)...);
    } else {
      if (first_) {
        T next(std::forward<Arguments>(arguments)...);
        many_.reserve(kReserved);
        many_.push_back(std::move(*first_));
        many_.push_back(std::move(next));
        first_.reset();
      } else {
        many_.emplace_back(std::forward<Arguments>(arguments)...);
      }
      data_ = many_.data();
    }
    return data_[size_++];
  }

  // Precondition of both: not empty.
  T& back() noexcept { return data_[size_ - 1]; }
  void pop_back() noexcept {
    --size_;
    if (first_) {
      first_.reset();
    } else {
      many_.pop_back();
    }
  }

  std::size_t size() const noexcept { return size_; }
  const T* begin() const noexcept { return data_; }
  const T* end() const noexcept { return data_ + size_; }

 private:
  static constexpr std::size_t kReserved = 4;

  std::optional<T> first_;
  std::vector<T> many_;
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_SHORT_LIST_H_
