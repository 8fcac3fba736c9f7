// SPDX-License-Identifier: MIT
#include "regression/selftest/scenario.h"

namespace assay::selftest {
namespace {

using judge::Tier;
using enum Quantity;
using enum Sense;

// The default model is a quiet gate of the shared 2-core machine (docs/gate.md): 0.45 %
// between processes, 0.13 % between sessions, 8 % of speed that moves under both arms.

// A loud one: large power-of-two shapes, whose pages fall differently each time.
constexpr Model kLoud = {.session_speed_sd = 0.08,
                         .session_ratio_sd = 0.005,
                         .process_ratio_sd = 0.010,
                         .spike_share = 0.08,
                         .spike = 0.5};
// 2.5 times as loud: no tier can decide such a gate in ten processes.
constexpr Model kWild = {.session_ratio_sd = 0.015,
                         .process_ratio_sd = 0.025,
                         .spike_share = 0.08,
                         .spike = 0.5};
constexpr Model kDrifting = {.session_speed_sd = 0.15,
                             .drift_sd = 0.08,
                             .drift_correlation = 0.97,
                             .trend = 0.0005};
constexpr Model kThrottled = {.throttle = 0.2, .throttle_switch = 0.03};
constexpr Model kSpiky = {.spike_share = 0.05, .spike = 0.5};
constexpr Model kTwoModes = {.slow_mode_share = 0.3, .slow_mode = 0.02};
constexpr Model kTied = {.epoch_sd = 0.002, .drift_sd = 0, .grain = 0.004};
constexpr Model kWandering = {.block_sd = 0.01, .block_correlation = 0.8};
constexpr Model kProcesses = {.session_ratio_sd = 0.001, .process_ratio_sd = 0.02};
constexpr Model kSessions = {.session_ratio_sd = 0.008, .process_ratio_sd = 0.004};
constexpr Model kStormy = {.session_ratio_sd = 0.02, .process_ratio_sd = 0.01};
constexpr Model kAtTheFloor = {.session_ratio_sd = 0.003, .process_ratio_sd = 0.01};

constexpr double kAlpha = 0.025;

std::vector<Bar> no_false_alarm() {
  return {{regressed, at_most, 0},
          {green, at_least, 0.95},
          {misses, at_most, 2 * kAlpha},
          {low_misses, balanced, 0}};
}

Scenario scenario(std::string_view name, const Model& model, double slower, Tier tier,
                  std::vector<Bar> bars) {
  Scenario row;
  row.name = name;
  row.model = model;
  row.change.custom = slower;
  row.tier = tier;
  row.bars = std::move(bars);
  return row;
}

// What a gate promises at its margins: hardly ever red at the first, hardly ever green
// at the second, red at twice the second.
void add_promises(std::vector<Scenario>& table, std::string_view at_first,
                  std::string_view at_second, std::string_view at_twice,
                  const Model& model, Tier tier) {
  const judge::Margins margins = judge::margins_of(tier);
  table.push_back(
      scenario(at_first, model, margins.indifference, tier,
               {{regressed, at_most, 2 * kAlpha}, {low_misses, at_most, kAlpha}}));
  table.push_back(scenario(at_second, model, margins.tolerance, tier,
                           {{green, at_most, kAlpha}, {high_misses, at_most, kAlpha}}));
  table.push_back(scenario(at_twice, model, 2 * margins.tolerance, tier,
                           {{regressed, at_least, 0.95}, {green, at_most, 0}}));
}

void add_noises(std::vector<Scenario>& table) {
  table.push_back(scenario("machine drift", kDrifting, 0, Tier::tight,
                           {{regressed, at_most, 0},
                            {green, at_least, 0.95},
                            {undecidable, at_most, 0.10}}));
  // About once a process the machine's speed jumps: within a block both arms meet it,
  // over a process each arm's median may land on either side.
  table.push_back(scenario("throttling", kThrottled, 0, Tier::tight,
                           {{regressed, at_most, 0},
                            {green, at_least, 0.95},
                            {undecidable, at_most, 0.10}}));
  table.push_back(scenario("spikes", kSpiky, 0, Tier::tight, no_false_alarm()));
  table.push_back(scenario("two modes", kTwoModes, 0, Tier::tight, no_false_alarm()));
  table.push_back(scenario("coarse clock", kTied, 0, Tier::tight, no_false_alarm()));
  table.push_back(
      scenario("wandering blocks", kWandering, 0, Tier::tight, no_false_alarm()));
  // A patient baseline: the spread of its sessions' means tells little of what five
  // processes of today may do, so a wrong unit cannot hide behind the session term.
  Scenario processes = scenario("processes differ", kProcesses, 0.03, Tier::standard,
                                {{misses, at_most, 2 * kAlpha},
                                 {low_misses, at_most, kAlpha},
                                 {high_misses, at_most, kAlpha}});
  processes.baseline_processes = 20;
  table.push_back(processes);
  // Where nothing is assumed the interval misses as often as it says: no more, and,
  // being no wider than need be, not much less.
  table.push_back(scenario("sessions differ", kSessions, 0.03, Tier::standard,
                           {{regressed, at_most, 2 * kAlpha},
                            {misses, at_most, 2 * kAlpha},
                            {misses, at_least, kAlpha},
                            {low_misses, balanced, 0}}));
  table.back().trials = 1000;
  table.push_back(scenario("at the floor", kAtTheFloor, 0, Tier::standard,
                           {{misses, at_most, 2 * kAlpha}, {low_misses, balanced, 0}}));
  Scenario young =
      scenario("three sessions", kLoud, 0.03, Tier::standard,
               {{regressed, at_most, 2 * kAlpha}, {misses, at_most, 2 * kAlpha}});
  young.baseline_sessions = 3;
  table.push_back(young);
  table.push_back(scenario("wild machine", kWild, 0, Tier::standard,
                           {{regressed, at_most, 0}, {misses, at_most, 2 * kAlpha}}));
}

void add_defences(std::vector<Scenario>& table) {
  Scenario order = scenario("first-position penalty", {.first_position = 0.02}, 0,
                            Tier::tight, no_false_alarm());
  order.has_control = true;
  order.bars.push_back({control_misses, at_most, 2 * kAlpha});
  table.push_back(order);

  // Noise for which five processes are nearly enough, and forty allowed: a rule that
  // stops when it likes what it sees has 36 chances,
  // all of them on one side.
  Scenario patience = scenario(
      "patience", {.session_ratio_sd = 0.001, .process_ratio_sd = 0.03}, 0.03,
      Tier::standard, {{low_misses, at_most, kAlpha}, {low_misses, balanced, 0}});
  patience.baseline_sessions = 8;
  patience.baseline_processes = 10;
  patience.max_processes = 40;
  patience.trials = 700;
  table.push_back(patience);

  // All gates at the first margin at once: the worst of the null hypotheses. Sessions
  // are the noise, where the interval misses as often as it says.
  Scenario family = scenario("forty gates", kStormy, 0.03, Tier::standard,
                             {{candidates, at_most, 0.05}});
  family.gates = 40;
  family.trials = 80;
  family.max_processes = 5;
  table.push_back(family);

  table.push_back(scenario("episodes", {.episode_share = 0.3, .episode = 0.2}, 0,
                           Tier::tight, {{regressed, at_most, 0}}));
  table.push_back(scenario("NaN", {.nan_share = 0.3}, 0, Tier::tight,
                           {{regressed, at_most, 0}, {green, at_most, 0.25}}));

  Scenario slower_library =
      scenario("library slower", {}, 0, Tier::tight, {{library_changed, at_least, 1}});
  slower_library.change.library = 0.4;
  slower_library.needs_guards = true;
  table.push_back(slower_library);
  Scenario both = scenario("both arms slower", {}, 0.4, Tier::tight,
                           {{green, at_most, 0}, {regressed, at_most, 0}});
  both.change.library = 0.4;
  both.needs_guards = true;
  table.push_back(both);
}

std::vector<Scenario> make_table() {
  std::vector<Scenario> table;
  table.push_back(scenario("quiet, unchanged", {}, 0, Tier::tight, no_false_alarm()));
  add_promises(table, "quiet, +2 %", "quiet, +5 %", "quiet, +10 %", {}, Tier::tight);
  table.push_back(
      scenario("loud, unchanged", kLoud, 0, Tier::standard, no_false_alarm()));
  add_promises(table, "loud, +3 %", "loud, +10 %", "loud, +20 %", kLoud,
               Tier::standard);
  add_noises(table);
  add_defences(table);

  Scenario ranks;
  ranks.name = "order statistics";
  ranks.kind = Kind::order_statistics;
  ranks.trials = 4000;
  ranks.bars = {{misses, at_most, 0.05}};
  table.push_back(ranks);
  Scenario edges;
  edges.name = "exact edges";
  edges.kind = Kind::edges;
  edges.trials = 1;
  edges.bars = {{wrong_edges, at_most, 0}};
  table.push_back(edges);
  return table;
}

}  // namespace

std::string_view to_string(Quantity quantity) noexcept {
  switch (quantity) {
    case green:
      return "green";
    case regressed:
      return "regressed";
    case library_changed:
      return "library changed";
    case undecidable:
      return "too wide to decide";
    case low_misses:
      return "interval above the truth";
    case high_misses:
      return "interval below the truth";
    case misses:
      return "interval misses the truth";
    case candidates:
      return "sessions with a candidate";
    case control_misses:
      return "control's interval leaves 1 out";
    case wrong_edges:
      return "wrong at an exact edge";
  }
  return "unknown";
}

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> table = make_table();
  return table;
}

const Scenario* find_scenario(std::string_view name) {
  for (const Scenario& scenario : scenarios()) {
    if (scenario.name == name) return &scenario;
  }
  return nullptr;
}

}  // namespace assay::selftest
