// SPDX-License-Identifier: MIT
#include "regression/explore/rows.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <thread>

#include "backends/registry.h"

namespace assay::explore {
namespace {

constexpr std::uint64_t kSizes[] = {32, 64, 128, 256, 512, 1024};

std::string device_with(std::uint32_t units) {
  measure::Case any;
  any.compute_units = units;
  return measure::device_uri(any);
}

std::set<std::uint32_t> all_units(std::span<const measure::Suite> suites) {
  std::set<std::uint32_t> units = {1U,
                                   std::max(1U, std::thread::hardware_concurrency())};
  for (const measure::Suite& suite : suites) {
    for (const measure::Case& gate_case : suite.cases) {
      units.insert(gate_case.compute_units);
    }
  }
  return units;
}

std::vector<std::string> shapes_of(const Op& op,
                                   std::span<const measure::Suite> suites) {
  std::vector<std::string> shapes;
  const auto add = [&](const std::string& shape) {
    if (std::ranges::find(shapes, shape) == shapes.end()) shapes.push_back(shape);
  };
  for (const std::uint64_t size : kSizes) add(op.shape_of_size(size));
  for (const measure::Suite& suite : suites) {
    for (const measure::Case& gate_case : suite.cases) {
      const bool figure = gate_case.kind == measure::CaseKind::figure;
      if (!figure && gate_case.op == op.name()) add(gate_case.shape);
    }
  }
  return shapes;
}

// The oracle is not sized for more than a look at it: plain loops in double.
bool too_slow(const Implementation& row, const Problem& problem) {
  constexpr double kOracleFlops = 1e8;
  return row.provider == Provider::reference && problem.flops() > kOracleFlops;
}

void add_rows(const Op& op, const std::string& shape, const Device& device,
              std::vector<Row>& rows) {
  const std::unique_ptr<Problem> problem = op.make_problem(shape, DType::f32);
  const std::uint32_t units = device.caps().compute_units;
  for (const Implementation& implementation : op.implementations()) {
    if (implementation.unsupported(*problem, device.caps())) continue;
    if (too_slow(implementation, *problem)) continue;
    Row row;
    row.name = std::string(op.name()) + "/" + std::string(implementation.name) + "/" +
               shape + "/cus:" + std::to_string(units);
    row.device = device.caps().uri;
    row.op = &op;
    row.shape = shape;
    row.implementation = &implementation;
    if (implementation.provider == Provider::library) {
      row.library = vendor::resolve_library(implementation.library);
      if (!row.library.absent_because.empty()) continue;
      const bool whole = row.library.calling == vendor::Calling::whole;
      row.library_threads = whole ? static_cast<int>(units) : 1;
    }
    rows.push_back(row);
  }
}

}  // namespace

std::vector<Row> all_rows(std::span<const Op* const> ops,
                          std::span<const measure::Suite> suites) {
  std::vector<Row> rows;
  const std::set<std::uint32_t> units = all_units(suites);
  for (const Op* op : ops) {
    for (const std::string& shape : shapes_of(*op, suites)) {
      for (const std::uint32_t count : units) {
        add_rows(*op, shape, *open_device(device_with(count)), rows);
      }
    }
  }
  for (const measure::Figure& figure : measure::figures()) {
    for (const std::uint32_t count : units) {
      Row row;
      row.name = std::string(measure::kRuntimeOp) + "/" + std::string(figure.name) +
                 "/cus:" + std::to_string(count);
      row.device = device_with(count);
      row.figure = &figure;
      rows.push_back(row);
    }
  }
  return rows;
}

}  // namespace assay::explore
