// SPDX-License-Identifier: MIT
// make_baseline_files FOLDER: sessions of the suite "core" and files that were made to
// break a loader, for the tests of whole commands. Removes what is in the folder.
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "regression/baselines/proposal.h"
#include "regression/cases/cases.h"
#include "regression/json/file.h"
#include "tests/regression/baselines/made_up_sessions.h"

namespace assay::baselines {
namespace {

namespace fs = std::filesystem;

// A session of the whole suite; every gate has this log ratio, and those whose id has
// `noisy` in it, when there is one, have processes that differ by 6 %.
measure::Session whole_session(int number, double log_ratio,
                               std::string_view noisy = "") {
  measure::Session session = made_up_session(number).session;
  session.results.comparisons = {made_up_control()};
  for (const std::string& id : measure::gate_ids(cases::all_suites().front().cases)) {
    const bool loud = !noisy.empty() && id.find(noisy) != id.npos;
    session.results.comparisons.push_back(
        made_up_gate(id, log_ratio, loud ? 0.06 : 0.004));
  }
  return session;
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

void save_sessions(const fs::path& folder, const std::string& prefix, double log_ratio,
                   std::string_view noisy = "") {
  for (int i = 0; i < 3; ++i) {
    measure::save_session(folder / (prefix + std::to_string(i) + ".json"),
                          whole_session(i, log_ratio, noisy));
  }
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

// What a hostile file is called says what it is.
void save_hostile(const fs::path& folder, const std::string& kind,
                  const std::string& good, const std::string& count) {
  const auto name = [&](const char* what) {
    return folder / (std::string("hostile_") + kind + "_" + what + ".json");
  };
  write(name("deep"), std::string(2'000'000, '['));
  write(name("duplicate"), replaced(good, "\"schema\"", "\"schema\":1,\"schema\""));
  write(name("negative"),
        replaced(good, count, count.substr(0, count.find(':') + 1) + "-1,\"was\": 1"));
  write(name("nan"),
        replaced(good, count, count.substr(0, count.find(':') + 1) + "NaN,\"was\": 1"));
  write(name("truncated"), good.substr(0, good.size() / 2));
  write(name("other_schema"), replaced(good, "assay.", "assai."));
  write(name("empty"), "");
  write(name("gigabyte"), good);
  if (::truncate(name("gigabyte").c_str(), off_t{1} << 30) != 0) {
    throw std::runtime_error("cannot make a sparse file");
  }
}

void make_all(const fs::path& folder) {
  fs::remove_all(folder);
  fs::create_directories(folder);
  save_sessions(folder, "session", 0.2);
  save_sessions(folder, "slower", 0.1);
  save_sessions(folder, "faster", 0.3);
  save_sessions(folder, "noisy", 0.2, "_sync.inline");  // event and device
  save_sessions(folder, "hopeless", 0.2, ".");

  measure::Session dirty = whole_session(1, 0.2);
  dirty.results.build.commit += "-dirty";
  measure::save_session(folder / "dirty.json", dirty);

  // Old and new: what a save is killed between.
  RefreshOptions options = made_up_options();
  options.gate_ids = measure::gate_ids(cases::all_suites().front().cases);
  const auto proposal_of = [&](double log_ratio, const std::optional<Baseline>& old) {
    std::vector<RecordedSession> sessions;
    sessions.reserve(3);
    for (int i = 0; i < 3; ++i) {
      sessions.push_back({whole_session(i, log_ratio), sha256_hex("made up")});
    }
    return propose(sessions, old, old ? sha256_hex(baseline_text(*old)) : "", options);
  };
  const Proposal first = proposal_of(0.2, std::nullopt);
  const Proposal second = proposal_of(0.3, first.baseline);
  write(folder / "first.json", json::to_text(to_json(first)));
  write(folder / "second.json", json::to_text(to_json(second)));
  write(folder / "baseline.json", baseline_text(first.baseline));

  save_hostile(folder, "baseline", baseline_text(first.baseline), "\"processes\": 15");
  save_hostile(folder, "proposal", json::to_text(to_json(first)), "\"processes\": 15");
  measure::Session small = whole_session(0, 0.2);
  small.results.comparisons.resize(2);
  save_hostile(folder, "session", json::to_text(measure::to_json(small)),
               "\"iterations\": 10");
  Baseline left_out = first.baseline;
  left_out.gates.erase("runtime.device_sync.inline.call");
  left_out.left_out.emplace("gone.from.the.registry",
                            made_up_left_out().left_out.begin()->second);
  fs::create_directories(folder / "left_out" / left_out.host.name);
  write(folder / "left_out" / left_out.host.name / "core.json",
        baseline_text(left_out));
  write(folder / "hostile_left_out.json",
        replaced(baseline_text(left_out), "\"reason\": \"a neighbour\"",
                 "\"reason\": \"\""));
  Baseline renamed = first.baseline;
  renamed.gates.emplace("gone.from.the.registry", renamed.gates.begin()->second);
  fs::create_directories(folder / "stale" / renamed.host.name);
  write(folder / "stale" / renamed.host.name / "core.json", baseline_text(renamed));
}

}  // namespace
}  // namespace assay::baselines

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_baseline_files FOLDER\n");
    return 2;
  }
  try {
    assay::baselines::make_all(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_baseline_files: %s\n", error.what());
    return 1;
  }
  return 0;
}
