// SPDX-License-Identifier: MIT
// What can be asked of a machine: a closed table of experiments, each with one number
// as its answer. A claims file names one of them; it cannot bring code of its own.
#ifndef ASSAY_REGRESSION_CLAIMS_EXPERIMENT_H_
#define ASSAY_REGRESSION_CLAIMS_EXPERIMENT_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/common/op.h"
#include "regression/judge/verdict.h"

namespace assay::claims {

// The conditions of a claim, complete: what the file does not say has its default.
struct Settings {
  std::map<std::string, std::string, std::less<>> texts;
  std::map<std::string, std::uint64_t, std::less<>> numbers;

  // Precondition: the experiment has a parameter of the name and kind.
  const std::string& text(std::string_view name) const {
    return texts.find(name)->second;
  }
  std::uint64_t number(std::string_view name) const {
    return numbers.find(name)->second;
  }
};

struct Parameter {
  std::string_view name;
  std::string_view text = {};  // default of a text; numbers leave it out
  std::uint64_t number = 0;    // default of a number
  std::uint64_t low = 0;       // range of a number; 0 to 0: a text
  std::uint64_t high = 0;
  bool is_text() const noexcept { return high == 0; }
};

// What one process found.
struct Finding {
  double value = std::numeric_limits<double>::quiet_NaN();
  // The device only plays the part that the claim is about.
  bool simulated = false;
  std::string wrong;  // not empty: an output was wrong, and there is no value
};

struct Job {
  Settings settings;
  std::span<const Op* const> ops;
  bool quick = false;                          // shorter samples, wider intervals
  std::chrono::milliseconds timeout{120'000};  // of one process
  const std::atomic<bool>* cancel = nullptr;   // never null
};

// What an experiment gave, over all its processes or rounds.
struct Measurement {
  enum class End : std::uint8_t {
    measured,
    undecided,  // others had the machine: what is left of the run decides nothing
    absent,     // the device or library is not here: nothing was asked
    refused,    // the library is impaired: what it gives says nothing
    malformed,  // the conditions make no sense
    wrong,      // a wrong output or an impossible rate
    broken,     // a process crashed or hung
    cancelled,
  };
  End end = End::measured;
  std::string reason;  // one line; empty when measured
  double value = std::numeric_limits<double>::quiet_NaN();
  judge::Interval interval;     // 95 %
  std::string kind;             // "sign test over 15 processes"
  std::vector<double> samples;  // one a process or round; may be empty
  // What the machine itself had to give meanwhile, in the same unit; not a number where
  // that was not measured. Beside the value, and of no weight in the verdict.
  double ceiling = std::numeric_limits<double>::quiet_NaN();
  judge::Interval ceiling_interval;
  bool simulated = false;
  double others = 0;  // share of the machine that others had meanwhile (others.h)
};

struct Experiment {
  std::string_view name;
  std::string_view meaning;  // one line: what the number is
  std::string_view unit;     // "x", "us", "ms", "%"
  std::span<const Parameter> parameters;
  // Run in fresh processes, one value each; throws Error as the device does.
  Finding (*once)(const Job& job) = nullptr;
  // Or: starts the processes it needs by itself. Throws Error.
  Measurement (*whole)(const Job& job) = nullptr;
  // A count: no time is in it, and who else uses the machine makes no difference.
  bool exact = false;
};

std::span<const Experiment> experiments() noexcept;
const Experiment* find_experiment(std::string_view name) noexcept;  // null: none

}  // namespace assay::claims

#endif  // ASSAY_REGRESSION_CLAIMS_EXPERIMENT_H_
