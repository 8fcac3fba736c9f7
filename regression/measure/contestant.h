// SPDX-License-Identifier: MIT
// One side of a paired measurement, as the sampler sees it: something that can be run
// any number of times, timed, and asked whether what it computed was right.
#ifndef ASSAY_REGRESSION_MEASURE_CONTESTANT_H_
#define ASSAY_REGRESSION_MEASURE_CONTESTANT_H_

#include <cstdint>
#include <string>

#include "regression/measure/sample.h"
#include "regression/measure/scope.h"

namespace assay::measure {

// Where an iteration's data are, which decides what it runs. One pass serves every
// scope that times the same runs.
enum class Pass : std::uint8_t {
  resident,  // scopes kernel and submit_to_complete
  transfer,  // scope with_transfer
  cold,      // scope cold
  call,      // scope call
};
Pass pass_of(Scope scope) noexcept;

// Time of one epoch, summed over its iterations.
struct EpochTime {
  double host_ns = 0;    // before submit to after wait (cold: to after allocation too)
  double device_ns = 0;  // ended - started of the submissions; 0 without timestamps
};

class Contestant {
 public:
  Contestant() = default;
  Contestant(const Contestant&) = delete;
  Contestant& operator=(const Contestant&) = delete;
  virtual ~Contestant() = default;

  // Untimed runs, as many as the hardware needs to be awake: one where that is the host
  // (keep_busy() of timing.h). Caches, pages and a library's threads are warm
  // afterwards, and what the other side left behind has passed.
  virtual void warm(Pass pass) = 0;
  // The measured region. Nothing but the iterations is inside the times.
  virtual EpochTime time(Pass pass, std::uint64_t iterations) = 0;
  // Makes the last result unusable before an epoch; looks at the new one after it.
  virtual void before_epoch(Pass pass) = 0;
  virtual void after_epoch(Pass pass) = 0;
  // Computes for other inputs at the same addresses, then for the right ones, over a
  // result that is not poisoned, and looks at what came of it. Epochs repeat one
  // computation: who remembers its answer, or what it made of an operand, is right in
  // all of them, and faster than who computes. Untimed; nothing where there are no
  // inputs.
  virtual void check_afresh() {}
  // Throws failed_precondition when results are remembered by the contents of inputs,
  // which only time shows.
  virtual void require_computed() {}

  // Worst over all epochs so far.
  virtual const ArmCheck& check() const noexcept = 0;
  virtual std::string configuration() const = 0;
};

// Stands before a contestant and is that in all it does not override. Borrows it.
class ContestantLayer : public Contestant {
 public:
  explicit ContestantLayer(Contestant& subject) : subject_(subject) {}

  void warm(Pass pass) override { subject_.warm(pass); }
  EpochTime time(Pass pass, std::uint64_t iterations) override {
    return subject_.time(pass, iterations);
  }
  void before_epoch(Pass pass) override { subject_.before_epoch(pass); }
  void after_epoch(Pass pass) override { subject_.after_epoch(pass); }
  void check_afresh() override { subject_.check_afresh(); }
  void require_computed() override { subject_.require_computed(); }
  const ArmCheck& check() const noexcept override { return subject_.check(); }
  std::string configuration() const override { return subject_.configuration(); }

 protected:
  Contestant& subject() const noexcept { return subject_; }

 private:
  Contestant& subject_;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_CONTESTANT_H_
