// SPDX-License-Identifier: MIT
#include "regression/measure/run.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "backends/interface/status.h"
#include "backends/registry.h"
#include "regression/measure/launch.h"
#include "regression/measure/machine.h"
#include "regression/measure/oracle.h"
#include "regression/measure/pair_run.h"

namespace assay::measure {
namespace {

// What the oracle's process holds at once: the operands, the value and the bound of
// each element of the output, and both again where it shares them. Never more than is
// needed: reference() has as much once more.
double least_bytes_of_oracle(const Problem& problem) {
  double bytes = 0;
  for (const Operand& operand : problem.operands()) {
    bytes += static_cast<double>(operand.bytes());
  }
  return bytes + 4 * sizeof(double) *
                     static_cast<double>(problem.operands()[problem.output()].elements);
}

// Beyond it a worker would have the system end it, or someone else.
void require_memory(const Problem& problem) {
  const double here = static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                      static_cast<double>(sysconf(_SC_PAGESIZE));
  const double wanted = least_bytes_of_oracle(problem);
  if (here <= 0 || wanted <= here) return;
  constexpr double kGiB = 1 << 30;
  char text[96];
  std::snprintf(text, sizeof text,
                ": its operands and its oracle take %.1f GiB; this machine has %.1f",
                wanted / kGiB, here / kGiB);
  invalid(problem.shape() + text);
}

// One run: audits every library, then measures pair after pair.
class Run {
 public:
  Run(const RunRequest& request, const std::atomic<bool>& cancel,
      const std::function<void(const RunProgress&)>& progress)
      : request_(request), watch_(cancel, request.time_budget, progress) {
    check();
    outcome_.results.build = this_build();
    outcome_.results.machine = this_machine();
    outcome_.results.utc = utc_now();
    outcome_.results.worker_environment = worker_environment({});
    watch_.expect_more(std::max<std::size_t>(1, request_.libraries.size()) +
                       pairs_.size() * std::size_t{request_.processes});
  }

  RunOutcome execute() {
    const Problem* oracle_for = nullptr;
    std::optional<OracleAnswer> oracle;
    for (const Wanted& pair : pairs_) {
      if (watch_.stopped()) break;
      if (!accounts_.contains(pair.library->name)) {
        accounts_.emplace(pair.library->name, audit(*pair.library));
      }
      if (oracle_for != pair.problem) {
        watch_.tell("oracle for " + pair.problem->shape() + ", within " +
                    std::to_string(request_.worker_timeout.count()) + " s");
        oracle.emplace(
            ask_oracle(*pair.problem, request_.data, request_.seed, launch_options()));
        oracle_for = pair.problem;
        if (watch_.stopped()) break;
      }
      measure(pair, *oracle);
    }
    outcome_.end = watch_.end();
    outcome_.results.complete = outcome_.end == RunEnd::complete;
    return std::move(outcome_);
  }

 private:
  // Two arms on one problem, and the scopes wanted of them: one series of workers.
  struct Wanted {
    const Problem* problem;
    std::string implementation;
    const vendor::LibrarySpec* library;  // no_library() where there is no peer
    std::vector<Scope> scopes;
    bool has_peer() const { return library != &no_library(); }
  };

  void check() {
    const auto device = open_device(request_.device);
    device_uri_ = device->caps().uri;
    compute_units_ = device->caps().compute_units;
    if (!device->caps().host_kernels) {
      device_cache_bytes_ = static_cast<double>(device->caps().last_level_cache_bytes);
    }
    simulated_ = device->caps().simulated_device_memory;
    for (const std::string& name : request_.implementations) {
      named_implementation(*request_.op, name, {Provider::custom});
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
      require_memory(*problems_.back());
      for (const std::string& name :
           implementations_of(*problems_.back(), device->caps())) {
        const Implementation& row =
            named_implementation(*request_.op, name, {Provider::custom});
        if (const auto why = row.unsupported(*problems_.back(), device->caps())) {
          throw Error(StatusCode::not_supported, name + " on " + shape + ": " + *why);
        }
      }
    }
    for (const vendor::LibrarySpec& library : request_.libraries) {
      const Implementation& row = library_row(*request_.op, library);
      for (const auto& problem : problems_) {
        const auto why = row.unsupported(*problem, device->caps());
        if (!why) continue;
        throw Error(StatusCode::not_supported,
                    library.name + " on " + problem->shape() + ": " + *why);
      }
      if (!library.absent_because.empty()) {
        throw Error(StatusCode::unavailable, library.absent_because);
      }
    }
    for (const auto& problem : problems_) {
      for (const std::string& implementation :
           implementations_of(*problem, device->caps())) {
        for (const vendor::LibrarySpec& library : request_.libraries) {
          add_pair(*problem, implementation, library);
        }
        if (request_.libraries.empty()) {
          add_pair(*problem, implementation, no_library());
        }
      }
    }
    if (pairs_.empty())
      invalid("--only '" + request_.only +
              "' matches no row: an id is "
              "op.type.shape.custom.vs.library.units.scope");
  }

