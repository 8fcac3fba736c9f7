// SPDX-License-Identifier: MIT
#include "regression/measure/session_run.h"

#include <unistd.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>

#include "backends/registry.h"
#include "regression/measure/figures.h"
#include "regression/measure/launch.h"
#include "regression/measure/machine.h"
#include "regression/measure/oracle.h"
#include "regression/measure/pair_run.h"

namespace assay::measure {
namespace {

// Held against a step of its own ladder: there is nothing to load or to audit.
bool against_step(const Op& op, const Case& gate_case) {
  return std::ranges::any_of(op.implementations(), [&](const Implementation& row) {
    return row.provider != Provider::library && row.name == gate_case.library;
  });
}

// Which side's workers: this executable's, or those of the build it is compared with.
enum class Side : std::uint8_t { candidate, base };

}  // namespace

class SessionRun::Impl {
 public:
  Impl(const SessionRequest& request, const std::atomic<bool>& cancel,
       const std::function<void(const RunProgress&)>& progress)
      : request_(request),
        watch_(cancel, request.time_budget, progress),
        matched_(request.only.size()) {
    std::error_code ignored;
    if (!request.base_path.empty() &&
        (access(request.base_path.c_str(), X_OK) != 0 ||
         std::filesystem::is_directory(request.base_path, ignored))) {
      throw Error(StatusCode::invalid_argument,
                  request.base_path +
                      " is no executable: --base wants the assay of "
                      "another build");
    }
    for (const Case& gate_case : request.cases) add(gate_case);
    for (std::size_t i = 0; i < request.only.size(); ++i) {
      if (matched_[i]) continue;
      throw Error(StatusCode::invalid_argument,
                  "--only '" + request.only[i] +
                      "' matches no gate of the suite: --list shows them");
    }
    session_.suite = request.suite;
    session_.injected = request.inject;
    session_.results.build = this_build();
    session_.results.machine = this_machine();
    session_.results.utc = utc_now();
    session_.results.worker_environment = worker_environment({});
    watch_.expect_more(slots_.size() * sides() * request.min_processes);
  }

  void measure(const std::function<bool(const Comparison&, const Comparison*)>& more) {
    prepare();
    for (std::uint32_t round = 0; round < request_.min_processes; ++round) {
      for (Slot& slot : slots_) run(slot, round);
    }
    for (std::uint32_t round = request_.min_processes; round < request_.max_processes;
         ++round) {
      std::vector<Slot*> wanting;
      for (Slot& slot : slots_) {
        if (wants(slot, more)) wanting.push_back(&slot);
      }
      if (wanting.empty() || watch_.stopped()) break;
      watch_.expect_more(wanting.size() * sides());
      for (Slot* slot : wanting) run(*slot, round);
    }
    for (Slot& slot : slots_) {
      for (Comparison& comparison : slot.now) {
        comparison.complete = slot.complete(request_.min_processes);
        session_.results.comparisons.push_back(comparison);
      }
      for (const Comparison& comparison : slot.base)
        session_.base.push_back(comparison);
    }
    session_.results.complete = end() == RunEnd::complete;
  }

  void confirm(const std::vector<std::string>& ids) {
    for (Slot& slot : slots_) {
      const bool chosen = std::ranges::any_of(slot.now, [&](const Comparison& one) {
        return std::ranges::find(ids, one.id) != ids.end();
      });
      if (!chosen || watch_.stopped()) continue;
      watch_.expect_more(sides() * request_.min_processes);
      confirming_.push_back(&slot);
      slot.now = fresh(slot);
      slot.base = slot.now;
      slot.failed = false;
    }
    // Seeds that no process of the first measurement had.
    constexpr std::uint32_t kFresh = 10'000;
    for (std::uint32_t round = 0; round < request_.min_processes; ++round) {
      for (Slot* slot : confirming_) run(*slot, kFresh + round);
    }
    for (const Slot* slot : confirming_) {
      keep(ids, *slot, slot->now, session_.confirmations);
      if (sides() == 2) keep(ids, *slot, slot->base, session_.base_confirmations);
    }
    session_.results.complete = end() == RunEnd::complete;
  }

  RunEnd end() const noexcept { return watch_.end(); }
  const Session& session() const noexcept { return session_; }

 private:
  // A case and what its worker processes have brought so far.
  struct Slot {
    Case gate_case;
    Pair pair;
    std::optional<vendor::LibrarySpec> library;
    std::vector<Comparison> now;   // one a scope
    std::vector<Comparison> base;  // the same of the other build
    std::string without_oracle;    // why there is nothing to check against
    bool failed = false;

    bool complete(std::size_t processes) const {
      return failed || now.front().processes.size() >= processes;
    }
  };

  std::size_t sides() const { return request_.base_path.empty() ? 1 : 2; }

