// SPDX-License-Identifier: MIT
#include "regression/report/bars.h"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <fstream>
#include <limits>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "kernels/ops.h"
#include "tests/regression/judge/made_up.h"

namespace assay::report {
namespace {

using Of = Bar::Of;
using Shapes = std::string_view[];

constexpr Shapes kOne = {"8x8x8"};
constexpr Shapes kTwo = {"8x8x8", "16x16x16"};

// Judged as a results file would be.
class Measured {
 public:
  measure::Comparison& add(double custom_ns, double library_ns,
                           const std::string& library = "openblas",
                           const std::string& shape = "8x8x8") {
    measure::Comparison c = judge::steady(custom_ns, library_ns, 3);
    // One process is 1 % off, so that the intervals have a width.
    for (measure::Block& block : c.processes[0].blocks) {
      for (double& ns : block.custom_ns) ns *= 1.01;
    }
    c.shape = shape;
    c.library.implementation = library;
    return comparisons_.emplace_back(c);
  }

  // On one unit, of which nearly all of them are.
  std::vector<Score> scores(const Bar& bar, std::uint32_t units = 1) {
    rows_.clear();
    for (const measure::Comparison& c : comparisons_) {
      rows_.push_back({&c, judge::judge(c)});
    }
    std::vector<Score> scores = score(std::span(&bar, 1), rows_);
    std::erase_if(scores, [&](const Score& s) { return s.units != units; });
    return scores;
  }
  // Of the last scores().
  std::span<const Row> rows() const { return rows_; }

