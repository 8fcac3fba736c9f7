// SPDX-License-Identifier: MIT
#include "regression/selftest/trial.h"

#include <bit>
#include <cmath>
#include <string>

#include "regression/judge/arms.h"
#include "regression/judge/statistics.h"
#include "regression/selftest/binomial.h"
#include "regression/selftest/edges.h"

namespace assay::selftest {
namespace {

constexpr double kSurprise = 1e-4;

// One gate from its baseline to its confirmation.
struct Gate {
  judge::GateReference reference;
  measure::Comparison stored;  // of the baseline, for the common rules
  measure::Comparison now;
  measure::Comparison confirmation;
  bool confirmed = false;
};

class Trial {
 public:
  Trial(const Scenario& scenario, const Statistics& statistics, Random& random,
        Counts& counts)
      : scenario_(scenario),
        statistics_(statistics),
        random_(random),
        counts_(counts) {}

  void run() {
    std::vector<Gate> gates(scenario_.gates);
    std::vector<SyntheticSession> live;
    for (Gate& gate : gates) {
      make_baseline(gate);
      live.emplace_back(scenario_.model, scenario_.change, statistics_.fixed_order(),
                        random_);
      measure(gate, live.back());
    }
    measure_control();
    std::vector<judge::GateJudged> judged = verdicts(gates);
    bool any = false;
    for (std::size_t i = 0; i < gates.size(); ++i) {
      if (!judged[i].wants_confirmation) continue;
      any = true;
      gates[i].confirmed = true;
      gates[i].confirmation = blank_comparison();
      live[i].end_episode();
      for (std::uint32_t p = 0; p < scenario_.min_processes; ++p) {
        live[i].add_process(gates[i].confirmation);
      }
    }
    if (any) {
      ++of(Quantity::candidates);
      judged = verdicts(gates);
    }
    ++counts_.sessions;
    for (std::size_t i = 0; i < gates.size(); ++i) count(gates[i], judged[i]);
  }

 private:
  std::uint64_t& of(Quantity quantity) {
    return counts_.of[static_cast<std::size_t>(quantity)];
  }

  void make_baseline(Gate& gate) {
    std::vector<std::vector<double>> sessions;
    std::vector<double> custom_costs;
    std::vector<double> library_costs;
    for (std::uint32_t s = 0; s < scenario_.baseline_sessions; ++s) {
      // What disturbed a baseline would not have been accepted.
      Model calm = scenario_.model;
      calm.episode_share = 0;
      calm.nan_share = 0;
      SyntheticSession session(calm, {}, statistics_.fixed_order(), random_);
      gate.stored = blank_comparison();
      for (std::uint32_t p = 0; p < scenario_.baseline_processes; ++p) {
        session.add_process(gate.stored);
      }
      sessions.push_back(statistics_.values(gate.stored, rules_.rules));
      const auto blocks = judge::usable_blocks(gate.stored, rules_.rules);
      custom_costs.push_back(judge::cost_of(gate.stored, blocks, judge::Arm::custom));
      library_costs.push_back(judge::cost_of(gate.stored, blocks, judge::Arm::library));
    }
    gate.reference = judge::reference_from_sessions(sessions);
    gate.reference.tier = scenario_.tier;
    gate.reference.custom_cost = judge::median(custom_costs);
    gate.reference.library_cost = judge::median(library_costs);
  }

  judge::GateInput input_of(const Gate& gate) const {
    judge::GateInput input;
    input.now = &gate.now;
    input.reference = &gate.reference;
    if (gate.confirmed) input.confirmation = &gate.confirmation;
    return input;
  }

  void measure(Gate& gate, SyntheticSession& session) {
    gate.now = blank_comparison();
    for (std::uint32_t p = 0; p < scenario_.max_processes; ++p) {
      if (p >= scenario_.min_processes &&
          !statistics_.wants_more(input_of(gate), rules_)) {
        break;
      }
      session.add_process(gate.now);
    }
  }

  // An implementation beside itself.
  void measure_control() {
    controls_.clear();
    if (!scenario_.has_control) return;
    constexpr Change kSame = {.library = -1.0 / 6};  // 1.2 ms of 1 ms
    SyntheticSession session(scenario_.model, kSame, statistics_.fixed_order(),
                             random_);
    control_ = blank_comparison();
    for (std::uint32_t p = 0; p < scenario_.min_processes; ++p) {
      session.add_process(control_);
    }
    controls_.push_back(&control_);
    const judge::Judged judged = judge::judge(control_, rules_.rules);
    if (!(judged.interval.low <= 1 && judged.interval.high >= 1)) {
      ++of(Quantity::control_misses);
    }
  }

