// SPDX-License-Identifier: MIT
// The compute units of a device as seats: a thread sits down to execute and stands up
// after. No more threads than seats execute at a time, whoever they are (workers,
// helping host threads, a library's own threads).
//
// Thread-safe, without a lock: the threads of sixteen processors sit down and stand up
// at the same time, and one that finds a lock taken goes to sleep for longer than a
// short kernel takes.
#ifndef ASSAY_BACKENDS_VGPU_SEATS_H_
#define ASSAY_BACKENDS_VGPU_SEATS_H_

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace assay::vgpu {

class Seats {
 public:
  static constexpr unsigned kMost = 256;
  static constexpr unsigned kNone = kMost;

  // Precondition: count <= kMost.
  explicit Seats(unsigned count) : count_(count) {
    for (unsigned seat = 0; seat < count; ++seat) give(seat);
  }

  unsigned count() const noexcept { return count_; }
  // How many there were while this looked.
  unsigned free() const noexcept {
    int free = 0;
    for (unsigned i = 0; i * 64 < count_; ++i) free += std::popcount(free_[i].load());
    return static_cast<unsigned>(free);
  }
  unsigned taken() const noexcept { return count_ - free(); }
  // `wanted` when it is free, else the lowest, so that a lone thread keeps using unit 0
  // and its warm scratch; kNone when all are taken.
  unsigned take(unsigned wanted = 0) noexcept {
    if (wanted < count_ && take_bit(wanted)) return wanted;
    for (unsigned i = 0; i * 64 < count_; ++i) {
      while (const std::uint64_t free = free_[i].load()) {
        const unsigned seat = i * 64 + static_cast<unsigned>(std::countr_zero(free));
        if (take_bit(seat)) return seat;
      }
    }
    return kNone;
  }
  // Sequentially consistent, as all here: who stands up and then looks for work, and
  // who brings work and then looks for a seat, do not miss each other.
  void give(unsigned seat) noexcept { free_[seat / 64].fetch_or(bit_of(seat)); }

 private:
  static std::uint64_t bit_of(unsigned seat) noexcept {
    return std::uint64_t{1} << seat % 64;
  }
  bool take_bit(unsigned seat) noexcept {
    // A look first: an update that fails takes the line from all others, too.
    std::atomic<std::uint64_t>& free = free_[seat / 64];
    if ((free.load() & bit_of(seat)) == 0) return false;
    return (free.fetch_and(~bit_of(seat)) & bit_of(seat)) != 0;
  }

  // A cache line of its own.
  alignas(64) std::array<std::atomic<std::uint64_t>, kMost / 64> free_{};
  alignas(64) unsigned count_;
};

}  // namespace assay::vgpu

#endif  // ASSAY_BACKENDS_VGPU_SEATS_H_
