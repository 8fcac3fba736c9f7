// SPDX-License-Identifier: MIT
// From the cells of all rounds to rows: medians, efficiency, share of the peak, and
// why. Pure functions.
#ifndef ASSAY_REGRESSION_SCALING_REPORT_H_
#define ASSAY_REGRESSION_SCALING_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/common/op.h"
#include "regression/json/value.h"
#include "regression/judge/verdict.h"
#include "regression/measure/results.h"
#include "regression/scaling/cell.h"
#include "regression/scaling/condition.h"
#include "regression/scaling/confirm.h"
#include "regression/scaling/diagnose.h"
#include "regression/scaling/rig.h"
#include "regression/scaling/sighting.h"

namespace assay::scaling {

inline constexpr std::string_view kSchema = "assay.scaling";
inline constexpr int kSchemaMajor = 1;
// 1: confirmation; 2: sighting, traced figures; 3: conditions without a device
inline constexpr int kSchemaMinor = 3;

// Above this share of a peak a rate is an error of measurement, as in the judge.
inline constexpr double kPlausible = 1.05;

// What the device can do, measured in the same session.
struct Ceilings {
  double fma_gflops = 0;
  double fma_gflops_one = 0;  // one compute unit
  double triad_gbs = 0;
};

// One work with one implementation on one device, and all its cells.
struct Arm {
  Work work;
  std::string device;
  std::uint32_t compute_units = 1;
  bool concurrent_queues = true;
  bool library_call = false;    // one call with the library's own threads
  measure::LibraryAudit audit;  // of the library
  Ceilings ceilings;
  DType multiplies = DType::f32;  // what the ceilings are of
  double flops = 0;               // of one operation
  double bytes = 0;               // that must cross memory
  // The same and the lines that are read because they are written to in parts.
  double traffic_bytes = 0;
  std::uint32_t iterations = 0;
  std::vector<Condition> conditions;
  std::vector<std::vector<Cell>> cells;  // [condition][round]
  // [condition]; of what an intervention was made for. Empty: nobody asked.
  std::vector<std::optional<Confirmation>> confirmations;
  std::vector<std::optional<Sighting>> sightings;  // the same, of traced runs
  std::string failure;                             // a process that did not finish: why
};

struct Report {
  measure::Results run;  // build, machine, time, command line, environment, complete
  std::vector<Arm> arms;
};

struct Row {
  const Arm* arm = nullptr;
  Condition condition;
  Cell cell;          // medians
  double rate = 0;    // operations a second: the median over the rounds
  double gflops = 0;  // 0 for an op without
  double gbs = 0;     // 0 for an op without
  std::size_t rounds = 0;
  // rate / (workers x rate of the one-worker run), each round against its own; NaN when
  // there is no such run.
  double efficiency = kUnknown;
  judge::Interval interval;  // 95 %, over the rounds
  double share_of_peak = kUnknown;
  // "FMA", "triad"; "bare": as many workers without a device, each round against its
  // own; or empty: none binds.
  std::string_view peak;
  Evidence evidence;  // that the diagnosis rests on
  Diagnosis diagnosis;
  const Confirmation* confirmation = nullptr;  // of the diagnosis; null: none made
  const Sighting* sighting = nullptr;          // the same
  std::string failure;                         // not empty: none of the above
};

std::vector<Row> rows_of(const Report& report);

// A rate above the FMA peak by more than two measurements of one clock differ by.
bool implausible(const Row& row);

// The row of as many workers without a device, whose efficiency is what the machine
// had to give in the same rounds; null where there is none, or it failed.
const Row* ceiling_of(const std::vector<Row>& rows, const Row& row);

// What does not add up, one line each: efficiency above 1 beyond its interval, a rate
// above the peak, device and event sync that differ with one worker (where both wait
// for the same), processes that failed.
std::vector<std::string> notes(const Report& report, const std::vector<Row>& rows);

// 0; 3 for a wrong result or a rate above the peak, 6 for an impaired library.
int exit_code_of(const Report& report, const std::vector<Row>& rows);

// Raw cells and rows; schema above.
json::Value to_json(const Report& report, const std::vector<Row>& rows);
// For a terminal.
std::string to_text(const Report& report, const std::vector<Row>& rows);

// "matmul 512x512x512 packed"
std::string title(const Arm& arm);

}  // namespace assay::scaling

#endif  // ASSAY_REGRESSION_SCALING_REPORT_H_