  bool chosen(const std::string& id) {
    bool found = request_.only.empty();
    for (std::size_t i = 0; i < request_.only.size(); ++i) {
      if (id.find(request_.only[i]) == std::string::npos) continue;
      matched_[i] = true;
      found = true;
    }
    return found;
  }

  void add(const Case& gate_case) {
    Slot slot;
    slot.gate_case = gate_case;
    const bool control = gate_case.kind == CaseKind::control ||
                         gate_case.kind == CaseKind::control_after_library;
    if (!control) {
      std::erase_if(slot.gate_case.scopes,
                    [&](Scope scope) { return !chosen(gate_id(gate_case, scope)); });
      if (slot.gate_case.scopes.empty()) return;
    }
    check(slot);
    slots_.push_back(std::move(slot));
  }

  // What can be known before a worker starts.
  void check(Slot& slot) {
    const Case& gate_case = slot.gate_case;
    if (gate_case.kind == CaseKind::figure) {
      if (find_figure(gate_case.shape) == nullptr) {
        throw Error(StatusCode::invalid_argument,
                    "unknown runtime figure '" + gate_case.shape + "'");
      }
    } else {
      problem_of(gate_case);
    }
    if (gate_case.library.empty()) return;
    if (against_step(named_op(request_.ops, gate_case.op), gate_case)) return;
    slot.library = vendor::resolve_library(gate_case.library);
    library_row(named_op(request_.ops, gate_case.op), *slot.library);
    if (!slot.library->absent_because.empty()) {
      throw Error(StatusCode::unavailable, slot.library->absent_because);
    }
  }

  const Problem& problem_of(const Case& gate_case) {
    auto& problem = problems_[{gate_case.op, gate_case.shape}];
    if (!problem) {
      problem = named_op(request_.ops, gate_case.op)
                    .make_problem(gate_case.shape, DType::f32);
    }
    return *problem;
  }

  // Audits and oracles, once each, and the request of every slot.
  void prepare() {
    for (Slot& slot : slots_) {
      const Case& gate_case = slot.gate_case;
      Pair& pair = slot.pair;
      const std::string uri = device_uri(gate_case);
      const auto caps = open_device(uri)->caps();
      pair.library = slot.library ? &*slot.library : nullptr;
      pair.compute_units = caps.compute_units;
      pair.simulated_memory = caps.simulated_device_memory;
      pair.account = &account(slot, caps.uri);
      pair.request = request_for(slot.library ? *slot.library : no_library(), caps.uri,
                                 caps.compute_units);
      pair.request.kind = gate_case.kind;
      pair.request.op = gate_case.op;
      pair.request.shape = gate_case.shape;
      pair.request.seed = request_.seed;
      pair.request.implementation = gate_case.implementation;
      pair.request.scopes = gate_case.scopes;
      pair.request.blocks = request_.blocks;
      pair.request.epoch_ms = request_.epoch_ms;
      pair.request.pass_ms = request_.pass_ms;
      pair.request.library_implementation =
          slot.library ? std::string(library_row(named_op(request_.ops, gate_case.op),
                                                 *slot.library)
                                         .name)
                       : gate_case.library;
      if (gate_case.kind != CaseKind::figure) {
        pair.problem = &problem_of(gate_case);
        pair.expected_fd = oracle_of(slot).expected.fd();
        slot.without_oracle = oracle_of(slot).failure;
      }
      slot.now = fresh(slot);
      if (sides() == 2) slot.base = slot.now;
      slot.failed = !pair.account->failure.empty() || !slot.without_oracle.empty();
    }
  }

  const OracleAnswer& oracle_of(const Slot& slot) {
    const Case& gate_case = slot.gate_case;
    const Key key = {gate_case.op, gate_case.shape};
    if (const auto found = oracles_.find(key); found != oracles_.end()) {
      return found->second;
    }
    if (watch_.stopped()) return oracles_[key];
    watch_.tell("oracle for " + gate_case.shape);
    OracleAnswer answer =
        ask_oracle(problem_of(gate_case), DataFamily::uniform, request_.seed,
                   options(gate_case, Side::candidate));
    // Ended by that: nothing is measured any more, and nothing failed.
    if (watch_.stopped()) answer.failure.clear();
    return oracles_.emplace(key, std::move(answer)).first->second;
  }

  LibraryAccount& account(const Slot& slot, const std::string& uri) {
    const vendor::LibrarySpec& library = slot.library ? *slot.library : no_library();
    const auto [at, added] = accounts_.try_emplace({library.name, uri});
    if (added && !watch_.stopped()) {
      watch_.tell("audit of " +
                  (library.name.empty() ? uri : library.name + " on " + uri));
      at->second =
          audit_library(library, uri, options(slot.gate_case, Side::candidate));
    }
    return at->second;
  }

