// SPDX-License-Identifier: MIT
// A contestant whose times are made up, and that writes down what was done to it.
#ifndef ASSAY_TESTS_REGRESSION_MEASURE_FAKE_CONTESTANT_H_
#define ASSAY_TESTS_REGRESSION_MEASURE_FAKE_CONTESTANT_H_

#include <string>

#include "regression/measure/contestant.h"

namespace assay::measure {

class FakeContestant final : public Contestant {
 public:
  // Appends one letter a call to `log`: w(arm), b(efore), t(ime), a(fter), after
  // `name`.
  FakeContestant(char name, double host_ns, double device_ns, std::string& log)
      : name_(name), host_ns_(host_ns), device_ns_(device_ns), log_(log) {}

  void warm(Pass /*pass*/) override { note('w'); }
  EpochTime time(Pass /*pass*/, std::uint64_t iterations) override {
    note('t');
    last_iterations = iterations;
    const auto n = static_cast<double>(iterations);
    return {n * host_ns_, n * device_ns_};
  }
  void before_epoch(Pass /*pass*/) override { note('b'); }
  void after_epoch(Pass /*pass*/) override { note('a'); }
  const ArmCheck& check() const noexcept override { return check_; }
  std::string configuration() const override { return std::string(1, name_); }

  std::uint64_t last_iterations = 0;

 private:
  void note(char what) {
    log_ += name_;
    log_ += what;
    log_ += ' ';
  }

  char name_;
  double host_ns_;
  double device_ns_;
  std::string& log_;
  ArmCheck check_;
};

}  // namespace assay::measure

#endif  // ASSAY_TESTS_REGRESSION_MEASURE_FAKE_CONTESTANT_H_
