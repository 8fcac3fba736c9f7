// SPDX-License-Identifier: MIT
// Counts what operator new and aligned_alloc hand out in the whole program, and makes
// them fail.
#ifndef ASSAY_TESTS_SUPPORT_COUNTING_NEW_H_
#define ASSAY_TESTS_SUPPORT_COUNTING_NEW_H_

#include <cstdint>

namespace assay::testing_support {

// Allocations of all threads since the start, and those of operator new that were not
// given back yet. Sizes are of no interest: a path that allocates once allocates.
std::uint64_t allocations() noexcept;
std::int64_t living_allocations() noexcept;

// While it lives, allocation number `which` (from 0, of any thread) throws
// std::bad_alloc, or is null; all others succeed. One at a time.
class FailingAllocation {
 public:
  explicit FailingAllocation(std::uint64_t which) noexcept;
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;
  // False: there were not that many.
  bool happened() const noexcept;
};

}  // namespace assay::testing_support

#endif  // ASSAY_TESTS_SUPPORT_COUNTING_NEW_H_
