// SPDX-License-Identifier: MIT
#include "regression/measure/case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "kernels/ops.h"
#include "regression/cases/cases.h"
#include "regression/measure/figures.h"

namespace assay::measure {
namespace {

using ::testing::ElementsAre;

Case matmul() {
  return {CaseKind::op,
          "matmul",
          "8x8x8",
          "packed",
          "openblas",
          2,
          {Scope::kernel, Scope::with_transfer}};
}

TEST(CaseTest, IdsAreThoseOfComparisons) {
  EXPECT_EQ(gate_id(matmul(), Scope::kernel),
            "matmul.f32.8x8x8.packed.vs.openblas.cus2.kernel");
  Case figure;
  figure.kind = CaseKind::figure;
  figure.op = kRuntimeOp;
  figure.shape = "submit";
  EXPECT_EQ(gate_id(figure, Scope::call), "runtime.submit.cus1.call");
  figure.serial = true;
  EXPECT_EQ(gate_id(figure, Scope::call), "runtime.submit.inline.call");
  EXPECT_EQ(device_uri(figure), "inline://");
}

TEST(CaseTest, ControlsHaveIdsOfTheirOwn) {
  Case control = matmul();
  control.kind = CaseKind::control;
  EXPECT_EQ(gate_id(control, Scope::kernel),
            "control.matmul.f32.8x8x8.packed.cus2.kernel");
  control.kind = CaseKind::control_after_library;
  EXPECT_EQ(gate_id(control, Scope::kernel),
            "control.matmul.f32.8x8x8.packed.after.openblas.cus2.kernel");
}

TEST(CaseTest, GateIdsAreSortedAndLeaveControlsOut) {
  Case control = matmul();
  control.kind = CaseKind::control;
  const std::vector<Case> cases = {matmul(), control};
  EXPECT_THAT(gate_ids(cases),
              ElementsAre("matmul.f32.8x8x8.packed.vs.openblas.cus2.kernel",
                          "matmul.f32.8x8x8.packed.vs.openblas.cus2.with_transfer"));
}

TEST(CaseTest, DeviceIsTheVirtualGpuWithTheUnitsOfTheCase) {
  EXPECT_EQ(device_uri(matmul()), "vgpu://?cus=2");
}

TEST(SuitesTest, CoreComesFirstWithThirtyGatesOrMore) {
  const Suite& core = cases::all_suites().front();
  EXPECT_EQ(core.name, "core");
  EXPECT_GE(gate_ids(core.cases).size(), 30U);
}

TEST(SuitesTest, NoGateIsListedTwice) {
  for (const Suite& suite : cases::all_suites()) {
    const std::vector<std::string> ids = gate_ids(suite.cases);
    EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end()) << suite.name;
  }
}

TEST(SuitesTest, EachHasControlsForEveryNumberOfUnitsItMeasures) {
  for (const Suite& suite : cases::all_suites()) {
    for (const Case& measured : suite.cases) {
      for (const CaseKind kind : {CaseKind::control, CaseKind::control_after_library}) {
        EXPECT_TRUE(std::ranges::any_of(
            suite.cases,
            [&](const Case& c) {
              return c.kind == kind && c.compute_units == measured.compute_units;
            }))
            << suite.name << ": " << measured.op << " on " << measured.compute_units;
      }
    }
  }
}

TEST(SuitesTest, EveryOpGateIsOfTwoRowsOfTheOpsTable) {
  const auto ops = all_ops();
  for (const Suite& suite : cases::all_suites()) {
    for (const Case& c : suite.cases) {
      if (c.kind != CaseKind::op) continue;
      const auto op = std::ranges::find(ops, c.op, &Op::name);
      ASSERT_NE(op, ops.end()) << c.op;
      const auto has = [&](auto matches) {
        return std::ranges::any_of((*op)->implementations(), matches);
      };
      EXPECT_TRUE(has([&](const Implementation& row) {
        return row.name == c.implementation && row.provider == Provider::custom;
      })) << c.op
          << " " << c.implementation;
      // A library, or a simpler step of the same ladder.
      EXPECT_TRUE(has([&](const Implementation& row) {
        return row.name == c.library && row.name != c.implementation;
      })) << c.op
          << " " << c.library;
    }
  }
}

TEST(SuitesTest, EveryOpHasAGate) {
  for (const Op* const op : all_ops()) {
    if (op->name() == "gaussian") continue;  // why: cases/ops.cc
    EXPECT_TRUE(std::ranges::any_of(cases::all_suites(), [&](const Suite& suite) {
      return std::ranges::any_of(suite.cases,
                                 [&](const Case& c) { return c.op == op->name(); });
    })) << op->name();
  }
}

TEST(SuitesTest, EveryRuntimeGateIsOfAFigureThereIs) {
  for (const Case& c : cases::runtime_cases())
    EXPECT_NE(find_figure(c.shape), nullptr) << c.shape;
}

}  // namespace
}  // namespace assay::measure
