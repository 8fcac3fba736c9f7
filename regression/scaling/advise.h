// SPDX-License-Identifier: MIT
// Which way of submitting is best here: a decision matrix derived from the rows of a
// scaling experiment, each line with the rows it rests on. Pure functions. The matrix
// in the documents this comes from contradicted its own tables; here a line without
// rows that show it says so.
#ifndef ASSAY_REGRESSION_SCALING_ADVISE_H_
#define ASSAY_REGRESSION_SCALING_ADVISE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "regression/json/value.h"
#include "regression/scaling/report.h"

namespace assay::scaling {

enum class Situation : std::uint8_t {
  single_stream,  // one worker that waits for each operation
  threads,        // several threads that each wait for theirs: device or event sync
  processes,      // as many threads or as many processes
  batching,       // one operation in a command buffer or several
  throughput,     // whatever gives most
};
std::string_view to_string(Situation situation) noexcept;

// How the rates of two rows compare, round by round.
struct Contrast {
  double ratio = kUnknown;  // median over the rounds
  judge::Interval interval;
  enum class Outcome : std::uint8_t {
    first,  // the whole interval says so, by kWorthIt at least
    second,
    alike,      // the whole interval is within kWorthIt of 1
    not_known,  // a row is missing or wrong, or the interval does not decide
  };
  Outcome outcome = Outcome::not_known;
};
// A gain below this is no reason to write a program in another way.
inline constexpr double kWorthIt = 0.05;
// Six rounds at least: below, no interval exists and nothing is decided.
Contrast contrast(const Row* first, const Row* second);

struct Advice {
  const Arm* arm = nullptr;
  Situation situation = Situation::single_stream;
  std::string advice;  // "event sync", "no difference", "cannot tell"
  std::string because;
  std::vector<const Row*> rows;  // that it rests on
};

// For each arm, in the order of Situation. Only situations whose rows were asked for.
std::vector<Advice> advise(const std::vector<Row>& rows);

// For a terminal, with the rows below.
std::string to_text(const Report& report, const std::vector<Advice>& advice);
// {"schema": assay.advice 1.0, "advice": [...], "scaling": the whole report}
json::Value to_json(const Report& report, const std::vector<Row>& rows,
                    const std::vector<Advice>& advice);

}  // namespace assay::scaling

#endif  // ASSAY_REGRESSION_SCALING_ADVISE_H_
