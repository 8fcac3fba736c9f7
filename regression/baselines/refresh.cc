// SPDX-License-Identifier: MIT
#include "regression/baselines/refresh.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "regression/baselines/figures.h"
#include "regression/baselines/measured_gate.h"
#include "regression/baselines/ratchet.h"
#include "regression/baselines/reasons.h"
#include "regression/baselines/session_checks.h"

namespace assay::baselines {
namespace {

using Sessions = std::vector<const RecordedSession*>;

class Refresh {
 public:
  Refresh(const std::optional<Baseline>& old, const RefreshOptions& options)
      : old_(old), options_(options) {}

  Proposal make(Sessions sessions, const std::string& old_sha256) {
    proposal_.replaces_sha256 = old_sha256;
    std::ranges::stable_sort(sessions, {}, [](const RecordedSession* recorded) {
      return recorded->session.results.utc;
    });
    for (std::string& problem : session_problems(sessions, options_)) {
      refuse(std::move(problem));
    }
    if (sessions.empty()) return std::move(proposal_);
    start(sessions);
    if (!proposal_.refusals.empty()) return std::move(proposal_);
    for (const std::string& id : options_.gate_ids) add_gate(id, sessions);
    check_what_is_left();
    drop_gates();
    tell_unknown(sessions);
    finish();
    return std::move(proposal_);
  }

 private:
  void refuse(std::string reason, bool loosens = false) {
    proposal_.refusals.push_back({loosens, std::move(reason)});
  }
  void note(std::string text) { proposal_.notes.push_back(std::move(text)); }

  // What all gates share.
  void start(const Sessions& sessions) {
    const measure::Session& newest = sessions.back()->session;
    const measure::Build& build = newest.results.build;
    Baseline& made = proposal_.baseline;
    made.suite = newest.suite;
    made.host = host_class_of(newest.results.machine, build);
    made.provenance = {build.commit, build.version, build.compiler, {}};
    for (const RecordedSession* recorded : sessions) {
      const measure::Session& session = recorded->session;
      std::uint32_t fewest = UINT32_MAX;
      for (const measure::Comparison& comparison : session.results.comparisons) {
        if (measure::is_control(comparison)) continue;
        fewest =
            std::min(fewest, static_cast<std::uint32_t>(comparison.processes.size()));
      }
      proposal_.sessions.push_back({session.results.utc, session.results.build.commit,
                                    recorded->sha256, fewest,
                                    six_digits(steal_share(session))});
    }
    if (options_.min_gap_s != kMinGapSeconds) {
      note(fmt::format("sessions may be {} s apart, instead of {}", options_.min_gap_s,
                       kMinGapSeconds));
    }
    if (options_.ancestry == Ancestry::unknown) {
      note(fmt::format("no git here: nobody looked whether {} is an ancestor of HEAD",
                       build.commit));
    }
    if (old_) check_old();
  }

  void check_old() {
    const Baseline& made = proposal_.baseline;
    if (old_->suite != made.suite) {
      refuse(
          fmt::format("the baseline there is of the suite '{}', the sessions are of "
                      "'{}': move the file away in a reviewed commit",
                      old_->suite, made.suite));
    }
    for (const std::string& difference : hard_differences(old_->host, made.host)) {
      refuse(
          fmt::format("the baseline there is of another host class: {}: remove it in "
                      "a reviewed commit, then propose a new one",
                      difference));
    }
  }

