// SPDX-License-Identifier: MIT
#include "regression/measure/run.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "backends/registry.h"
#include "regression/measure/launch.h"
#include "regression/measure/machine.h"
#include "regression/measure/shared_expected.h"

namespace assay::measure {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void invalid(const std::string& message) {
  throw Error(StatusCode::invalid_argument, message);
}

const Implementation& custom_row(const Op& op, const std::string& name) {
  std::string known;
  for (const Implementation& row : op.implementations()) {
    if (row.provider != Provider::custom) continue;
    if (row.name == name) return row;
    known.append(known.empty() ? "" : ", ").append(row.name);
  }
  invalid("'" + name + "' is not a custom implementation of " + std::string(op.name()) +
          "; there are " + known);
}

// The row that calls libraries the way this one is to be called.
const Implementation& library_row(const Op& op, const vendor::LibrarySpec& library) {
  for (const Implementation& row : op.implementations()) {
    if (row.provider == Provider::library && row.library == library.name) return row;
  }
  for (const Implementation& row : op.implementations()) {
    if (row.provider != Provider::library) continue;
    for (const vendor::KnownLibrary& known : vendor::known_libraries()) {
      if (known.name == row.library && known.calling == library.calling) return row;
    }
  }
  invalid(std::string(op.name()) + " has no way to call the library '" + library.name +
          "'");
}

// One run: audits every library, then measures pair after pair.
class Run {
 public:
  Run(const RunRequest& request, const std::atomic<bool>& cancel,
      const std::function<void(const RunProgress&)>& progress)
      : request_(request), cancel_(cancel), report_(progress), start_(Clock::now()) {
    check();
    outcome_.results.build = this_build();
    outcome_.results.machine = this_machine();
    outcome_.results.utc = utc_now();
    outcome_.results.worker_environment = worker_environment({});
    progress_.total =
        request_.libraries.size() + pairs_.size() * std::size_t{request_.processes};
  }

  RunOutcome execute() {
    const Problem* oracle_for = nullptr;
    std::optional<SharedExpected> expected;
    for (const Pair& pair : pairs_) {
      if (stopped()) break;
      if (!accounts_.contains(pair.library->name)) {
        accounts_.emplace(pair.library->name, audit(*pair.library));
      }
      if (oracle_for != pair.problem) {
        tell("oracle for " + pair.problem->shape());
        expected.emplace(compute_expected(*pair.problem, request_.data, request_.seed));
        oracle_for = pair.problem;
      }
      measure(pair, *expected);
    }
    outcome_.results.complete = outcome_.end == RunEnd::complete;
    return std::move(outcome_);
  }

 private:
  // Two arms on one problem, and the scopes wanted of them: one series of workers.
  struct Pair {
    const Problem* problem;
    std::string implementation;
    const vendor::LibrarySpec* library;
    std::vector<Scope> scopes;
  };

  void check() {
    const auto device = open_device(request_.device);
    device_uri_ = device->caps().uri;
    compute_units_ = device->caps().compute_units;
    simulated_ = device->caps().simulated_device_memory;
    for (const std::string& name : request_.implementations) {
      custom_row(*request_.op, name);
    }
    for (const std::string& shape : request_.shapes) {
      problems_.push_back(request_.op->make_problem(shape, request_.dtype));
      std::size_t bytes = 0;
      for (const Operand& operand : problems_.back()->operands()) {
        bytes = std::max(bytes, operand.bytes());
      }
      if (bytes > device->caps().limits.max_buffer_bytes) {
        invalid(shape + ": an operand of " + std::to_string(bytes) +
                " bytes is above the device's limit of " +
                std::to_string(device->caps().limits.max_buffer_bytes));
      }
      for (const std::string& name : request_.implementations) {
        const Implementation& row = custom_row(*request_.op, name);
        if (const auto why = row.unsupported(*problems_.back(), device->caps())) {
          throw Error(StatusCode::not_supported, name + " on " + shape + ": " + *why);
        }
      }
    }
    for (const vendor::LibrarySpec& library : request_.libraries) {
      library_row(*request_.op, library);
      if (!library.absent_because.empty()) {
        throw Error(StatusCode::unavailable, library.absent_because);
      }
    }
    for (const auto& problem : problems_) {
      for (const std::string& implementation : request_.implementations) {
        for (const vendor::LibrarySpec& library : request_.libraries) {
          add_pair(*problem, implementation, library);
        }
      }
    }
    if (pairs_.empty()) invalid("--only '" + request_.only + "' matches no row");
  }

  void add_pair(const Problem& problem, const std::string& implementation,
                const vendor::LibrarySpec& library) {
    Pair pair{&problem, implementation, &library, {}};
    for (const Scope scope : request_.scopes) {
      const std::string id = row_id(problem, implementation, library, scope);
      if (id.find(request_.only) != std::string::npos) pair.scopes.push_back(scope);
    }
    if (!pair.scopes.empty()) pairs_.push_back(std::move(pair));
  }

  // Stable and readable: what identifies a comparison in files and on the command line.
  std::string row_id(const Problem& problem, const std::string& implementation,
                     const vendor::LibrarySpec& library, Scope scope) const {
    return std::string(problem.op()) + "." + std::string(to_string(problem.dtype())) +
           "." + problem.shape() + "." + implementation + ".vs." + library.name +
           ".cus" + std::to_string(compute_units_) + "." +
           std::string(to_string(scope));
  }

