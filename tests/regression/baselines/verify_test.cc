// SPDX-License-Identifier: MIT
#include "regression/baselines/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "regression/baselines/store.h"
#include "regression/json/file.h"
#include "tests/regression/baselines/made_up_sessions.h"
#include "tests/regression/baselines/temporary_folder.h"

namespace assay::baselines {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class VerifyTest : public testing::Test {
 protected:
  void SetUp() override { path_ = apply_proposal(made_up_proposal(), folder_.path()); }

  std::vector<std::string> problems(const Registry& registry = {
                                        {"core", {kGate, kOtherGate}}}) const {
    return verify(folder_.path(), registry).problems;
  }
  void rewrite(const std::string& from, const std::string& to) const {
    std::string text = json::read_file(path_);
    ASSERT_NE(text.find(from), text.npos);
    text.replace(text.find(from), from.size(), to);
    std::ofstream(path_) << text;
  }

  const TemporaryFolder folder_{"verify"};
  std::string path_;
};

TEST_F(VerifyTest, WhatApplyWroteIsAsItShouldBe) {
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_EQ(verify(folder_.path(), {{"core", {kGate, kOtherGate}}}).files, 1U);
}

// An empty walk would pass everything: the caller sees that there was nothing.
TEST_F(VerifyTest, NothingThereIsNoFiles) {
  const Verified nothing = verify(folder_ / "nowhere", {});
  EXPECT_EQ(nothing.files, 0U);
  EXPECT_THAT(nothing.problems, IsEmpty());
}

TEST_F(VerifyTest, GatesAndEntriesMustBeTheSame) {
  EXPECT_THAT(problems({{"core", {kGate, kOtherGate, "new.gate"}}}),
              ElementsAre(path_ + ": has no entry for the gate new.gate"));
  EXPECT_THAT(problems({{"core", {kGate}}}),
              ElementsAre(HasSubstr("has an entry for runtime.submit.cus1.call, which "
                                    "is no gate")));
  EXPECT_THAT(problems({{"core", {kGate, kOtherGate, kGate}}}),
              ElementsAre(HasSubstr(std::string("has the gate ") + kGate + " twice")));
  EXPECT_THAT(problems({{"other", {}}}), ElementsAre(HasSubstr("no suite 'core'")));
}

TEST_F(VerifyTest, AGateThatIsLeftOutIsAccountedFor) {
  save_baseline(path_, made_up_left_out(), file_sha256(path_));
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_THAT(problems({{"core", {kGate}}}),
              ElementsAre(path_ + ": leaves out runtime.submit.cus1.call, which is no "
                                  "gate"));
  rewrite("\"minor\": 1", "\"minor\": 0");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("is not as this program writes it")));
}

TEST_F(VerifyTest, AnotherLayoutShows) {
  rewrite("\n", "\n\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("is not as this program writes it")));
}

TEST_F(VerifyTest, ADigitTooManyShows) {
  // An anchor moved by hand; nothing else follows from it.
  rewrite("\"log_ratio\": 0.2", "\"log_ratio\": 0.2000001");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("is not as this program writes it")));
}

TEST_F(VerifyTest, AHandMovedAnchorIsFine) {
  rewrite("\"log_ratio\": 0.2", "\"log_ratio\": 0.15");
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(VerifyTest, ADerivedFigureThatDisagreesShows) {
  rewrite("\"ratio\": 1.2214", "\"ratio\": 1.3");
  EXPECT_THAT(problems(), ElementsAre(testing::AllOf(testing::StartsWith(path_),
                                                     HasSubstr("does not follow"))));
}

TEST_F(VerifyTest, AFileInTheWrongPlaceShows) {
  fs::create_directory(folder_ / "other");
  fs::copy_file(path_, folder_ / "other/core.json");
  fs::copy_file(path_, folder_ / "core.json");
  EXPECT_THAT(problems(),
              ElementsAre(testing::StartsWith(folder_ / "core.json: belongs"),
                          testing::StartsWith(folder_ / "other/core.json: "
                                                        "belongs to " +
                                              path_)));
}

TEST_F(VerifyTest, EveryBadFileIsTold) {
  std::ofstream(folder_ / "a.json") << "{";
  std::ofstream(folder_ / "b.json") << "[]";
  EXPECT_THAT(problems(), ElementsAre(testing::StartsWith(folder_ / "a.json: "),
                                      testing::StartsWith(folder_ / "b.json: ")));
}

TEST_F(VerifyTest, OtherFilesAreNoBaselines) {
  std::ofstream(folder_ / "README.md") << "text";
  std::ofstream(folder_ / ".core.json.assay-tmp.1.json") << "half";
  EXPECT_THAT(problems(), IsEmpty());
}

}  // namespace
}  // namespace assay::baselines