  void add_gate(const std::string& id, const Sessions& sessions) {
    MeasuredGate measured = measure_gate(id, sessions, options_.rules);
    for (std::string& problem : measured.problems) refuse(std::move(problem));
    if (!measured.problems.empty()) return;

    GateChange change;
    change.gate = id;
    change.after = figures_of(measured.reference, options_.rules);
    change.tier = measured.reference.tier;
    change.processes = measured.reference.processes;
    change.sessions = measured.reference.sessions;
    if (!measured.noise.empty()) {
      leave_out(std::move(measured), std::move(change));
      return;
    }
    check_needed(id, measured);
    const std::string& commit = proposal_.baseline.provenance.commit;
    GateEntry entry;
    entry.reference = measured.reference;
    entry.library = measured.library;
    entry.commit = commit;
    const LeftOut* out = old_left_out(id);
    const GateEntry* before = old_entry(id);
    if (out != nullptr && out->loosened) before = &out->loosened->last;
    if (before == nullptr) {
      change.change = Change::added;
      entry.anchor = {entry.reference.log_ratio, commit};
    } else {
      Ratcheted made = ratchet(*before, std::move(entry), std::move(change),
                               accepted_reason(options_, id), options_.rules);
      for (std::string& refusal : made.refusals) refuse(std::move(refusal), true);
      entry = std::move(made.entry);
      change = std::move(made.change);
    }
    if (change.change == Change::kept) commits_.insert(entry.commit);
    if (out != nullptr) restore(*out, measured, change);
    proposal_.changes.push_back(std::move(change));
    proposal_.baseline.gates.emplace(id, std::move(entry));
  }

  const GateEntry* old_entry(const std::string& id) const {
    if (!old_) return nullptr;
    const auto found = old_->gates.find(id);
    return found == old_->gates.end() ? nullptr : &found->second;
  }

  const LeftOut* old_left_out(const std::string& id) const {
    if (!old_) return nullptr;
    const auto found = old_->left_out.find(id);
    return found == old_->left_out.end() ? nullptr : &found->second;
  }

  // A gate that is known too badly: out with a reason, still out, or refused.
  void leave_out(MeasuredGate measured, GateChange change) {
    const LeftOut* out = old_left_out(change.gate);
    const GateEntry* before = old_entry(change.gate);
    if (before != nullptr)
      change.before = figures_of(before->reference, options_.rules);
    const auto given = options_.left_out.find(change.gate);
    const bool asked = given != options_.left_out.end();
    if (out != nullptr && !asked) {
      change.change = Change::still_left_out;
      change.reason = out->reason;
      commits_.insert(out->commit);
      if (out->loosened) commits_.insert(out->loosened->last.commit);
      proposal_.baseline.left_out.emplace(change.gate, *out);
      proposal_.changes.push_back(std::move(change));
      return;
    }
    if (!std::isfinite(measured.half_width) || !asked) {
      for (std::string& noise : measured.noise) refuse(std::move(noise));
    }
    // No figure to leave it out for: too few processes, which more of them mend.
    if (!std::isfinite(measured.half_width)) return;
    const std::string* reason = accepted_reason(options_, change.gate);
    const bool unaccepted = before != nullptr && reason == nullptr;
    proposal_.too_noisy.push_back({change.gate, !asked, unaccepted});
    if (!asked) return;
    if (unaccepted) {
      refuse(fmt::format("{}: the baseline there has it, and without it nobody sees it "
                         "become slower: mend it, or give --accept {}={}, too",
                         change.gate, change.gate, kReasonPlaceholder),
             true);
      return;
    }
    LeftOut made = record_of(measured.reference, given->second);
    if (out != nullptr) made.loosened = out->loosened;
    if (before != nullptr) made.loosened = {*reason, made.commit, *before};
    if (made.loosened) commits_.insert(made.loosened->last.commit);
    change.change = Change::left_out;
    change.reason = made.reason;
    proposal_.baseline.left_out.emplace(change.gate, std::move(made));
    proposal_.changes.push_back(std::move(change));
  }

  LeftOut record_of(const judge::GateReference& measured, const std::string& reason) {
    LeftOut made;
    made.reason = reason;
    made.noise.process_sd = measured.process_sd;
    made.noise.session_sd = measured.session_sd;
    made.noise.processes = measured.processes;
    made.noise.sessions = measured.sessions;
    made.commit = proposal_.baseline.provenance.commit;
    return made;
  }

  void check_needed(const std::string& id, const MeasuredGate& measured) {
    if (!options_.left_out.contains(id)) return;
    refuse(
        fmt::format("{}: a fresh run would know its slowdown to +-{:.2f} %, and can "
                    "decide at {:.2f} %: it is not left out: take --leave-out {} off",
                    id, 100 * measured.half_width, 100 * half_width_limit(), id),
        true);
  }

