// SPDX-License-Identifier: MIT
// Threads that begin together or not at all. Those that meet at a barrier would wait
// for ever for one that the system refused to start.
#ifndef ASSAY_REGRESSION_MEASURE_CREW_H_
#define ASSAY_REGRESSION_MEASURE_CREW_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace assay::measure {

// Its destructor waits for all of them. `Thread` is a test's where it is not
// std::jthread.
template <class Thread = std::jthread>
class Crew {
 public:
  // body(i) on a thread of its own for each i below `count`, each once all of them have
  // started. Throws std::system_error when one does not start, and then calls none.
  // What `body` throws ends the process, as that of any thread.
  template <class Body>
  Crew(std::size_t count, const Body& body) {
    threads_.reserve(count);
    try {
      for (std::size_t i = 0; i < count; ++i) {
        threads_.emplace_back([this, body, i] {
          start_.wait(Start::pending);
          if (start_ == Start::all) body(i);
        });
      }
    } catch (...) {
      say(Start::none);
      throw;
    }
    say(Start::all);
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

 private:
  enum class Start : std::uint8_t { pending, none, all };
  void say(Start start) {
    start_ = start;
    start_.notify_all();
  }

  // Outlives the threads: the last member goes first.
  std::atomic<Start> start_ = Start::pending;
  std::vector<Thread> threads_;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_CREW_H_
