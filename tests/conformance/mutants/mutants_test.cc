// SPDX-License-Identifier: MIT
// Who watches the conformance suite: it runs against devices with a known defect each,
// and must fail on every one; and against the same devices without, and must pass.
//
//   conformance.mutants                   all of them; prints which test killed which
//   conformance.mutants --mutant NAME     one, in this process, with all that it says
//
// Every mutant has a process of its own, since some hang or end it: the watchdog of the
// tests makes a failure of a hang.
#include "tests/conformance/mutants/mutants.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "backends/registry.h"
#include "tests/backends/cache_opener.h"
#include "tests/conformance/conformance_test.h"

namespace assay::conformance {
namespace {

// Two units, so that queues and groups overlap; threads of our own, since every build
// has them.
constexpr const char* kFilter = "*/vgpu_std_2";
// What the mutants of a kernel cache are given instead.
constexpr const char* kCacheFilter = "KernelCacheTest.*";

const Mutant* chosen = nullptr;

std::shared_ptr<Device> open_mutated(std::string_view uri) {
  return make_mutant(*chosen, open_device(uri));
}

// Tells the parent, by line, what runs and what failed.
class Teller final : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo& test) override {
    std::printf("RUNS %s\n", name_of(test).c_str());
    std::fflush(stdout);
  }
  void OnTestEnd(const testing::TestInfo& test) override {
    if (!test.result()->Failed()) return;
    std::printf("FAILED %s\n", name_of(test).c_str());
    std::fflush(stdout);
  }
  static std::string name_of(const testing::TestInfo& test) {
    const std::string suite = test.test_suite_name();
    const std::string name = test.name();
    return suite.substr(suite.find('/') + 1) + "." + name.substr(0, name.find('/'));
  }
};

int run_one(std::string_view name, bool quiet) {
  for (const std::span<const Mutant> table : {controls(), mutants()}) {
    for (const Mutant& mutant : table) {
      if (mutant.name == name) chosen = &mutant;
    }
  }
  if (chosen == nullptr) {
    std::fprintf(stderr, "no mutant '%s'\n", std::string(name).c_str());
    return 2;
  }
  if (chosen->cache != nullptr) {
    runtime::set_cache_opener(chosen->cache);
    GTEST_FLAG_SET(filter, kCacheFilter);
  } else {
    set_opener(open_mutated);
    GTEST_FLAG_SET(filter, kFilter);
  }
  GTEST_FLAG_SET(fail_fast, quiet);
  testing::TestEventListeners& listeners =
      testing::UnitTest::GetInstance()->listeners();
  if (quiet) {
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new Teller);
  }
  return RUN_ALL_TESTS();
}

struct Outcome {
  bool passed = false;
  std::size_t tests = 0;
  std::string killer;  // the test that failed, or in which the process ended
};

Outcome run_child(std::string_view name) {
  std::array<int, 2> ends = {};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  // What a watchdog or the sanitizers say of a mutant is expected.
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string program = "/proc/self/exe";
  std::string flag = "--child";
  std::string argument(name);
  std::array<char*, 4> arguments = {program.data(), flag.data(), argument.data(),
                                    nullptr};
  pid_t child = -1;
  const int error = posix_spawn(&child, program.c_str(), &actions, nullptr,
                                arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  Outcome outcome;
  std::string text;
  std::array<char, 4096> part = {};
  for (ssize_t size;
       error == 0 && (size = read(ends[0], part.data(), part.size())) > 0;) {
    text.append(part.data(), static_cast<std::size_t>(size));
  }
  close(ends[0]);
  int status = -1;
  if (error != 0 || waitpid(child, &status, 0) != child) return outcome;
  outcome.passed = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    if (line.starts_with("RUNS ")) ++outcome.tests;
    if (line.starts_with("RUNS ") && !outcome.killer.starts_with(' ')) {
      outcome.killer = line.substr(5);
    } else if (line.starts_with("FAILED ")) {
      outcome.killer = " " + line.substr(7);
    }
    begin = end + 1;
  }
  if (outcome.killer.starts_with(' ')) {
    outcome.killer.erase(0, 1);
  } else if (!outcome.passed) {
    outcome.killer += WIFSIGNALED(status) ? " (ended the process)" : "";
  }
  return outcome;
}

std::vector<Outcome> run_children(std::span<const Mutant> table) {
  std::vector<Outcome> outcomes(table.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i; (i = next++) < table.size();) {
      outcomes[i] = run_child(table[i].name);
    }
  };
  std::vector<std::jthread> threads;
  const unsigned count = std::clamp(std::thread::hardware_concurrency(), 1U, 4U);
  for (unsigned i = 0; i < count; ++i) threads.emplace_back(work);
  threads.clear();
  return outcomes;
}

int run_all() {
  int failures = 0;
  const std::vector<Outcome> passed = run_children(controls());
  for (std::size_t i = 0; i < passed.size(); ++i) {
    // An empty selection passes too, and shows nothing.
    const std::size_t least = controls()[i].cache != nullptr ? 10 : 100;
    const bool good = passed[i].passed && passed[i].tests > least;
    failures += good ? 0 : 1;
    std::printf("%-8s  %-30s %zu tests, %s\n", good ? "control" : "BROKEN",
                controls()[i].name.data(), passed[i].tests,
                good ? "all passed" : passed[i].killer.c_str());
  }
  const std::vector<Outcome> outcomes = run_children(mutants());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const bool killed = !outcomes[i].passed && outcomes[i].tests > 0;
    failures += killed ? 0 : 1;
    std::printf("%-8s  %-30s %s\n", killed ? "killed" : "SURVIVED",
                mutants()[i].name.data(),
                killed ? ("by " + outcomes[i].killer).c_str()
                       : std::string(mutants()[i].defect).c_str());
  }
  std::printf("%zu mutants, %d failures\n", outcomes.size(), failures);
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace assay::conformance

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const std::string_view mode = argc > 2 ? argv[1] : "";
  if (mode == "--child" || mode == "--mutant") {
    return assay::conformance::run_one(argv[2], mode == "--child");
  }
  return assay::conformance::run_all();
}
