// SPDX-License-Identifier: MIT
// A gate session, judged: what every report is drawn from.
#ifndef ASSAY_REGRESSION_GATES_GATE_REPORT_H_
#define ASSAY_REGRESSION_GATES_GATE_REPORT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "regression/baselines/store.h"
#include "regression/judge/gate.h"
#include "regression/measure/session.h"

namespace assay::gates {

// A comparison of an implementation with itself, for the report.
struct Control {
  std::string id;
  judge::Judged judged;
};

struct GateReport {
  const measure::Session* session = nullptr;  // never null, borrowed
  std::string host_class;
  bool against_base = false;  // A/B: no baseline is looked at
  std::string baseline_path;  // where the baseline is, or would be
  // No baseline for this host at all: why, and the facts that differ from the nearest.
  std::string no_baseline_because;
  std::vector<std::string> differing;
  std::vector<std::string> warnings;     // soft facts that differ, gates that are gone
  std::vector<judge::GateJudged> gates;  // worst verdict first, then by id
  std::vector<Control> controls;
  std::size_t skipped = 0;  // inconclusive or no_baseline
};

// What the gates of a suite are held against on this machine: the baseline that was
// found, or why there is none. Immutable.
class References {
 public:
  // Throws Error(bad_file) when there is a baseline file and it cannot be trusted.
  References(const std::string& baseline_root, const std::string& suite,
             const measure::Machine& machine, const measure::Build& build);

  const baselines::Lookup& lookup() const noexcept { return lookup_; }
  // `now` with its reference, or without one and why. Points into this and into `now`.
  judge::GateInput input_for(const measure::Comparison& now) const;

 private:
  baselines::Lookup lookup_;
};

// Judges `session` against the baseline below `baseline_root` for the machine and build
// it was measured on, or against its own base when it has one. Throws Error(bad_file)
// when there is a baseline file and it cannot be trusted. `session` must outlive the
// report.
GateReport evaluate(const measure::Session& session, const std::string& baseline_root,
                    const judge::GateRules& rules = {});

// Judge rules with what they need to know of the session's machine.
judge::GateRules gate_rules_for(const measure::Machine& machine);

// The worst exit code of the gates (judge::exit_code_of). No gate: kUsage.
int exit_code_of(const GateReport& report, bool strict, bool require_baseline);

}  // namespace assay::gates

#endif  // ASSAY_REGRESSION_GATES_GATE_REPORT_H_
