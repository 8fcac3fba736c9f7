// SPDX-License-Identifier: MIT
// The README.md of every op's folder has the ladder of its table: a step that was
// added, renamed, moved or told anew makes its page old, and this says so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "backends/registry.h"
#include "kernels/ops.h"
#include "regression/json/file.h"
#include "regression/report/ladder.h"

namespace assay::report {
namespace {

namespace fs = std::filesystem;

// The one page with the op's marks.
std::string page_of(const Op& op) {
  std::vector<std::string> pages;
  for (const auto& folder : fs::directory_iterator(ASSAY_SOURCE_DIR "/kernels")) {
    const std::string path = (folder.path() / "README.md").string();
    if (!fs::exists(path)) continue;
    std::string page = json::read_file(path);
    if (page.find(ladder_begin(op.name())) != page.npos) {
      pages.push_back(std::move(page));
    }
  }
  return pages.size() == 1 ? pages.front() : "";
}

std::string start_of(const Implementation& row) {
  return ladder_row_start(
      {.name = std::string(row.name), .idea = std::string(row.idea)});
}

// Rows of steps in `table`, as far as they are told: rows of libraries are slanted, and
// the head and its rule are no steps.
std::vector<std::string> steps_in(std::string_view table) {
  std::vector<std::string> steps;
  while (!table.empty()) {
    const std::string line(table.substr(0, table.find('\n')));
    table.remove_prefix(std::min(table.size(), line.size() + 1));
    const bool is_step = line.starts_with("| ") && !line.starts_with("| *") &&
                         !line.starts_with("| step") && !line.starts_with("| ---");
    if (!is_step) continue;
    const std::size_t name = line.find(" |", 1);
    steps.push_back(line.substr(0, line.find(" |", name + 1) + 2));
  }
  return steps;
}

TEST(LadderPagesTest, HaveEveryOpsStepsInOrder) {
  const std::shared_ptr<Device> device = open_device("inline://");
  for (const Op* const op : all_ops()) {
    SCOPED_TRACE(op->name());
    ASSERT_FALSE(op->ladder_shapes().empty());
    const std::string page = page_of(*op);
    ASSERT_FALSE(page.empty()) << "no page of its own has the marks of its ladder";
    std::string_view rest = ladder_part(page, op->name());
    std::vector<std::string> expected;
    for (const Implementation& row : op->implementations()) {
      if (row.provider != Provider::custom) continue;
      bool runs = false;
      for (const std::string_view shape : op->ladder_shapes()) {
        const auto problem = op->make_problem(shape, DType::f32);
        runs = runs || !row.unsupported(*problem, device->caps());
      }
      if (runs) expected.push_back(start_of(row));
    }
    ASSERT_GT(expected.size(), 1U);
    for (const std::string_view shape : op->ladder_shapes()) {
      const std::string heading =
          ladder_heading(op->make_problem(shape, DType::f32)->shape());
      const std::size_t at = rest.find(heading);
      ASSERT_NE(at, rest.npos) << "no table of " << shape << ", or not in this order";
      rest.remove_prefix(at + heading.size());
      const std::string_view table = rest.substr(0, rest.find("\n\n"));
      EXPECT_EQ(steps_in(table), expected)
          << "run: assay ladder --op " << op->name() << " --write";
    }
    EXPECT_EQ(rest.find("\n**"), rest.npos) << "a table of a shape that is none of its";
  }
}

}  // namespace
}  // namespace assay::report