  bool stopped() {
    if (cancel_.load()) outcome_.end = RunEnd::interrupted;
    if (outcome_.end == RunEnd::complete && request_.time_budget.count() > 0 &&
        Clock::now() - start_ >= request_.time_budget) {
      outcome_.end = RunEnd::out_of_time;
    }
    return outcome_.end != RunEnd::complete;
  }

  void tell(const std::string& what) {
    progress_.now = what;
    if (report_) report_(progress_);
  }

  LaunchOptions launch_options(int shared_fd) const {
    return {compute_units_, request_.library_environment, shared_fd,
            request_.worker_timeout, &cancel_};
  }

  LibraryAccount audit(const vendor::LibrarySpec& library) {
    tell("audit of " + library.name);
    LibraryAccount account = audit_library(library, device_uri_, launch_options(-1));
    ++progress_.done;
    return account;
  }

  // What the library's workers had on top of Results::worker_environment.
  std::string environment_note(const vendor::LibrarySpec& library) const {
    Environment own = library.environment(static_cast<int>(compute_units_));
    own.insert(own.end(), request_.library_environment.begin(),
               request_.library_environment.end());
    std::string note;
    for (const auto& [name, value] : own) note += " " + name + "=" + value;
    return note.empty() ? "" : " environment:" + note;
  }

  // What identifies a comparison; samples come from the workers.
  Comparison describe(const Problem& problem, const std::string& implementation,
                      const vendor::LibrarySpec& library, Scope scope) const {
    Comparison comparison;
    comparison.op = problem.op();
    comparison.shape = problem.shape();
    comparison.dtype = to_string(problem.dtype());
    comparison.device = device_uri_;
    comparison.compute_units = compute_units_;
    comparison.data = to_string(request_.data);
    comparison.seed = request_.seed;
    comparison.custom_scope = scope;
    comparison.library_scope = scope;
    comparison.simulated_transfers =
        simulated_ && scope != Scope::kernel && scope != Scope::submit_to_complete;
    comparison.flops = problem.flops();
    comparison.compulsory_bytes = problem.compulsory_bytes();
    comparison.custom = {implementation, "custom", ""};
    comparison.library = {library.name, "library", ""};
    comparison.id = row_id(problem, implementation, library, scope);
    comparison.audit = accounts_.at(library.name).audit;
    comparison.failure = accounts_.at(library.name).failure;
    return comparison;
  }

  void measure(const Pair& pair, const SharedExpected& expected) {
    const Problem& problem = *pair.problem;
    const std::string& implementation = pair.implementation;
    const vendor::LibrarySpec& library = *pair.library;
    std::map<Scope, Comparison> comparisons;
    for (const Scope scope : pair.scopes) {
      comparisons.emplace(scope, describe(problem, implementation, library, scope));
    }
    const LibraryAccount& account = accounts_.at(library.name);
    WorkerRequest request = request_for(library, device_uri_, compute_units_);
    request.op = problem.op();
    request.shape = problem.shape();
    request.dtype = to_string(problem.dtype());
    request.data = to_string(request_.data);
    request.seed = request_.seed;
    request.implementation = implementation;
    request.library_implementation = library_row(*request_.op, library).name;
    request.scopes = pair.scopes;
    request.blocks = request_.blocks;
    request.epoch_ms = request_.epoch_ms;
    bool failed = !account.failure.empty();
    for (std::uint32_t p = 0; p < request_.processes && !failed && !stopped(); ++p) {
      tell(request.op + " " + request.shape + " " + implementation + " vs " +
           library.name + ", process " + std::to_string(p + 1) + " of " +
           std::to_string(request_.processes));
      request.process = p;
      const ChildReply child =
          launch_worker(request, library, launch_options(expected.fd()));
      ++progress_.done;
      if (child.end == ChildReply::End::cancelled) break;
      if (!child.ok()) {
        for (auto& [scope, comparison] : comparisons) {
          comparison.failure = child.description();
        }
        failed = true;
        break;
      }
      for (Comparison& measured : parse_reply(child.reply).comparisons) {
        Comparison& comparison = comparisons.at(measured.custom_scope);
        comparison.custom.configuration = measured.custom.configuration;
        comparison.library.configuration =
            measured.library.configuration + environment_note(library);
        for (ProcessSamples& process : measured.processes) {
          process.peak_gbs = account.peak_gbs;
          process.peak_gflops = std::max(process.peak_gflops, account.peak_gflops);
          comparison.processes.push_back(std::move(process));
        }
      }
    }
    for (auto& [scope, comparison] : comparisons) {
      comparison.complete = failed || comparison.processes.size() == request_.processes;
      outcome_.results.comparisons.push_back(std::move(comparison));
    }
  }

  const RunRequest& request_;
  const std::atomic<bool>& cancel_;
  const std::function<void(const RunProgress&)>& report_;
  const Clock::time_point start_;
  RunOutcome outcome_;
  RunProgress progress_;
  std::string device_uri_;
  std::uint32_t compute_units_ = 1;
  bool simulated_ = false;
  std::vector<std::unique_ptr<Problem>> problems_;
  std::vector<Pair> pairs_;
  std::map<std::string, LibraryAccount> accounts_;
};

}  // namespace

RunOutcome run(const RunRequest& request, const std::atomic<bool>& cancel,
               const std::function<void(const RunProgress&)>& progress) {
  return Run(request, cancel, progress).execute();
}

}  // namespace assay::measure