  std::vector<std::string> implementations_of(const Problem& problem,
                                              const Caps& caps) const {
    if (!request_.implementations.empty()) return request_.implementations;
    const Implementation* const best = best_custom(*request_.op, problem, caps);
    if (best == nullptr) {
      invalid(std::string(request_.op->name()) + ": no custom implementations");
    }
    return {std::string(best->name)};
  }

  void add_pair(const Problem& problem, const std::string& implementation,
                const vendor::LibrarySpec& library) {
    Wanted pair{&problem, implementation, &library, {}};
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
           "." + problem.shape() + "." + implementation + ".vs." +
           (library.name.empty() ? kNoPeer : library.name) + ".cus" +
           std::to_string(compute_units_) + "." + std::string(to_string(scope));
  }

  LaunchOptions launch_options() const {
    LaunchOptions options;
    options.compute_units = compute_units_;
    options.additions = request_.library_environment;
    options.timeout = request_.worker_timeout;
    options.cancel = &watch_.cancel();
    return options;
  }

  LibraryAccount audit(const vendor::LibrarySpec& library) {
    watch_.tell(library.name.empty() ? "ceilings of the device"
                                     : "audit of " + library.name);
    LibraryAccount account = audit_library(library, device_uri_, launch_options());
    watch_.one_done();
    return account;
  }

  measure::Pair worker_pair(const Wanted& wanted, const OracleAnswer& oracle) {
    const vendor::LibrarySpec& library = *wanted.library;
    measure::Pair pair;
    pair.library = wanted.has_peer() ? &library : nullptr;
    pair.account = &accounts_.at(library.name);
    pair.problem = wanted.problem;
    pair.compute_units = compute_units_;
    pair.device_cache_bytes = device_cache_bytes_;
    pair.simulated_memory = simulated_;
    pair.expected_fd = oracle.expected.fd();
    WorkerRequest& request = pair.request;
    request = request_for(library, device_uri_, compute_units_);
    request.op = wanted.problem->op();
    request.shape = wanted.problem->shape();
    request.dtype = to_string(wanted.problem->dtype());
    request.data = to_string(request_.data);
    request.seed = request_.seed;
    request.implementation = wanted.implementation;
    if (wanted.has_peer()) {
      request.library_implementation = library_row(*request_.op, library).name;
    } else {
      request.kind = CaseKind::control;
    }
    request.scopes = wanted.scopes;
    request.blocks = request_.blocks;
    request.epoch_ms = request_.epoch_ms;
    return pair;
  }

  void measure(const Wanted& wanted, const OracleAnswer& oracle) {
    const measure::Pair pair = worker_pair(wanted, oracle);
    std::vector<Comparison> comparisons;
    for (const Scope scope : wanted.scopes) {
      comparisons.push_back(describe(
          pair, scope,
          row_id(*wanted.problem, wanted.implementation, *wanted.library, scope)));
      if (!wanted.has_peer()) comparisons.back().library = {kNoPeer, kNoPeer, ""};
    }
    std::vector<Comparison*> into;
    for (Comparison& comparison : comparisons) into.push_back(&comparison);
    for (Comparison& comparison : comparisons) {
      if (comparison.failure.empty()) comparison.failure = oracle.failure;
    }
    bool failed = !pair.account->failure.empty() || !oracle.failure.empty();
    for (std::uint32_t p = 0; p < request_.processes && !failed && !watch_.stopped();
         ++p) {
      watch_.tell(
          pair.request.op + " " + pair.request.shape + " " + wanted.implementation +
          (wanted.has_peer() ? " vs " + wanted.library->name : "") + ", process " +
          std::to_string(p + 1) + " of " + std::to_string(request_.processes));
      const PairEnd end = run_process(pair, p, launch_options(), into);
      watch_.one_done();
      if (end == PairEnd::cancelled) {
        watch_.stopped();  // of the last process too
        break;
      }
      failed = end == PairEnd::failed;
    }
    for (Comparison& comparison : comparisons) {
      if (!wanted.has_peer()) {
        comparison.library.configuration = request_.no_library_because;
      }
      comparison.complete = failed || comparison.processes.size() == request_.processes;
      outcome_.results.comparisons.push_back(std::move(comparison));
    }
  }

  const RunRequest& request_;
  RunWatch watch_;
  RunOutcome outcome_;
  std::string device_uri_;
  std::uint32_t compute_units_ = 1;
  double device_cache_bytes_ = -1;
  bool simulated_ = false;
  std::vector<std::unique_ptr<Problem>> problems_;
  std::vector<Wanted> pairs_;
  std::map<std::string, LibraryAccount> accounts_;
};

}  // namespace

RunOutcome run(const RunRequest& request, const std::atomic<bool>& cancel,
               const std::function<void(const RunProgress&)>& progress) {
  return Run(request, cancel, progress).execute();
}

}  // namespace assay::measure
