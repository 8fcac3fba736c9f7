// SPDX-License-Identifier: MIT
// Made-up sessions with a known truth: what a noisy machine does to two arms, and what
// was changed on purpose. No clock; the same seed gives the same samples.
#ifndef ASSAY_REGRESSION_SELFTEST_MODEL_H_
#define ASSAY_REGRESSION_SELFTEST_MODEL_H_

#include <cstdint>

#include "regression/measure/sample.h"
#include "regression/selftest/random.h"

namespace assay::selftest {

// Standard deviations and sizes are natural logarithms of times. "Common": both arms
// alike.
struct Model {
  double session_speed_sd = 0.08;    // common, drawn once a session
  double session_ratio_sd = 0.0013;  // of the ratio, drawn once a session
  double process_ratio_sd = 0.0045;  // of the ratio, drawn once a process
  double epoch_sd = 0.005;           // of each epoch, independent
  double drift_sd = 0.02;            // common, AR(1) from epoch to epoch
  double drift_correlation = 0.95;
  double trend = 0;     // common, a step each epoch
  double throttle = 0;  // common: the machine's slow state takes that much longer
  double throttle_switch = 0;  // chance of each epoch to change the state
  double block_sd = 0;         // of the ratio, AR(1) from block to block
  double block_correlation = 0.8;
  double spike_share = 0;  // of epochs that take `spike` longer
  double spike = 0;
  double slow_mode_share = 0;  // of processes whose custom arm takes `slow_mode` longer
  double slow_mode = 0;
  double grain = 0;           // of the clock, as a share of an epoch's time
  double first_position = 0;  // the first epoch of each block takes that much longer
  double episode_share = 0;  // of sessions whose custom arm takes `episode` longer, ...
  double episode = 0;        // ... until it is measured again
  double nan_share = 0;      // of processes with one time that is NaN
};

// What is really different from the baseline, as fractions of time.
struct Change {
  double custom = 0;
  double library = 0;
};

// One gate in one session. Draws what belongs to the session; processes follow.
class SyntheticSession {
 public:
  // `fixed_order`: custom first in every block.
  SyntheticSession(const Model& model, const Change& change, bool fixed_order,
                   Random& random);

  void add_process(measure::Comparison& comparison);
  // From here on processes are fresh ones for the confirmation: same session, but an
  // episode is over.
  void end_episode() { episode_ = 0; }

 private:
  void add_block(double ratio_effect, measure::ProcessSamples& process);
  double peak() const;
  double epoch_time(bool is_custom, int position, double ratio_effect);

  Model model_;
  Change change_;
  bool fixed_order_;
  Random* random_;
  double speed_;
  double ratio_;
  double episode_ = 0;
  double drift_ = 0;
  double trend_ = 0;
  bool throttled_ = false;
};

inline constexpr std::uint32_t kBlocks = 8;  // of a process

// A comparison without processes, which every guard lets through.
measure::Comparison blank_comparison();

}  // namespace assay::selftest

#endif  // ASSAY_REGRESSION_SELFTEST_MODEL_H_