  std::vector<judge::GateJudged> verdicts(const std::vector<Gate>& gates) const {
    std::vector<judge::GateInput> inputs;
    inputs.reserve(gates.size());
    for (const Gate& gate : gates) inputs.push_back(input_of(gate));
    return statistics_.verdicts(inputs, controls_, rules_);
  }

  void remember(std::uint64_t bits) {
    counts_.fingerprint = Random(counts_.fingerprint ^ bits).bits();
  }

  void count(const Gate& gate, const judge::GateJudged& judged) {
    ++counts_.gates;
    switch (judged.verdict) {
      case judge::Verdict::pass:
      case judge::Verdict::within_tolerance:
      case judge::Verdict::improved:
        ++of(Quantity::green);
        break;
      case judge::Verdict::regressed:
        ++of(Quantity::regressed);
        break;
      case judge::Verdict::library_changed:
        ++of(Quantity::library_changed);
        break;
      default:
        ++counts_.inconclusive;
    }
    const double truth =
        std::log1p(scenario_.change.custom) - std::log1p(scenario_.change.library);
    const judge::Drift& drift = judged.drift;
    const bool low = !(drift.low <= truth);
    const bool high = !(drift.high >= truth);
    if (low) ++of(Quantity::low_misses);
    if (high) ++of(Quantity::high_misses);
    if (low || high) ++of(Quantity::misses);
    if (!(drift.half_width <=
          judge::widest_half_width(judge::margins_of(judged.tier)))) {
      ++of(Quantity::undecidable);
    }
    for (const CommonRule rule : kAllCommonRules) {
      if (alarm(rule, gate.stored, gate.now)) {
        ++counts_.alarms[static_cast<std::size_t>(rule)];
      }
    }
    remember(static_cast<std::uint64_t>(judged.verdict));
    remember(std::bit_cast<std::uint64_t>(drift.low));
    remember(std::bit_cast<std::uint64_t>(drift.high));
  }

  const Scenario& scenario_;
  const Statistics& statistics_;
  Random& random_;
  Counts& counts_;
  judge::GateRules rules_;
  measure::Comparison control_;
  std::vector<const measure::Comparison*> controls_;
};

// Medians of skewed values whose true median is 0: a sign test asks for no symmetry.
void run_order_statistics(std::uint32_t trials, const Statistics& statistics,
                          Random& random, Counts& counts) {
  for (const std::size_t size : {8U, 16U}) {
    for (std::uint32_t i = 0; i < trials / 2; ++i) {
      std::vector<double> values(size);
      for (double& value : values) value = std::expm1(random.normal());
      const judge::Interval interval = statistics.median_interval(values, 0.95);
      ++counts.gates;
      if (!(interval.low <= 0 && interval.high >= 0)) {
        ++counts.of[static_cast<std::size_t>(Quantity::misses)];
      }
    }
  }
}

// The same for every statistics, so that they are compared on the same samples.
std::uint64_t seed_of(const Scenario& scenario) {
  std::uint64_t seed = 20240607;
  for (const char c : scenario.name) {
    seed = Random(seed ^ static_cast<unsigned char>(c)).bits();
  }
  return seed;
}

}  // namespace

std::uint64_t Counts::out_of(Quantity quantity) const {
  switch (quantity) {
    case Quantity::candidates:
    case Quantity::control_misses:
      return sessions;
    case Quantity::wrong_edges:
      return checks;
    default:
      return gates;
  }
}

Counts run_scenario(const Scenario& scenario, const Statistics& statistics,
                    std::uint32_t trials) {
  Counts counts;
  Random random(seed_of(scenario));
  const std::uint32_t count = trials == 0 ? scenario.trials : trials;
  switch (scenario.kind) {
    case Kind::sessions:
      for (std::uint32_t i = 0; i < count; ++i) {
        Trial(scenario, statistics, random, counts).run();
      }
      break;
    case Kind::order_statistics:
      run_order_statistics(count, statistics, random, counts);
      break;
    case Kind::edges: {
      const EdgeResult result = check_edges(statistics);
      counts.checks = result.checks;
      counts.of[static_cast<std::size_t>(Quantity::wrong_edges)] = result.wrong;
      break;
    }
  }
  return counts;
}

bool holds(const Bar& bar, const Counts& counts) {
  const std::uint64_t count = counts.at(bar.quantity);
  const std::uint64_t all = counts.out_of(bar.quantity);
  switch (bar.sense) {
    case Sense::at_most:
      if (bar.limit == 0) return count == 0;
      return binomial_at_least(count, all, bar.limit) >= kSurprise;
    case Sense::at_least:
      if (bar.limit == 1) return count == all;
      return binomial_at_most(count, all, bar.limit) >= kSurprise;
    case Sense::balanced:
      return balance_p_value(count, counts.at(Quantity::high_misses)) >= kSurprise;
  }
  return false;
}

}  // namespace assay::selftest