 private:
  std::deque<measure::Comparison> comparisons_;
  std::vector<Row> rows_;
};

Standing standing_of(Measured& measured, const Bar& bar) {
  const std::vector<Score> scores = measured.scores(bar);
  EXPECT_EQ(scores.size(), 1U);
  return scores.front().standing;
}

TEST(ScoreTest, TheWholeIntervalDecides) {
  Measured measured;
  measured.add(1e6, 1.2e6);
  const auto against = [](double at_least) {
    return Bar{"p", "matmul", kOne, Of::library, at_least};
  };
  EXPECT_EQ(standing_of(measured, against(1.15)), Standing::met);
  EXPECT_EQ(standing_of(measured, against(1.196)), Standing::cannot_tell);
  EXPECT_EQ(standing_of(measured, against(1.25)), Standing::missed);
}

// And not what lies in it; its ends are in it.
TEST(ScoreTest, WhatTheIntervalHoldsIsNotTold) {
  Measured measured;
  measured.add(1e6, 1.2e6);
  Bar bar = {"p", "matmul", kOne};
  const Score score = measured.scores(bar)[0];
  const auto& [low, high] = score.interval;
  ASSERT_LT(low, score.value);
  ASSERT_LT(score.value, high);
  for (const double inside :
       {0.5 * (low + score.value), 0.5 * (score.value + high), high}) {
    bar.at_least = inside;
    EXPECT_EQ(standing_of(measured, bar), Standing::cannot_tell) << inside;
  }
  bar.at_least = low;
  EXPECT_EQ(standing_of(measured, bar), Standing::met);
}

TEST(ScoreTest, TheBestLibraryOfThoseThatCountIsQuoted) {
  Measured measured;
  measured.add(1e6, 1.2e6, "openblas");
  measured.add(1e6, 1.5e6, "openblas-serial");
  measured.add(1e6, 0.9e6, "onednn");
  const Bar all = {"p", "matmul", kOne, Of::library, 1};
  const Bar blas = {"p", "matmul", kOne, Of::library, 1, "openblas"};
  EXPECT_EQ(measured.scores(all)[0].row->comparison->library.implementation, "onednn");
  EXPECT_EQ(standing_of(measured, all), Standing::missed);
  EXPECT_NEAR(measured.scores(blas)[0].value, 1.2, 0.02);
  EXPECT_EQ(standing_of(measured, blas), Standing::met);
}

TEST(ScoreTest, ALibraryThatWasRefusedMayBeTheBest) {
  Measured measured;
  measured.add(1e6, 1.2e6, "openblas");
  measured.add(1e6, 1.2e6, "onednn").audit.impaired = true;
  const Bar bar = {"p", "matmul", kOne, Of::library, 1};
  EXPECT_EQ(standing_of(measured, bar), Standing::cannot_tell);
  EXPECT_NE(measured.scores(bar)[0].why.find("onednn"), std::string::npos);
}

TEST(ScoreTest, LibrariesAreToldByHowTheirNamesBegin) {
  Measured measured;
  measured.add(1e6, 0.9e6, "not-openblas");
  EXPECT_EQ(standing_of(measured, {"p", "matmul", kOne, Of::library, 1, "openblas"}),
            Standing::not_measured);
}

// The second arm is ours again: there is a rate, and no library.
TEST(ScoreTest, WithoutALibraryThereIsARateAlone) {
  Measured measured;
  measured.add(1e6, 1e6).library = {measure::kNoPeer, measure::kNoPeer, ""};
  EXPECT_EQ(standing_of(measured, {"p", "matmul", kOne}), Standing::not_measured);
  EXPECT_NEAR(measured.scores({"p", "matmul", kOne, Of::peak, 1})[0].value, 0.5, 0.01);
}

// A quarter of the blocks may go.
TEST(ScoreTest, SomeBlocksMayBeDropped) {
  for (const std::size_t dropped : {6U, 7U}) {
    Measured measured;
    measure::Comparison& c = measured.add(1e6, 1.2e6);
    judge::for_each_block(c, [&](std::size_t p, std::size_t b, measure::Block& block) {
      if (8 * p + b < dropped) block.spoilers.steal_ms = 1e3;
    });
    EXPECT_EQ(standing_of(measured, {"p", "matmul", kOne, Of::library, 1.1}),
              dropped == 6 ? Standing::met : Standing::cannot_tell);
    EXPECT_EQ(standing_of(measured, {"p", "matmul", kOne, Of::peak, 0.4}),
              dropped == 6 ? Standing::met : Standing::cannot_tell);
  }
}

TEST(ScoreTest, WhatIsLeftOfADisturbedRunSaysNothing) {
  Measured measured;
  measure::Comparison& c = measured.add(1e6, 1.2e6);
  judge::for_each_block(c, [](std::size_t p, std::size_t, measure::Block& block) {
    if (p == 0) block.spoilers.steal_ms = 1e3;
  });
  EXPECT_EQ(standing_of(measured, {"p", "matmul", kOne, Of::library, 1.1}),
            Standing::cannot_tell);
  EXPECT_EQ(standing_of(measured, {"p", "matmul", kOne, Of::peak, 0.4}),
            Standing::cannot_tell);
}

// A share of its own process's peak: a clock at half the speed halves both.
TEST(ScoreTest, SharesAreOfTheProcessesOwnPeaks) {
  Measured measured;
  measure::Comparison& c = measured.add(1e6, 1.2e6);
  judge::for_each_block(c, [](std::size_t p, std::size_t, measure::Block& block) {
    if (p == 1) block.custom_ns = {2e6, 2e6};
  });
  c.processes[1].peak_gflops /= 2;
  c.processes[1].peak_gbs /= 2;
  const Score peak = measured.scores({"p", "matmul", kOne, Of::peak, 0.48})[0];
  EXPECT_NEAR(peak.value, 0.5, 0.005);
  EXPECT_EQ(peak.standing, Standing::met);
  EXPECT_NEAR(measured.scores({"p", "matmul", kOne, Of::triad, 1})[0].value, 0.05,
              0.0005);
}

// Also where an earlier process has no block left.
TEST(ScoreTest, SharesAreOfTheProcessesThatCount) {
  Measured measured;
  measure::Comparison& c = measured.add(1e6, 1.2e6);
  c.processes.resize(5, c.processes[1]);
  for (measure::Block& block : c.processes[0].blocks) block.spoilers.steal_ms = 1e3;
  c.processes[0].peak_gflops *= 4;
  EXPECT_NEAR(measured.scores({"p", "matmul", kOne, Of::peak, 1})[0].value, 0.5, 1e-6);
}

TEST(ScoreTest, BothTimesOfABlockAndAllRunsCount) {
  Measured measured;
  measure::Comparison& c = measured.add(1e6, 2e6);
  judge::for_each_block(c, [](std::size_t, std::size_t, measure::Block& block) {
    block.custom_ns = {1e6, 4e6};
  });
  const Bar bar = {"p", "matmul", kOne, Of::peak, 0.1};
  EXPECT_NEAR(measured.scores(bar)[0].value, 0.25, 1e-6);
  // Beside another library it was four times as fast: half of all processes.
  measure::Comparison& other = measured.add(1e6, 2e6, "onednn");
  judge::for_each_block(other, [](std::size_t, std::size_t, measure::Block& block) {
    block.custom_ns = {0.5e6, 0.5e6};
  });
  EXPECT_NEAR(measured.scores(bar)[0].value, 0.5, 1e-6);
}

TEST(ScoreTest, NarrowProductsAreHeldAgainstF32OnAsManyUnits) {
  Measured measured;
  measure::Comparison& narrow = measured.add(0.5e6, 1e6);
  narrow.op = "matmul_bf16";
  narrow.compute_units = 2;
  const Bar bar = {"p", "matmul_bf16", kOne, Of::f32, 1.7};
  measured.add(4e6, 1e6);
  EXPECT_EQ(measured.scores(bar, 2)[0].standing, Standing::not_measured);
  measure::Comparison& wide = measured.add(1e6, 1e6);
  wide.compute_units = 2;
  EXPECT_NEAR(measured.scores(bar, 2)[0].value, 2, 1e-6);
  wide.audit.impaired = true;
  EXPECT_EQ(measured.scores(bar, 2)[0].standing, Standing::cannot_tell);
  EXPECT_EQ(measured.scores(bar, 2)[0].why.rfind("f32: ", 0), 0U);
}

TEST(ScoreTest, NarrowProductsAreHeldAgainstOurOwnInF32) {
  Measured measured;
  measured.add(0.5e6, 1e6).op = "matmul_bf16";
  const Bar bar = {"p", "matmul_bf16", kOne, Of::f32, 1.7};
  EXPECT_EQ(standing_of(measured, bar), Standing::not_measured);
  measured.add(1e6, 1e6);
  const Score score = measured.scores(bar)[0];
  EXPECT_NEAR(score.value, 2, 1e-6);
  EXPECT_EQ(score.standing, Standing::met);
  // Both vary: wider than either, by the root of 2.
  const double half = 0.5 * std::log(score.interval.high / score.interval.low);
  const judge::Interval f32 =
      measured.scores({"p", "matmul", kOne, Of::peak, 1})[0].interval;
  EXPECT_NEAR(half, std::sqrt(2) * 0.5 * std::log(f32.high / f32.low), 1e-9);
}

TEST(ScoreTest, AMeanWantsAllItsShapes) {
  Measured measured;
  measured.add(1e6, 1e6);
  const Bar bar = {"p", "matmul", kTwo, Of::library, 1.5, {}, 0, true};
  EXPECT_EQ(standing_of(measured, bar), Standing::not_measured);
  measured.add(1e6, 4e6, "openblas", "16x16x16");
  const Score mean = measured.scores(bar)[0];
  EXPECT_NEAR(mean.value, 2, 0.02);
  EXPECT_EQ(mean.standing, Standing::met);
  const Bar one = {"p", "matmul", kOne, Of::library, 1};
  const judge::Interval of_one = measured.scores(one)[0].interval;
  EXPECT_NEAR(std::log(mean.interval.high / mean.interval.low),
              std::log(of_one.high / of_one.low) / std::sqrt(2), 1e-9);
}

TEST(ScoreTest, AMeanNamesTheShapeThatSaysNothing) {
  Measured measured;
  measured.add(1e6, 1e6);
  measured.add(1e6, 4e6, "openblas", "16x16x16").audit.impaired = true;
  const Score mean =
      measured.scores({"p", "matmul", kTwo, Of::library, 1.5, {}, 0, true})[0];
  EXPECT_EQ(mean.standing, Standing::cannot_tell);
  EXPECT_EQ(mean.why.rfind("16x16x16: openblas: ", 0), 0U) << mean.why;
}

TEST(ScoreTest, ABarIsForOneUnitAndForTwo) {
  const Bar bars[] = {{"p", "matmul", kTwo},
                      {"p", "matmul", kOne, Of::library, 1, {}, 2}};
  std::vector<std::uint32_t> units;
  for (const Score& s : score(bars, {})) units.push_back(s.units);
  EXPECT_EQ(units, (std::vector<std::uint32_t>{1, 1, 2, 2, 2}));
}

TEST(ScoreTest, UnitsAndScopesAreNotMixed) {
  Measured measured;
  measured.add(1e6, 1.2e6).compute_units = 2;
  measure::Comparison& cold = measured.add(1e6, 1.2e6);
  cold.custom_scope = cold.library_scope = measure::Scope::submit_to_complete;
  EXPECT_EQ(standing_of(measured, {"p", "matmul", kOne}), Standing::not_measured);
  // A bar for two units has no row for one.
  EXPECT_TRUE(measured.scores({"p", "matmul", kOne, Of::library, 1, {}, 2}).empty());
}

TEST(RenderBarsTest, ShowsWhatWasMeasuredAndCountsTheRest) {
  Measured measured;
  measured.add(1e6, 1.2e6);
  const Bar bar = {"p", "matmul", kTwo, Of::library, 1.1};
  const std::string text = render_bars(measured.scores(bar));
  EXPECT_NE(text.find("| matmul 8x8x8 | 1 | openblas | 1.1"), std::string::npos)
      << text;
  EXPECT_NE(text.find("x the best library | met |"), std::string::npos) << text;
  EXPECT_EQ(text.find("16x16x16"), std::string::npos) << text;
  EXPECT_NE(text.find("2 rows: 1 met, 0 cannot tell, 0 missed, 1 not measured"),
            std::string::npos)
      << text;
}

TEST(RenderBarsTest, SaysBetweenWhatOrWhyNot) {
  Measured measured;
  measured.add(1e6, 1.2e6);
  measured.add(1e6, 1.2e6, "openblas", "16x16x16").audit.impaired = true;
  const Bar bar = {"p", "matmul", kTwo, Of::library, 1.1, "openblas"};
  std::vector<Score> scores = measured.scores(bar);
  scores[0].value = 1.2;
  scores[0].interval = {1.1, 1.3};
  EXPECT_NE(render_bars(scores).find("| 1.200 \\[1.100, 1.300\\] |"), std::string::npos)
      << render_bars(scores);
  EXPECT_NE(render_bars(scores).find("| at least 1.10 x openblas | met |"),
            std::string::npos)
      << render_bars(scores);
  EXPECT_NE(render_bars(scores).find("| openblas: LIB IMPAIRED |"), std::string::npos)
      << render_bars(scores);
  // Too few blocks for an interval.
  scores[0].interval = {0, std::numeric_limits<double>::infinity()};
  EXPECT_NE(render_bars(scores).find("| 1.200 |"), std::string::npos)
      << render_bars(scores);
}

void lose_blocks(measure::Comparison& c) {
  judge::for_each_block(c, [](std::size_t, std::size_t, measure::Block& block) {
    block.spoilers.steal_ms = 1e3;
  });
}

// In either order; and of two that lost none the first, whatever the second says.
TEST(ScoreTest, WhatLostItsBlocksGivesWayToARunThatDidNot) {
  const Bar bar = {"p", "matmul", kOne, Of::library, 1.1};
  for (const bool lost_comes_first : {false, true}) {
    Measured measured;
    measure::Comparison& first = measured.add(1e6, lost_comes_first ? 1e6 : 1.2e6);
    measure::Comparison& second = measured.add(1e6, lost_comes_first ? 1.2e6 : 1e6);
    lose_blocks(lost_comes_first ? first : second);
    EXPECT_EQ(standing_of(measured, bar), Standing::met);
  }
  Measured measured;
  measured.add(1e6, 1e6);
  measured.add(1e6, 1.2e6);
  EXPECT_EQ(standing_of(measured, bar), Standing::missed);
}

// Another library's run does not make up for it.
TEST(ScoreTest, EachLibraryHasToKeepItsBlocks) {
  Measured measured;
  lose_blocks(measured.add(1e6, 1.2e6, "openblas"));
  measured.add(1e6, 1.2e6, "onednn");
  EXPECT_EQ(standing_of(measured, {"p", "matmul", kOne, Of::library, 1.1}),
            Standing::cannot_tell);
}

TEST(LostRunsTest, NamesWhatIsToBeMeasuredAgain) {
  const Bar bars[] = {{"a", "matmul", kTwo}, {"a", "matmul", kTwo, Of::peak}};
  Measured measured;
  measured.add(1e6, 1.2e6, "openblas", "8x8x8");
  lose_blocks(measured.add(1e6, 1.2e6, "openblas", "16x16x16"));
  measured.scores(bars[0]);
  EXPECT_EQ(lost_runs(bars, measured.rows()), "a matmul 1 16x16x16\n");
  measured.add(1e6, 1.2e6, "openblas", "16x16x16");
  measured.scores(bars[0]);
  EXPECT_EQ(lost_runs(bars, measured.rows()), "");
}

// It would be refused again.
TEST(LostRunsTest, LeavesWhatWasRefused) {
  const Bar bars[] = {{"a", "matmul", kOne}};
  Measured measured;
  measure::Comparison& c = measured.add(1e6, 1.2e6);
  c.processes.clear();
  c.failure = "the worker ended with exit status 70";
  measured.scores(bars[0]);
  EXPECT_EQ(lost_runs(bars, measured.rows()), "");
}

TEST(RunsOfTest, EachShapeIsMeasuredOnce) {
  const Bar bars[] = {{"a", "matmul", kOne},
                      {"a", "matmul", kTwo},
                      {"a", "axpy", kOne},
                      {"b", "axpy", kOne}};
  EXPECT_EQ(runs_of(bars), "a matmul 8x8x8,16x16x16\na axpy 8x8x8\nb axpy 8x8x8\n");
}

// A bar nobody can measure would be counted as not measured for ever.
TEST(KernelBarsTest, CanBeMeasured) {
  std::set<std::string> products;
  for (const Bar& bar : kernel_bars()) {
    const Op* const op = find_op(bar.op);
    ASSERT_NE(op, nullptr) << bar.op;
    for (const std::string_view shape : bar.shapes) {
      // Spelt as comparisons have it.
      EXPECT_EQ(op->make_problem(std::string(shape), DType::f32)->shape(), shape);
      if (bar.op == "matmul") products.insert(std::string(shape));
    }
  }
  for (const Bar& bar : kernel_bars()) {
    if (bar.of != Of::f32) continue;
    for (const std::string_view shape : bar.shapes) {
      EXPECT_TRUE(products.contains(std::string(shape))) << shape;
    }
  }
}

// Case, units and bar of a row of the table.
std::string row_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream text(line);
  for (std::string cell; std::getline(text, cell, '|');) cells.push_back(cell);
  return cells.size() < 8 ? "" : cells[1] + "|" + cells[2] + "|" + cells[7];
}

// A bar that is lowered, or a shape that is taken out, is seen on the page as well.
TEST(KernelBarsTest, AreThoseOfThePage) {
  std::vector<Score> scores = score(kernel_bars(), {});
  for (Score& s : scores) s.standing = Standing::met;  // shown
  std::set<std::string> bars;
  std::istringstream shown(render_bars(scores));
  for (std::string line; std::getline(shown, line);) bars.insert(row_of(line));

  std::ifstream page(ASSAY_SOURCE_DIR "/docs/results/kernels.md");
  bool inside = false;
  std::size_t rows = 0;
  std::string count;
  for (std::string line; std::getline(page, line);) {
    if (line.find("table of ci/bars: begin") != line.npos) inside = true;
    if (line.find("table of ci/bars: end") != line.npos) inside = false;
    if (!inside) continue;
    if (line.starts_with("| ") && !line.starts_with("| ---")) {
      ++rows;
      EXPECT_TRUE(bars.contains(row_of(line))) << line;
    }
    if (line.find(" rows: ") != line.npos) count = line;
  }
  EXPECT_GT(rows, scores.size() / 2);
  EXPECT_TRUE(count.starts_with(std::to_string(scores.size()) + " rows: "))
      << scores.size() << ", and on the page: " << count;
}

}  // namespace
}  // namespace assay::report
