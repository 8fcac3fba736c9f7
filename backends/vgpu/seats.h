// SPDX-License-Identifier: MIT
// The compute units of a device as seats: a thread sits down to execute and stands up
// after. No more threads than seats execute at a time, whoever they are (workers,
// helping host threads, a library's own threads). Externally synchronized by the
// scheduler.
#ifndef ASSAY_BACKENDS_VGPU_SEATS_H_
#define ASSAY_BACKENDS_VGPU_SEATS_H_

#include <cstdint>
#include <vector>

namespace assay::vgpu {

class Seats {
 public:
  explicit Seats(unsigned count) : count_(count) {
    // Lowest on top, so that a lone thread keeps using unit 0 and its warm scratch.
    for (unsigned i = count; i-- > 0;) free_.push_back(i);
  }

  unsigned count() const noexcept { return count_; }
  unsigned free() const noexcept { return static_cast<unsigned>(free_.size()); }
  unsigned taken() const noexcept { return count_ - free(); }
  // Precondition: free() > 0.
  unsigned take() noexcept {
    const unsigned seat = free_.back();
    free_.pop_back();
    return seat;
  }
  void give(unsigned seat) noexcept { free_.push_back(seat); }  // capacity is there

 private:
  unsigned count_;
  std::vector<unsigned> free_;
};

}  // namespace assay::vgpu

#endif  // ASSAY_BACKENDS_VGPU_SEATS_H_
