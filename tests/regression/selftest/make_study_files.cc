// SPDX-License-Identifier: MIT
// make_study_files FOLDER: session files in FOLDER/sessions, their baseline in
// FOLDER/baselines, for the tests of `assay selftest --study`. Removes what is there.
#include <cstdio>
#include <exception>
#include <filesystem>

#include "tests/regression/selftest/made_up_study.h"

namespace assay::selftest {
namespace {

namespace fs = std::filesystem;

void make_all(const fs::path& folder) {
  fs::remove_all(folder);
  fs::create_directories(folder / "sessions");
  fs::create_directories(folder / "bad");
  fs::create_directories(folder / "empty");
  std::uint64_t seed = 0;
  const auto save = [&](const std::string& name, double injected) {
    measure::save_session((folder / "sessions" / name).string(),
                          study_session(name, injected, ++seed).session);
  };
  save("plain0.json", 0);
  save("plain1.json", 0);
  save("slow20.json", 0.2);
  save("spinner0.json", 0);
  save_study_baseline((folder / "baselines").string());
  // A gate that is red although nothing changed: recorded as plain.
  fs::copy(folder / "sessions", folder / "alarming");
  measure::Session alarming = study_session("", 0.2, 9).session;
  alarming.injected = 0;
  measure::save_session((folder / "alarming" / "plain2.json").string(), alarming);
  std::FILE* bad = std::fopen((folder / "bad" / "session.json").c_str(), "w");
  if (bad != nullptr) {
    std::fputs("{\"schema\":", bad);
    std::fclose(bad);
  }
}

}  // namespace
}  // namespace assay::selftest

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_study_files FOLDER\n");
    return 2;
  }
  try {
    assay::selftest::make_all(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_study_files: %s\n", error.what());
    return 1;
  }
  return 0;
}
