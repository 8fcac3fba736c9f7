// SPDX-License-Identifier: MIT
// Every command of assay, with one's own op and suite of gates.
#include "assay_sources.h"
#include "gemv.h"
#include "regression/cli/cli.h"
#include "regression/measure/case.h"

namespace {

using assay::measure::Case;
using assay::measure::CaseKind;
using assay::measure::Scope;
using assay::measure::Suite;

Suite gates() {
  Suite suite{"gemv", "a kernel of one's own against OpenBLAS", {}};
  for (const char* shape : {"256x256", "512x512"}) {
    Case gate_case;
    gate_case.op = "gemv";
    gate_case.shape = shape;
    gate_case.implementation = "rows";
    gate_case.library = "openblas";
    gate_case.scopes = {Scope::kernel, Scope::submit_to_complete};
    suite.cases.push_back(gate_case);
  }
  // The kernel against itself: a session is believed as far as this finds no
  // difference.
  Case control = suite.cases.back();
  control.kind = CaseKind::control;
  control.library.clear();
  control.scopes = {Scope::kernel};
  suite.cases.push_back(control);
  return suite;
}

}  // namespace

int main(int argc, char** argv) {
  const assay::Op* const ops[] = {&gemv::op()};
  const Suite suites[] = {gates()};
  return assay::cli::run_cli(argc, argv, ops, suites, kAssaySources);
}
