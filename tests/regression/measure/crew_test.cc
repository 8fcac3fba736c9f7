// SPDX-License-Identifier: MIT
#include "regression/measure/crew.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <system_error>
#include <utility>

namespace assay::measure {
namespace {

TEST(CrewTest, AllMeetAtABarrier) {
  constexpr std::size_t kCount = 4;
  std::barrier<> everybody(kCount);
  std::atomic<unsigned> seen = 0;
  {
    const Crew<> crew(kCount, [&](std::size_t i) {
      everybody.arrive_and_wait();
      seen |= 1U << i;
    });
  }
  EXPECT_EQ(seen, 0b1111U);
}

// A thread that the system does not start, after two that it did.
struct Third {
  inline static int started_ = 0;
  std::jthread thread;
  template <class Body>
  explicit Third(Body body) {
    if (++started_ == 3) {
      throw std::system_error(
          std::make_error_code(std::errc::resource_unavailable_try_again));
    }
    thread = std::jthread(std::move(body));
  }
};

TEST(CrewTest, NobodyBeginsWithoutTheLast) {
  std::atomic<int> begun = 0;
  Third::started_ = 0;
  EXPECT_THROW(Crew<Third>(4, [&](std::size_t) { ++begun; }), std::system_error);
  EXPECT_EQ(begun, 0);
  EXPECT_EQ(Third::started_, 3);
}

}  // namespace
}  // namespace assay::measure
