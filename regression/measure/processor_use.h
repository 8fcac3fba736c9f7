// SPDX-License-Identifier: MIT
// Whose processors did an arm use? A library whose threads go on working between its
// calls takes them from the arm that is timed then, which shows in no result.
#ifndef ASSAY_REGRESSION_MEASURE_PROCESSOR_USE_H_
#define ASSAY_REGRESSION_MEASURE_PROCESSOR_USE_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "regression/measure/contestant.h"

namespace assay::measure {

// Threads of this process that are ours, to be told from a library's: the caller, those
// that came between two moments, and those that ever ran note().
class OwnThreads {
 public:
  // When the library has been loaded, and the device has not been opened.
  OwnThreads();
  // When the device has worked, and the library was not called. Waits a moment for
  // threads that a device of `units` is still starting.
  void settle(std::uint32_t units);
  // The calling thread runs our kernels. Takes no time worth mentioning but the first
  // time.
  static void note() noexcept;
  std::set<pid_t> get() const;

 private:
  std::set<pid_t> before_;
  std::set<pid_t> own_;
};

// Processor time over the timed regions of an arm.
struct ProcessorUse {
  double wall_ns = 0;
  double process_ns = 0;  // of all threads, those that have ended included
  std::map<pid_t, double> by_thread_ns;

  double foreign_ns(const std::set<pid_t>& own) const;
};

// Returns once no thread but those of `own` works, or after kMostRestNs: what threads
// that look for their next call for a while take from whoever is timed next. Each of
// GNU's OpenMP, told to look 20 000 times, does for 0.26 ms on a Zen 4 and 0.44 to 0.52
// on an Intel (family 6, model 207), where 15 of them took more than an epoch of 3 ms
// has. At once where there are no others.
void wait_for_rest(const std::set<pid_t>& own);
inline constexpr double kMostRestNs = 20e6;

// `subject`, whose use is added to `use`, and which begins when no thread of others
// works. Borrows all three.
class Accounted final : public ContestantLayer {
 public:
  Accounted(Contestant& subject, ProcessorUse& use, const OwnThreads& own)
      : ContestantLayer(subject), use_(use), own_(own) {}

  void warm(Pass pass) override {
    wait_for_rest(own_.get());
    subject().warm(pass);
  }
  EpochTime time(Pass pass, std::uint64_t iterations) override;

 private:
  ProcessorUse& use_;
  const OwnThreads& own_;
};

// Why the ratio of the two says nothing, by what was used while ours was timed; empty
// when it does. How many threads work in the library's own calls is not judged: counted
// by the same clocks, oneDNN with the two that it was given came to 2.4 on a quiet
// machine and to 3.2 on a busy one.
std::string unfair_use(const ProcessorUse& custom, const std::set<pid_t>& own);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_PROCESSOR_USE_H_
