// SPDX-License-Identifier: MIT
// Files that somebody made to break the loaders: of baselines and of sessions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <ostream>
#include <string>

#include "backends/interface/status.h"
#include "regression/baselines/baseline.h"
#include "regression/baselines/proposal.h"
#include "tests/regression/baselines/made_up_sessions.h"
#include "tests/regression/baselines/temporary_folder.h"

namespace assay::baselines {
namespace {

using testing::HasSubstr;

struct Loader {
  const char* name;
  std::function<std::string()> text;             // of a good file
  std::function<void(const std::string&)> load;  // a file
  std::function<void(const std::string&)> read;  // a text
};

void PrintTo(const Loader& loader, std::ostream* out) { *out << loader.name; }

std::string session_text() {
  measure::Session session = made_up_session(0).session;
  session.results.comparisons.resize(1);
  session.results.comparisons[0].processes.resize(1);
  session.results.comparisons[0].processes[0].blocks.resize(1);
  return json::to_text(measure::to_json(session));
}

std::string proposal_text() { return json::to_text(to_json(made_up_proposal())); }

class HostileTest : public testing::TestWithParam<Loader> {
 protected:
  std::string write(const std::string& text) const {
    std::ofstream(folder_ / "file.json", std::ios::binary) << text;
    return folder_ / "file.json";
  }
  // The complaint about a file with this text; empty when it was taken.
  std::string complaint(const std::string& text) const {
    return complaint_at(write(text));
  }
  static std::string complaint_at(const std::string& path) {
    try {
      GetParam().load(path);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), StatusCode::bad_file) << error.what();
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
      EXPECT_THAT(std::string(error.what()), testing::StartsWith(path + ": "));
      return error.what();
    }
    return {};
  }
  static std::string replaced(std::string text, const std::string& from,
                              const std::string& to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }

  const TemporaryFolder folder_{"hostile"};
};

TEST_P(HostileTest, TheGoodFileIsTaken) { EXPECT_EQ(complaint(GetParam().text()), ""); }

TEST_P(HostileTest, EndlessNesting) {
  std::string deep(2'000'000, '[');
  EXPECT_THAT(complaint(deep), HasSubstr("nested deeper"));
  deep.clear();
  for (int i = 0; i < 400'000; ++i) deep += "{\"a\":";
  EXPECT_THAT(complaint(deep), HasSubstr("nested deeper"));
}

TEST_P(HostileTest, AKeyThatIsThereTwice) {
  EXPECT_THAT(
      complaint(replaced(GetParam().text(), "\"schema\"", "\"schema\": 1, \"schema\"")),
      HasSubstr("duplicate key \"schema\""));
}

TEST_P(HostileTest, AnotherSchema) {
  EXPECT_THAT(complaint(replaced(GetParam().text(), "\"name\": \"assay.",
                                 "\"name\": \"assai.")),
              testing::Not(""));
}

TEST_P(HostileTest, AnotherMajorVersion) {
  EXPECT_THAT(complaint(replaced(GetParam().text(), "\"major\": 1", "\"major\": 2")),
              testing::Not(""));
}

TEST_P(HostileTest, ANegativeCount) {
  const std::string text = GetParam().text();
  const bool session = text.find("\"iterations\"") != std::string::npos;
  EXPECT_THAT(
      complaint(replaced(text, session ? "\"iterations\": 10" : "\"processes\": 25",
                         session ? "\"iterations\": -1" : "\"processes\": -1")),
      testing::Not(""));
}

TEST_P(HostileTest, NumbersThatAreNone) {
  const std::string text = GetParam().text();
  const bool session = text.find("\"iterations\"") != std::string::npos;
  const std::string from = session ? "\"injected\": 0.0" : "\"process_sd\": 0.004";
  const std::string key = from.substr(0, from.find(':') + 2);
  for (const char* none : {"NaN", "nan", "1e999", "-Infinity", "0x10", "\"nan\""}) {
    EXPECT_THAT(complaint(replaced(text, from, key + none)), testing::Not("")) << none;
  }
}

TEST_P(HostileTest, BytesThatAreNoText) {
  EXPECT_NE(complaint(""), "");
  EXPECT_NE(complaint("\xff\xfe\xfd"), "");
  EXPECT_NE(complaint(std::string("{}\0{}", 5)), "");
  EXPECT_NE(complaint(GetParam().text() + "{}"), "");
}

// Every prefix is refused, and none is taken for a shorter file.
TEST_P(HostileTest, CutOffAnywhere) {
  const std::string text = GetParam().text();
  ASSERT_EQ(text.back(), '\n');
  for (std::size_t length = 0; length + 1 < text.size(); ++length) {
    EXPECT_THROW(GetParam().read(text.substr(0, length)), Error) << length;
  }
  GetParam().read(text.substr(0, text.size() - 1));  // but for the last newline
}

TEST_P(HostileTest, AGigabyteIsRefusedWithoutReadingIt) {
  const std::string path = write("{");
  ASSERT_EQ(::truncate(path.c_str(), off_t{1} << 30), 0);
  EXPECT_THAT(complaint_at(path), HasSubstr("longer than"));
}

INSTANTIATE_TEST_SUITE_P(
    Loaders, HostileTest,
    testing::Values(
        Loader{"Baseline", [] { return baseline_text(made_up_proposal().baseline); },
               [](const std::string& path) { (void)load_baseline(path); },
               [](const std::string& text) { (void)baseline_from_text(text, "x"); }},
        Loader{"LeftOut", [] { return baseline_text(made_up_left_out()); },
               [](const std::string& path) { (void)load_baseline(path); },
               [](const std::string& text) { (void)baseline_from_text(text, "x"); }},
        Loader{"Proposal", proposal_text,
               [](const std::string& path) { (void)load_proposal(path); },
               [](const std::string& text) {
                 (void)proposal_from_json(json::parse(text));
               }},
        Loader{"Session", session_text,
               [](const std::string& path) { (void)measure::load_session(path); },
               [](const std::string& text) {
                 (void)measure::session_from_json(json::parse(text));
               }}),
    [](const testing::TestParamInfo<Loader>& info) {
      return std::string(info.param.name);
    });

}  // namespace
}  // namespace assay::baselines
