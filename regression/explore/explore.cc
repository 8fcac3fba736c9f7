// SPDX-License-Identifier: MIT
#include "regression/explore/explore.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "backends/registry.h"
#include "kernels/vendor/audit.h"
#include "regression/explore/clean_start.h"
#include "regression/explore/rows.h"
#include "regression/judge/verdict.h"
#include "regression/measure/arm.h"
#include "regression/measure/shared_expected.h"

namespace assay::explore {
namespace {

namespace exit_code = judge::exit_code;
using measure::Contestant;
using measure::Pass;

// A problem on a device, with the oracle's answer.
struct Stand {
  std::string key;
  std::shared_ptr<Device> device;
  std::unique_ptr<Problem> problem;
  Expected expected;
  std::unique_ptr<measure::Workbench> workbench;
};

// Google Benchmark calls a case several times, with more and more iterations: what it
// stands on is kept until another case comes. One at a time, for the memory.
class Explorer {
 public:
  void run(benchmark::State& state, const Row& row) {
    try {
      prepare(row);
      time(state, row);
    } catch (const std::exception& error) {
      code_ = judge::worse(code_, exit_code::kEnvironment);
      state.SkipWithError(error.what());
    }
  }

  int code() const { return code_; }

 private:
  void prepare(const Row& row) {
    if (!row.library.path.empty()) {
      auto& library = libraries_[row.library.path];
      if (library == nullptr) {
        library = vendor::Library::load(row.library.path, row.library.name);
      }
      library->set_threads(row.library_threads);
    }
    if (current_ == row.name) return;
    current_.clear();
    contestant_.reset();
    if (row.figure != nullptr) {
      stand_ = {};
      contestant_ = measure::make_figure(*row.figure, open_device(row.device));
    } else {
      stand_on(row);
      const auto library = libraries_.find(row.library.path);
      contestant_ = std::make_unique<measure::Arm>(
          *stand_.workbench, *row.implementation,
          library == libraries_.end() ? nullptr : library->second.get());
    }
    current_ = row.name;
  }

  void stand_on(const Row& row) {
    const std::string key =
        std::string(row.op->name()) + " " + row.shape + " " + row.device;
    if (stand_.key == key) return;
    constexpr std::uint64_t kSeed = 1;
    stand_ = {};
    stand_.device = open_device(row.device);
    stand_.problem = row.op->make_problem(row.shape, DType::f32);
    stand_.expected =
        measure::compute_expected(*stand_.problem, DataFamily::uniform, kSeed);
    stand_.workbench = std::make_unique<measure::Workbench>(
        stand_.device, *stand_.problem, DataFamily::uniform, kSeed, stand_.expected);
    stand_.key = key;
  }

  // Empty when all is well.
  std::string problem() {
    measure::ArmCheck check = contestant_->check();
    if (stand_.workbench != nullptr) stand_.workbench->check_inputs(check);
    if (check.ok && check.guards_intact) return "";
    return "wrong result: " + (check.detail.empty() ? "no detail" : check.detail);
  }

  bool skip_if_wrong(benchmark::State& state) {
    const std::string why = problem();
    if (why.empty()) return false;
    code_ = judge::worse(code_, exit_code::kWrong);
    state.SkipWithError(why.c_str());
    return true;
  }

  void time(benchmark::State& state, const Row& row) {
    const Pass pass = row.figure != nullptr ? Pass::call : Pass::resident;
    contestant_->before_epoch(pass);
    if (row.figure != nullptr) {
      (void)contestant_->time(pass, 1);
    } else {
      contestant_->warm(pass);
    }
    contestant_->after_epoch(pass);
    if (skip_if_wrong(state)) return;

    contestant_->before_epoch(pass);
    double total_ns = 0;
    double count = 0;
    for (auto _ : state) {
      const measure::EpochTime once = contestant_->time(pass, 1);
      const double ns = once.device_ns > 0 ? once.device_ns : once.host_ns;
      state.SetIterationTime(ns / 1e9);
      total_ns += ns;
      ++count;
    }
    contestant_->after_epoch(pass);
    if (skip_if_wrong(state)) return;
    const double flops = row.figure != nullptr ? 0 : stand_.problem->flops();
    if (flops > 0 && total_ns > 0) {
      state.counters["GFLOP/s"] = flops * count / total_ns;
    }
    state.SetLabel(contestant_->configuration());
  }

  int code_ = exit_code::kPass;
  std::string current_;
  std::map<std::string, std::unique_ptr<vendor::Library>> libraries_;
  Stand stand_;
  std::unique_ptr<Contestant> contestant_;  // borrows the ones above
};

void print_help() {
  benchmark::PrintDefaultHelp();
  std::fputs(
      "\nThis is Google Benchmark over every case of assay: for a look, never for a "
      "gate.\n"
      "Exit codes\n"
      "  0    every case that was run is right\n"
      "  2    an unknown option, or the filter matches nothing\n"
      "  3    wrong result\n"
      "  6    a case cannot run here\n",
      stdout);
}

}  // namespace

int run_explorer(int argc, char** argv, std::span<const Op* const> ops,
                 std::span<const measure::Suite> suites) {
  try {
    ensure_clean_start(
        argv, static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
    benchmark::Initialize(&argc, argv, print_help);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return exit_code::kUsage;
    std::fputs(
        "assay-explore: numbers for looking around, never for a gate: see 'assay "
        "compare' and 'assay gate'\n",
        stderr);
    const std::vector<Row> rows = all_rows(ops, suites);
    Explorer explorer;
    for (const Row& row : rows) {
      benchmark::RegisterBenchmark(row.name.c_str(), [&](benchmark::State& state) {
        explorer.run(state, row);
      })->UseManualTime();
    }
    const bool any = benchmark::RunSpecifiedBenchmarks() > 0;
    benchmark::Shutdown();
    return any ? explorer.code() : exit_code::kUsage;
  } catch (const Error& error) {
    std::fprintf(stderr, "assay-explore: %s\n", error.what());
    return exit_code::kEnvironment;
  }
}

}  // namespace assay::explore
