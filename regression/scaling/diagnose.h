// SPDX-License-Identifier: MIT
// Why more workers did not give more: a pure function over measured numbers. The
// documents this experiment comes from blamed "the driver" for what was a device-wide
// wait, a full device or a baseline of another kind; here a cause needs a measurement
// that shows it, and "cannot tell" is an answer.
#ifndef ASSAY_REGRESSION_SCALING_DIAGNOSE_H_
#define ASSAY_REGRESSION_SCALING_DIAGNOSE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "regression/scaling/cell.h"
#include "regression/scaling/condition.h"

namespace assay::scaling {

enum class Cause : std::uint8_t {
  baseline,        // the one-worker run itself
  scales,          // efficiency of kScales and more, and surely not far below
  saturated,       // the device has no more to give
  queue_order,     // one queue runs its submissions one after the other, by contract
  serial_device,   // the device runs one submission at a time
  library_units,   // each library call holds every compute unit
  library_lock,    // calls overlap in the library, and wait for each other there
  sync_call,       // in the wait, for the work of others
  submit_path,     // in our own submit
  oversubscribed,  // more workers than processors, and as fast as those are
  contended,       // runs overlap and take longer beside each other: caches, memory
  starved,         // the device waits for work
  machine,         // no device was there: what the machine itself gives
  cannot_tell,
};
std::string_view to_string(Cause cause) noexcept;

// What the rules look at. NaN where it is not known: a rule that needs it is passed by.
struct Evidence {
  Condition condition;
  Cell cell;      // medians over the rounds
  Cell baseline;  // of the one-worker run with the same conditions
  double efficiency = kUnknown;
  double least_efficiency = kUnknown;  // where its 95 % interval begins
  double share_of_peak = kUnknown;     // of FMA or triad, whichever binds the op
  std::string_view peak = "FMA";       // which
  std::uint32_t compute_units = 1;     // of one device
  std::uint32_t devices = 1;           // one, or one a process
  std::uint32_t processors = 1;        // usable ones of the machine
  bool concurrent_queues = true;       // Caps
  // The implementation is a call of a library with threads of its own.
  bool library_call = false;
  bool lend_one = false;  // and such a call holds one unit instead of all
};

// One operation at a time: an overlap of 1 but for the error of its estimate, and for
// the edges of a traced window.
inline constexpr double kOneAtATime = 1.1;

// Compute units that one operation keeps busy.
double width(const Evidence& evidence);
// How many of its operations the device could run at the same time.
double places(const Evidence& evidence);

struct Diagnosis {
  Cause cause = Cause::cannot_tell;
  std::string text;  // with the numbers it rests on; one line
};

// The first rule that holds; rules, their order and their thresholds are in the .cc.
Diagnosis diagnose(const Evidence& evidence);

}  // namespace assay::scaling

#endif  // ASSAY_REGRESSION_SCALING_DIAGNOSE_H_
