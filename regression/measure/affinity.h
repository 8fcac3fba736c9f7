// SPDX-License-Identifier: MIT
// Whether somebody moved our threads: a library or kernel that pins the threads of its
// process to one processor halves what the other arm has, and both arms look alike.
#ifndef ASSAY_REGRESSION_MEASURE_AFFINITY_H_
#define ASSAY_REGRESSION_MEASURE_AFFINITY_H_

#include <sched.h>
#include <sys/types.h>

#include <map>
#include <optional>

namespace assay::measure {

class AffinityWatch {
 public:
  // Before anything foreign is loaded: what the calling thread, and those it will
  // start, may run on.
  AffinityWatch();
  // Takes in the threads there are now. Before the first run, so that threads a library
  // starts and pins for itself are its own affair, if it does so when it is told its
  // number of threads.
  void settle();
  // Throws failed_precondition when a thread that was taken in may no longer run where
  // it might, or comes after others that it did not come after. Threads that have ended
  // do not count.
  void require_unchanged() const;

 private:
  // How the system shares processors out to a thread.
  struct Scheduled {
    cpu_set_t allowed;
    int policy;
    int nice;
  };
  static std::optional<Scheduled> scheduled(pid_t thread);

  std::map<pid_t, Scheduled> before_;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_AFFINITY_H_
