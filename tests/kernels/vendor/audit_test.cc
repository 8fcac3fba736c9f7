// SPDX-License-Identifier: MIT
#include "kernels/vendor/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "kernels/common/isa.h"
#include "tests/kernels/vendor/installed.h"

namespace assay::vendor {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct JudgeCase {
  std::string name;
  std::string flavour;
  std::string core;
  std::string isa;
  std::string host_isa;
  std::string forced_by;
  double share = 0;
  bool impaired = false;
  std::string reason = {};  // whole text, or a part of it
};

void PrintTo(const JudgeCase& test, std::ostream* out) { *out << test.name; }

const JudgeCase kJudgeCases[] = {
    {"best_core", "OpenBLAS", "Cooperlake", "avx512", "avx512", "", 0.95, false},
    {"forced_below_the_host", "OpenBLAS", "Haswell", "avx2", "avx512",
     "OPENBLAS_CORETYPE", 0.49, true,
     "OpenBLAS runs its Haswell (avx2) kernels on an avx512 machine: unset "
     "OPENBLAS_CORETYPE"},
    // The level alone condemns: half the instruction set can still pass the floor on a
    // machine that clocks down for the wide one.
    {"below_the_host_but_fast", "OpenBLAS", "Haswell", "avx2", "avx512", "", 0.9, true,
     "set OPENBLAS_CORETYPE=SkylakeX"},
    {"below_the_host_without_a_peak", "OpenBLAS", "Nehalem", "sse4", "avx2", "", 0,
     true, "set OPENBLAS_CORETYPE=Haswell"},
    {"blis_that_knows_no_zen5", "BLIS", "generic", "scalar", "avx512", "", 0.15, true,
     "BLIS runs its generic (scalar) kernels on an avx512 machine: set "
     "BLIS_ARCH_TYPE=0"},
    // Unset, it would pick its generic kernels: told too little, not told wrongly.
    {"blis_told_less_than_the_host", "BLIS", "haswell", "avx2", "avx512",
     "BLIS_ARCH_TYPE", 0.40, true, "set BLIS_ARCH_TYPE=0"},
    {"above_the_host", "OpenBLAS", "SkylakeX", "avx512", "avx2", "", 0.9, false},
    {"slow_and_silent", "unknown", "", "", "avx512", "", 0.04, true,
     "below the floor of 55 %: compare with another library"},
    {"fast_and_silent", "unknown", "", "", "avx512", "", 0.67, false},
    {"silent_without_a_peak", "unknown", "", "", "avx512", "", 0, false},
    {"slow_with_the_right_core", "OpenBLAS", "SkylakeX", "avx512", "avx512",
     "OPENBLAS_CORETYPE", 0.3, true, "30 % of this machine's FMA peak"},
    {"at_the_floor", "unknown", "", "", "avx512", "", kFloorOfPeak, false},
    {"just_below_the_floor", "unknown", "", "", "avx512", "", kFloorOfPeak - 1e-6, true,
     "below the floor"},
    {"no_number", "unknown", "", "", "avx512", "",
     std::numeric_limits<double>::quiet_NaN(), true, "below the floor"},
    {"core_of_another_architecture", "OpenBLAS", "NEOVERSEN1", "", "scalar", "", 0.8,
     false},
};

class JudgeTest : public testing::TestWithParam<JudgeCase> {};

TEST_P(JudgeTest, FillsTheVerdictAndTheReason) {
  const JudgeCase& test = GetParam();
  Audit audit;
  audit.identity.requested = "./lib.so";
  audit.identity.flavour = test.flavour;
  audit.identity.core_name = test.core;
  audit.identity.isa = test.isa;
  audit.host_isa = test.host_isa;
  audit.forced_by = test.forced_by;
  audit.gflops_one_thread = test.share * 267;
  audit.share_of_peak = test.share;
  // What an earlier judgement left must not survive.
  audit.impaired = !test.impaired;
  audit.reason = "old";

  judge(audit);
  EXPECT_EQ(audit.impaired, test.impaired);
  if (test.impaired) {
    EXPECT_THAT(audit.reason, AllOf(HasSubstr(test.reason), Not(HasSubstr("\n"))));
  } else {
    EXPECT_THAT(audit.reason, IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(All, JudgeTest, testing::ValuesIn(kJudgeCases),
                         [](const auto& info) { return info.param.name; });

TEST(AuditJudgeTest, ALibraryWithoutANameIsCalledAsItWasAskedFor) {
  Audit audit;
  audit.identity.requested = "./lib.so";
  audit.identity.flavour = "unknown";
  audit.share_of_peak = 0.1;
  judge(audit);
  EXPECT_THAT(audit.reason, testing::StartsWith("./lib.so reaches"));
}

// Its speed is that of another thing.
TEST(AuditJudgeTest, WhatDoesNotComputeIsImpairedHoweverFast) {
  Audit audit;
  audit.identity.requested = "./lib.so";
  audit.share_of_peak = 0.9;
  audit.computed = false;
  judge(audit);
  EXPECT_TRUE(audit.impaired);
  EXPECT_THAT(audit.reason,
              testing::StartsWith("what ./lib.so returns of 512x512x512"));
}

TEST(AuditTest, ATextbookLibraryFallsThroughTheFloor) {
  const ScopedVariable freed("OPENBLAS_CORETYPE", nullptr);
  const auto good = load_known("openblas-serial");
  if (!good) GTEST_SKIP() << skip_reason("openblas-serial");
  const auto slow = Library::load(ASSAY_CANARIES "/honest_but_slow.so", "slow");
  // A library's rate stands for the peak, which it can only be below.
  const double stand_in = audit(*good, 0).gflops_one_thread;
  ASSERT_GT(stand_in, 0);

  const Audit result = audit(*slow, stand_in);
  EXPECT_TRUE(result.impaired) << result.share_of_peak;
  EXPECT_GT(result.gflops_one_thread, 0);
  EXPECT_THAT(result.reason, HasSubstr("floor"));
}

// Whatever the peak, and each of them would be above it: nothing, a sixteenth of the
// rows, and all but the last term of each sum.
TEST(AuditTest, WhatIsNotTheProductHasNoSpeed) {
  for (const char* const name :
       {"lying_returns_early", "lying_sixteenth_rows", "lying_drops_last_k"}) {
    const auto library =
        Library::load(std::string(ASSAY_CANARIES "/") + name + ".so", name);
    for (const double peak : {0.0, 1e-3}) {
      const Audit result = audit(*library, peak);
      EXPECT_FALSE(result.computed) << name;
      EXPECT_TRUE(result.impaired) << name;
      EXPECT_EQ(result.gflops_one_thread, 0) << name;
      EXPECT_EQ(result.share_of_peak, 0) << name;
      EXPECT_THAT(result.reason, HasSubstr("is not the product")) << name;
    }
  }
}

TEST(AuditTest, OneWrongRowOrColumnOrElementLeftIsSeen) {
  const auto library = Library::load(ASSAY_NEARLY_RIGHT, "nearly right");
  const auto be_wrong_at = library->function<void (*)(int, int, int)>("be_wrong_at");
  EXPECT_TRUE(audit(*library, 0).computed);
  for (const int at : {0, 1, 255, 300, 511}) {
    be_wrong_at(at, -1, -1);
    EXPECT_FALSE(audit(*library, 0).computed) << "row " << at;
    be_wrong_at(-1, at, -1);
    EXPECT_FALSE(audit(*library, 0).computed) << "column " << at;
    be_wrong_at(-1, -1, at);
    EXPECT_FALSE(audit(*library, 0).computed) << "element " << at;
  }
}

// Nothing is said of how many it will be asked to use, and what it was told stays.
TEST(AuditTest, OneThreadIsTimed) {
  const auto library = Library::load(ASSAY_FAKE_BLIS, "fake");
  library->set_threads(3);
  audit(*library, 0);
  EXPECT_EQ(library->function<int (*)()>("fake_blis_threads_of_call")(), 1);
  EXPECT_EQ(library->threads(), 3);
}

// Two operations a term, so at most 26.8 GFLOP/s where a call takes ten milliseconds.
TEST(AuditTest, TheRateIsThatOfTheCall) {
  const auto library =
      Library::load(ASSAY_CANARIES "/slow_at_first.so", "slow at first");
  const Audit result = audit(*library, 0);
  EXPECT_TRUE(result.computed);
  EXPECT_LE(result.gflops_one_thread, 2.0 * 512 * 512 * 512 / 10e6);
  EXPECT_GT(result.gflops_one_thread, 1);
}

// Ten milliseconds a call are 27 GFLOP/s.
TEST(AuditTest, ABusyCoreIsWaitedFor) {
  const auto library =
      Library::load(ASSAY_CANARIES "/slow_at_first.so", "slow at first");
  const Audit result = audit(*library, 100);
  EXPECT_FALSE(result.impaired) << result.reason;
  EXPECT_GE(result.share_of_peak, kFloorOfPeak);
}

TEST(AuditTest, LeavesTheThreadCountAsItWas) {
  const auto library = load_known("openblas");
  if (!library) GTEST_SKIP() << skip_reason("openblas");
  library->set_threads(2);
  const Audit result = audit(*library, 0);
  EXPECT_EQ(library->threads(), 2);
  EXPECT_EQ(result.identity.threads, 2);
  EXPECT_EQ(result.share_of_peak, 0);
  EXPECT_EQ(result.host_isa, to_string(host_isa()));
}

// The trap this whole file is about: a shell that exports OPENBLAS_CORETYPE.
TEST(AuditTest, AForcedCoreIsFoundAndNamed) {
  if (host_isa() <= Isa::sse4) GTEST_SKIP() << "no lower core type to force";
  const ScopedVariable forced("OPENBLAS_CORETYPE", "Nehalem");
  const auto library = load_known("openblas-serial");
  if (!library) GTEST_SKIP() << skip_reason("openblas-serial");
  const Audit result = audit(*library, 0);
  EXPECT_EQ(result.identity.core_name, "Nehalem");
  EXPECT_TRUE(result.impaired);
  EXPECT_THAT(result.reason,
              AllOf(HasSubstr("Nehalem (sse4)"), HasSubstr("unset OPENBLAS_CORETYPE")));
}

TEST(AuditTest, AFreeOpenBlasIsNotImpairedByItsIsa) {
  const ScopedVariable freed("OPENBLAS_CORETYPE", nullptr);
  const auto library = load_known("openblas-serial");
  if (!library) GTEST_SKIP() << skip_reason("openblas-serial");
  const Audit result = audit(*library, 0);
  EXPECT_FALSE(result.impaired) << result.reason;
  EXPECT_THAT(result.forced_by, IsEmpty());
}

}  // namespace
}  // namespace assay::vendor
