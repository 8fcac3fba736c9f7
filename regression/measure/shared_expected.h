// SPDX-License-Identifier: MIT
// The oracle's answer in shared memory: computed once (seconds at 2048), read by every
// worker of the case.
#ifndef ASSAY_REGRESSION_MEASURE_SHARED_EXPECTED_H_
#define ASSAY_REGRESSION_MEASURE_SHARED_EXPECTED_H_

#include "kernels/common/op.h"

namespace assay::measure {

// An anonymous memory file with an Expected in it. Move-only; closes the file.
class SharedExpected {
 public:
  // Both throw Error(out_of_memory or internal). Without contents: for one who writes
  // them later, from whatever process.
  SharedExpected();
  explicit SharedExpected(const Expected& expected);
  SharedExpected(SharedExpected&& other) noexcept;
  SharedExpected& operator=(SharedExpected&&) = delete;
  ~SharedExpected();
  int fd() const noexcept { return fd_; }

 private:
  int fd_ = -1;
};

// Gives such a file its contents. Throws Error(out_of_memory or internal).
void write_shared_expected(int fd, const Expected& expected);

// Reads it back in a worker. Throws Error(bad_file) when the contents do not add up.
Expected read_shared_expected(int fd);

// Fills the problem's operands and asks its oracle.
Expected compute_expected(const Problem& problem, DataFamily data, std::uint64_t seed);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_SHARED_EXPECTED_H_
