// SPDX-License-Identifier: MIT
// Turns a test that hangs into one that fails and says which it was.
#ifndef TESTS_SUPPORT_WATCHDOG_H_
#define TESTS_SUPPORT_WATCHDOG_H_

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace assay::testing_support {

// Aborts the process, with `what` on stderr, unless destroyed within `limit`. A thread
// that hangs cannot be ended in any gentler way.
class Watchdog {
 public:
  Watchdog(std::string what, std::chrono::nanoseconds limit);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

 private:
  void watch(std::chrono::nanoseconds limit);

  const std::string what_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::thread thread_;
};

// Runs `body` under a watchdog.
template <typename Body>
void with_deadline(std::string what, std::chrono::nanoseconds limit, Body&& body) {
  const Watchdog watchdog(std::move(what), limit);
  std::forward<Body>(body)();
}

}  // namespace assay::testing_support

#endif  // TESTS_SUPPORT_WATCHDOG_H_