  std::vector<Comparison> fresh(const Slot& slot) const {
    std::vector<Comparison> comparisons;
    const Case& gate_case = slot.gate_case;
    for (const Scope scope : gate_case.scopes) {
      Comparison comparison = describe(slot.pair, scope, gate_id(gate_case, scope));
      if (gate_case.kind == CaseKind::figure) {
        comparison.dtype = "";
        comparison.data = "";
        comparison.custom.implementation = "runtime";
        comparison.library = {"calibration", "library", ""};
      } else if (gate_case.kind != CaseKind::op) {
        comparison.library = {gate_case.implementation, "control", ""};
      } else if (!slot.library) {
        comparison.library.provider = "custom";
      }
      if (comparison.failure.empty()) comparison.failure = slot.without_oracle;
      comparisons.push_back(std::move(comparison));
    }
    return comparisons;
  }

  LaunchOptions options(const Case& gate_case, Side side) const {
    LaunchOptions options;
    options.compute_units = gate_case.compute_units;
    options.timeout = request_.worker_timeout;
    options.cancel = &watch_.cancel();
    if (side == Side::base) options.executable = request_.base_path;
    return options;
  }

  // One process, or with a base one of each side, in alternating order.
  void run(Slot& slot, std::uint32_t round) {
    if (sides() == 1) {
      run_side(slot, round, Side::candidate);
      return;
    }
    const Side first = round % 2 == 0 ? Side::candidate : Side::base;
    run_side(slot, round, first);
    run_side(slot, round, first == Side::base ? Side::candidate : Side::base);
  }

  void run_side(Slot& slot, std::uint32_t round, Side side) {
    if (slot.failed || watch_.stopped()) return;
    const Case& gate_case = slot.gate_case;
    watch_.tell(gate_case.op + " " + gate_case.shape + " on " +
                std::to_string(gate_case.compute_units) + " units, process " +
                std::to_string(round % 10'000 + 1) +
                (side == Side::base ? " of the base" : ""));
    Pair pair = slot.pair;
    // Only ours is made slower on purpose, and a control shows what is not.
    const bool gate =
        gate_case.kind == CaseKind::op || gate_case.kind == CaseKind::figure;
    pair.request.inject = side == Side::candidate && gate ? request_.inject : 0;
    std::vector<Comparison*> into;
    for (Comparison& one : side == Side::base ? slot.base : slot.now) {
      into.push_back(&one);
    }
    Build* const build = side == Side::base ? &session_.base_build : nullptr;
    const PairEnd end = run_process(pair, round, options(gate_case, side), into, build);
    slot.failed = end == PairEnd::failed;
    if (end == PairEnd::cancelled) watch_.stopped();  // of the last process too
    watch_.one_done();
  }

  bool wants(const Slot& slot,
             const std::function<bool(const Comparison&, const Comparison*)>& more) {
    if (slot.failed) return false;
    for (std::size_t i = 0; i < slot.now.size(); ++i) {
      if (is_control(slot.now[i])) continue;
      if (more(slot.now[i], sides() == 2 ? &slot.base[i] : nullptr)) return true;
    }
    return false;
  }

  void keep(const std::vector<std::string>& ids, const Slot& slot,
            const std::vector<Comparison>& from, std::vector<Comparison>& into) const {
    for (const Comparison& comparison : from) {
      if (std::ranges::find(ids, comparison.id) == ids.end()) continue;
      into.push_back(comparison);
      into.back().complete = slot.complete(request_.min_processes);
    }
  }

  const SessionRequest& request_;
  RunWatch watch_;
  std::vector<bool> matched_;  // of request_.only
  Session session_;
  std::deque<Slot> slots_;  // pairs point into their slots
  std::vector<Slot*> confirming_;
  using Key = std::pair<std::string, std::string>;
  std::map<Key, std::unique_ptr<Problem>> problems_;  // by op and shape
  std::map<Key, OracleAnswer> oracles_;               // by op and shape
  std::map<Key, LibraryAccount> accounts_;            // by library and device
};

SessionRun::SessionRun(const SessionRequest& request, const std::atomic<bool>& cancel,
                       const std::function<void(const RunProgress&)>& progress)
    : impl_(std::make_unique<Impl>(request, cancel, progress)) {}

SessionRun::~SessionRun() = default;

void SessionRun::measure(
    const std::function<bool(const Comparison& now, const Comparison* base)>&
        wants_more) {
  impl_->measure(wants_more);
}

void SessionRun::confirm(const std::vector<std::string>& ids) { impl_->confirm(ids); }

RunEnd SessionRun::end() const noexcept { return impl_->end(); }

const Session& SessionRun::session() const noexcept { return impl_->session(); }

}  // namespace assay::measure