  // A gate that was left out and would do. What the ratchet found that needs a person
  // stays what is told first.
  void restore(const LeftOut& out, const MeasuredGate& measured, GateChange& change) {
    note(
        fmt::format("{} was left out ({}) and would do now: a fresh run would know its "
                    "slowdown to +-{:.2f} %: it is back",
                    change.gate, out.reason, 100 * measured.half_width));
    if (change.change == Change::slower || change.change == Change::library_changed) {
      return;
    }
    change.change = Change::restored;
  }

  // A baseline that leaves out everything would be none that looks like one.
  void check_what_is_left() {
    const std::size_t out =
        proposal_.too_noisy.size() +
        static_cast<std::size_t>(std::ranges::count(
            proposal_.changes, Change::still_left_out, &GateChange::change));
    if (out == 0 || out < options_.gate_ids.size()) return;
    refuse(
        fmt::format("all {} gates are known too badly, and a baseline that leaves "
                    "out every gate is none: record on a quieter machine",
                    out));
    proposal_.too_noisy.clear();
  }

  void drop_gates() {
    if (!old_) return;
    for (const auto& [id, entry] : old_->gates) {
      if (std::ranges::find(options_.gate_ids, id) != options_.gate_ids.end()) continue;
      GateChange change;
      change.gate = id;
      change.change = Change::dropped;
      change.before = figures_of(entry.reference, options_.rules);
      change.tier = entry.reference.tier;
      change.processes = entry.reference.processes;
      change.sessions = entry.reference.sessions;
      proposal_.changes.push_back(std::move(change));
    }
    for (const auto& [id, out] : old_->left_out) {
      if (std::ranges::find(options_.gate_ids, id) != options_.gate_ids.end()) continue;
      GateChange change;
      change.gate = id;
      change.change = Change::dropped;
      change.processes = out.noise.processes;
      change.sessions = out.noise.sessions;
      proposal_.changes.push_back(std::move(change));
    }
  }

  void tell_unknown(const Sessions& sessions) {
    std::set<std::string> unknown;
    for (const RecordedSession* recorded : sessions) {
      for (const measure::Comparison& comparison :
           recorded->session.results.comparisons) {
        if (measure::is_control(comparison)) continue;
        if (std::ranges::find(options_.gate_ids, comparison.id) !=
            options_.gate_ids.end()) {
          continue;
        }
        unknown.insert(comparison.id);
      }
    }
    for (const std::string& id : unknown) {
      note(fmt::format("{} was measured and is not in the registry: left out", id));
    }
  }

  void finish() {
    std::ranges::stable_sort(proposal_.changes,
                             [](const GateChange& a, const GateChange& b) {
                               if (a.change != b.change) return a.change < b.change;
                               return a.slowdown > b.slowdown;
                             });
    const bool all_kept =
        std::ranges::all_of(proposal_.changes, [](const GateChange& c) {
          return c.change == Change::kept || c.change == Change::still_left_out;
        });
    if (old_ && all_kept) {
      proposal_.baseline = *old_;
      return;
    }
    // Where each number in the file comes from: earlier sessions stay as long as a kept
    // number stands on them.
    Provenance& provenance = proposal_.baseline.provenance;
    provenance.sessions = proposal_.sessions;
    if (!old_) return;
    for (const SessionRecord& session : old_->provenance.sessions) {
      const bool again =
          std::ranges::find(proposal_.sessions, session.sha256,
                            &SessionRecord::sha256) != proposal_.sessions.end();
      if (!again && commits_.contains(session.commit)) {
        provenance.sessions.push_back(session);
      }
    }
    std::ranges::stable_sort(provenance.sessions, {}, &SessionRecord::utc);
  }

  const std::optional<Baseline>& old_;
  const RefreshOptions& options_;
  Proposal proposal_;
  std::set<std::string> commits_;  // of old numbers that stay
};

}  // namespace

Proposal propose(std::span<const RecordedSession> sessions,
                 const std::optional<Baseline>& old, const std::string& old_sha256,
                 const RefreshOptions& options) {
  check_reasons(options);
  Sessions ordered;
  ordered.reserve(sessions.size());
  for (const RecordedSession& session : sessions) ordered.push_back(&session);
  return Refresh(old, options).make(std::move(ordered), old_sha256);
}

}  // namespace assay::baselines
