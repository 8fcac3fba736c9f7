// SPDX-License-Identifier: MIT
#include "regression/report/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "regression/report/layout.h"
#include "regression/report/text.h"
#include "tests/regression/report/made_up_run.h"

namespace assay::report {
namespace {

using judge::Speed;
using judge::Verdict;
using measure::Scope;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

MadeUpRun sample_run() {
  MadeUpRun run;
  run.add("512x512x512", "openblas");
  run.add("512x512x512", "openblas-serial", Scope::kernel, 1.6);
  run.add("512x512x512", "openblas", Scope::with_transfer, 1.02);
  Row& noisy = run.add("1024x1024x1024", "openblas", Scope::kernel, 1.01);
  noisy.judged.verdict = Verdict::inconclusive;
  noisy.judged.speed = Speed::cannot_tell;
  noisy.judged.interval = {0.95, 1.07};
  noisy.judged.reason = "the interval holds 1";
  noisy.judged.blocks_used = 38;
  noisy.judged.blocks_dropped = 2;
  noisy.judged.dropped_because = "2 for steal above 1 % of their time";
  MadeUpRun::refuse(
      run.add("64x64x64", "openblas"), Verdict::wrong_result,
      "process 0: custom (packed): coverage: 3 of 4096 checked elements never written");
  return run;
}

TEST(RenderTableTest, LooksLikeThis) {
  const MadeUpRun run = sample_run();
  EXPECT_EQ(render_table(run.machine, run.rows,
                         {.reproduce = "assay compare --sizes 64,512,1024"}),
            R"--(matmul f32 on vgpu://?cus=2, 2 compute units, data uniform
    scope                        custom   library  vs                ratio [95 %]   GFLOP/s  % of roof  err/bound  blocks  verdict
  64x64x64 packed
    kernel                            -         -  openblas                     -         -          -          -      40  WRONG RESULT
  512x512x512 packed
    kernel                     1.000 ms  1.250 ms  openblas  1.250 [1.240, 1.260]  100/80.0  50/40 FMA  0.03/<.01      40  faster
    with_transfer (simulated)  1.000 ms  1.020 ms  openblas  1.020 [1.010, 1.030]  100/98.0  50/49 FMA  0.03/<.01      40  faster
  1024x1024x1024 packed
    kernel                     1.000 ms  1.010 ms  openblas  1.010 [0.950, 1.070]  100/99.0  50/50 FMA  0.03/<.01   38/40  cannot tell

problems
  matmul.f32.64x64x64.packed.vs.openblas.cus2.kernel: WRONG RESULT: process 0: custom (packed): coverage: 3 of 4096 checked elements never written
  matmul.f32.1024x1024x1024.packed.vs.openblas.cus2.kernel: cannot tell: the interval holds 1
  matmul.f32.1024x1024x1024.packed.vs.openblas.cus2.kernel: 2 blocks dropped: 2 for steal above 1 % of their time

library   openblas: /lib/openblas.so.0, version 0.3.21, core Cooperlake, isa avx512 (machine: avx512), 2 threads (pthreads), 90 % of the peak of one core
library   openblas-serial: /lib/openblas-serial.so.0, version 0.3.21, core Cooperlake, isa avx512 (machine: avx512), 2 threads (pthreads), 90 % of the peak of one core
machine   Made Up 9000, 2 cpus, avx512, L3 32768 KiB, kvm, Linux 6.1
peak      vgpu://?cus=2: 200 GFLOP/s (FMA), 25.0 GB/s (triad), measured beside the samples
ratio     library time / custom time: above 1, custom is faster; figures in pairs are custom/library
scope     kernel: device time of one submission, from its start to its end; data resident
scope     with_transfer: host time with inputs copied in and the output copied out (simulated: the device's memory is the host's)
reproduce assay compare --sizes 64,512,1024 --only matmul.f32.64x64x64.packed.vs.openblas.cus2.kernel  (a row's id is op.type.shape.custom.vs.library.units.scope)
)--");
}

TEST(RenderMarkdownTest, LooksLikeThis) {
  MadeUpRun run = sample_run();
  run.rows.erase(run.rows.begin(), run.rows.begin() + 3);
  EXPECT_EQ(render_markdown(run.machine, run.rows, {.reproduce = "assay compare"}),
            R"--(**Problems**

- matmul.f32.64x64x64.packed.vs.openblas.cus2.kernel: WRONG RESULT: process 0: custom (packed): coverage: 3 of 4096 checked elements never written
- matmul.f32.1024x1024x1024.packed.vs.openblas.cus2.kernel: cannot tell: the interval holds 1
- matmul.f32.1024x1024x1024.packed.vs.openblas.cus2.kernel: 2 blocks dropped: 2 for steal above 1 % of their time

**matmul f32 on vgpu://?cus=2, 2 compute units, data uniform**

| case | scope | custom | library | vs | ratio \[95 %\] | GFLOP/s | % of roof | err/bound | blocks | verdict |
| --- | --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | --- |
| 64x64x64 packed | kernel | - | - | openblas | - | - | - | - | 40 | WRONG RESULT |
| 1024x1024x1024 packed | kernel | 1.000 ms | 1.010 ms | openblas | 1.010 \[0.950, 1.070\] | 100/99.0 | 50/50 FMA | 0.03/&lt;.01 | 38/40 | cannot tell |

- library: openblas: /lib/openblas.so.0, version 0.3.21, core Cooperlake, isa avx512 (machine: avx512), 2 threads (pthreads), 90 % of the peak of one core
- machine: Made Up 9000, 2 cpus, avx512, L3 32768 KiB, kvm, Linux 6.1
- peak: vgpu://?cus=2: 200 GFLOP/s (FMA), 25.0 GB/s (triad), measured beside the samples
- ratio: library time / custom time: above 1, custom is faster; figures in pairs are custom/library
- scope: kernel: device time of one submission, from its start to its end; data resident
- reproduce: assay compare --only matmul.f32.64x64x64.packed.vs.openblas.cus2.kernel (a row's id is op.type.shape.custom.vs.library.units.scope)
)--");
}

TEST(RenderTableTest, ARunThatWasStoppedSaysSo) {
  const std::string stopped =
      "INCOMPLETE: the run ended early; rows and blocks are missing\n";
  EXPECT_EQ(render_table({}, {}, {.reproduce = "", .incomplete = true}),
            "nothing was compared\n" + stopped);
  EXPECT_EQ(render_markdown({}, {}, {.reproduce = "", .incomplete = true}),
            stopped + "\nNothing was compared.\n");
  const MadeUpRun run = sample_run();
  const TableOptions options{.reproduce = "", .incomplete = true};
  EXPECT_THAT(render_table(run.machine, run.rows, options),
              HasSubstr("\n\n" + stopped + "\nproblems\n"));
  EXPECT_THAT(render_markdown(run.machine, run.rows, options), StartsWith(stopped));
  EXPECT_THAT(render_table(run.machine, run.rows), Not(HasSubstr("INCOMPLETE")));
}

TEST(RenderTableTest, NothingIsSaid) {
  EXPECT_EQ(render_table({}, {}), "nothing was compared\n");
  EXPECT_EQ(render_markdown({}, {}), "Nothing was compared.\n");
}

TEST(RenderTableTest, TableLinesStayWithin140Columns) {
  MadeUpRun run = sample_run();
  Row& row =
      run.add("40960x40960x40960:tn:beta=1:alpha=0.5",
              "/opt/somewhere/libveryfastblas.so", Scope::submit_to_complete, 1234.5);
  row.judged.blocks_dropped = 123;
  for (const char* device :
       {"vgpu://?cus=2", "vgpu://?cus=2&executor=a-very-long-name"}) {
    for (auto& comparison : run.comparisons) comparison.device = device;
    const std::string text = render_table(run.machine, run.rows);
    std::istringstream lines(text.substr(0, text.find("\nproblems\n")));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(display_width(line), kMaxColumns) << line;
    }
    EXPECT_THAT(text, HasSubstr("submit_to_complete"));
  }
}

// What was refused must not leave a figure behind that somebody could quote.
TEST(RenderTableTest, ARefusedRowShowsNoRatio) {
  for (const Verdict verdict : {Verdict::wrong_result, Verdict::implausible,
                                Verdict::invalid_run, Verdict::library_impaired}) {
    MadeUpRun run;
    Row& row = run.add("8x8x8", "openblas");
    row.judged.custom.gflops = 777;
    MadeUpRun::refuse(row, verdict, "because");
    const std::string text = render_table(run.machine, run.rows);
    EXPECT_THAT(text, Not(HasSubstr("0.000 [")));
    EXPECT_THAT(text, Not(HasSubstr("1.250 ["))) << text;
    const bool figures = verdict == Verdict::library_impaired;
    EXPECT_EQ(text.find("777") != text.npos, figures) << text;
    EXPECT_THAT(text, HasSubstr(": because\n"));
  }
}

TEST(RenderTableTest, ColourOnlyWhenAsked) {
  const MadeUpRun run = sample_run();
  EXPECT_THAT(render_table(run.machine, run.rows), Not(HasSubstr("\x1b")));
  EXPECT_THAT(render_table(run.machine, run.rows, {.color = true, .reproduce = ""}),
              HasSubstr("\x1b[1;31mWRONG RESULT\x1b[0m"));
  EXPECT_THAT(render_markdown(run.machine, run.rows, {.color = true, .reproduce = ""}),
              Not(HasSubstr("\x1b")));
}

TEST(RenderTableTest, AProblemOfALibraryThatIsNotQuotedIsTold) {
  MadeUpRun run;
  run.add("8x8x8", "openblas");
  MadeUpRun::refuse(run.add("8x8x8", "blis"), Verdict::library_impaired,
                    "core generic");
  EXPECT_THAT(
      render_table(run.machine, run.rows),
      HasSubstr("  matmul.f32.8x8x8.packed.vs.blis.cus2.kernel: LIB IMPAIRED: core "
                "generic\n"));
}

TEST(RenderTableTest, TheLineThatReproducesCanBeTyped) {
  MadeUpRun run;
  run.add("8x8x8", "my libs/x.so");
  EXPECT_THAT(render_table(run.machine, run.rows, {.reproduce = "assay compare"}),
              HasSubstr("assay compare --only "
                        "'matmul.f32.8x8x8.packed.vs.my libs/x.so.cus2.kernel' "));
}

TEST(RenderTableTest, AnOpWithoutArithmeticShowsBytes) {
  MadeUpRun run;
  run.add("8x8x8", "openblas");
  run.comparisons[0].flops = 0;
  run.rows[0].judged.custom.gbs = 20;
  run.rows[0].judged.library.gbs = 10;
  run.raise_roof();
  const std::string text = render_table(run.machine, run.rows);
  EXPECT_THAT(text, HasSubstr("20.0/10.0 GB/s          -"));
  EXPECT_THAT(text, HasSubstr("roof      data that a cache can hold"));
  EXPECT_THAT(text, Not(HasSubstr("roof      triad")));
}

// 67.2 MB on a machine with a cache of 33.5 MB: 2.688 ms at 25 GB/s, where 100 Mflop at
// 200 GFLOP/s take 0.5 ms.
TEST(RenderTableTest, WhatMemoryBoundsIsAShareOfTheTriad) {
  MadeUpRun run;
  run.add("8x8x8", "openblas");
  run.comparisons[0].compulsory_bytes = 67.2e6;
  judge::Judged& judged = run.rows[0].judged;
  judged.custom.median_ns = 3e6;
  judged.library.median_ns = 6e6;
  judged.custom.gbs = 22.4;
  judged.library.gbs = 11.2;
  run.raise_roof();
  const std::string text = render_table(run.machine, run.rows);
  EXPECT_THAT(text, HasSubstr("22.4/11.2 GB/s  90/45 triad"));
  EXPECT_THAT(text, HasSubstr("roof      triad: data beyond the cache"));
  EXPECT_THAT(text, Not(HasSubstr("data that a cache can hold")));
}

TEST(RenderTableTest, APeakIsCalledWhatItIs) {
  MadeUpRun run;
  run.add("8x8x8", "openblas");
  run.comparisons[0].multiplies = "bf16";
  run.raise_roof();
  EXPECT_THAT(render_table(run.machine, run.rows), HasSubstr("50/40 FMA"));
  run.machine.isa_flags = {"avx2", "avx512_bf16"};
  run.raise_roof();
  const std::string text = render_table(run.machine, run.rows);
  EXPECT_THAT(text, HasSubstr("50/40 bf16 dots"));
  EXPECT_THAT(text, HasSubstr("200 GFLOP/s (bf16 dots), 25.0 GB/s (triad)"));
  EXPECT_THAT(text, HasSubstr("matmul bf16 to f32 on "));
}

// A run in which every name is `name`, as it may come from a file or a command line.
MadeUpRun named(const std::string& name) {
  MadeUpRun run;
  Row& row = run.add("8x8x8", "openblas");
  measure::Comparison& comparison = run.comparisons[0];
  comparison.shape = comparison.custom.implementation = comparison.id = name;
  comparison.library.implementation = comparison.audit.name = name;
  comparison.audit.resolved_path = comparison.device = comparison.data = name;
  run.machine.cpu_model = run.machine.kernel = name;
  row.judged.reason = row.judged.dropped_because = name;
  row.judged.blocks_dropped = 1;
  return run;
}

TEST(RenderTest, HostileNamesStayText) {
  const std::string hostile = "x\n| <b>|\x1b[31m@you\r::error::%0A";
  const std::string harmless(hostile.size(), 'y');
  const MadeUpRun run = named(hostile);
  const MadeUpRun same = named(harmless);
  const auto lines = [](const std::string& s) { return std::ranges::count(s, '\n'); };

  const std::string text = render_table(run.machine, run.rows, {.reproduce = hostile});
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\r")));
  // A line that starts with "::" is a command to some readers of logs.
  EXPECT_THAT(text, Not(HasSubstr("\n::")));
  EXPECT_EQ(lines(text),
            lines(render_table(same.machine, same.rows, {.reproduce = harmless})));

  const std::string page =
      render_markdown(run.machine, run.rows, {.reproduce = hostile});
  EXPECT_THAT(page, Not(HasSubstr("<")));
  EXPECT_THAT(page, Not(HasSubstr("@")));
  EXPECT_THAT(page, HasSubstr("x \\| &lt;b&gt;\\|\\[31m&#64;you ::error::%0A"));
  EXPECT_EQ(lines(page),
            lines(render_markdown(same.machine, same.rows, {.reproduce = harmless})));
}

}  // namespace
}  // namespace assay::report
