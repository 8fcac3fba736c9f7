// SPDX-License-Identifier: MIT
// What the offline suite tests: the judge, or something in its place that the suite
// must tell from it.
#ifndef ASSAY_REGRESSION_SELFTEST_STATISTICS_UNDER_TEST_H_
#define ASSAY_REGRESSION_SELFTEST_STATISTICS_UNDER_TEST_H_

#include <span>
#include <string_view>
#include <vector>

#include "regression/judge/gate.h"

namespace assay::selftest {

class Statistics {
 public:
  virtual ~Statistics() = default;
  virtual std::string_view name() const = 0;
  // Whether blocks are measured in one order, custom first: the sampler's part.
  virtual bool fixed_order() const { return false; }

  // The units of replication of a comparison, for a baseline.
  virtual std::vector<double> values(const measure::Comparison& comparison,
                                     const judge::Rules& rules) const = 0;
  virtual bool wants_more(const judge::GateInput& gate,
                          const judge::GateRules& rules) const = 0;
  virtual std::vector<judge::GateJudged> verdicts(
      std::span<const judge::GateInput> gates,
      std::span<const measure::Comparison* const> controls,
      const judge::GateRules& rules) const = 0;

  // The pieces whose edges are exact.
  virtual judge::Zone zone(const judge::Drift& drift,
                           const judge::Margins& margins) const = 0;
  virtual std::vector<bool> family(std::span<const double> p_values,
                                   double alpha) const = 0;
  virtual judge::Interval median_interval(std::span<const double> values,
                                          double confidence) const = 0;
};

// The judge as it is; with `fixed_order`, fed by a sampler that does not shuffle.
class JudgeStatistics final : public Statistics {
 public:
  explicit JudgeStatistics(bool fixed_order = false) : fixed_order_(fixed_order) {}
  std::string_view name() const override;
  bool fixed_order() const override { return fixed_order_; }
  std::vector<double> values(const measure::Comparison& comparison,
                             const judge::Rules& rules) const override;
  bool wants_more(const judge::GateInput& gate,
                  const judge::GateRules& rules) const override;
  std::vector<judge::GateJudged> verdicts(
      std::span<const judge::GateInput> gates,
      std::span<const measure::Comparison* const> controls,
      const judge::GateRules& rules) const override;
  judge::Zone zone(const judge::Drift& drift,
                   const judge::Margins& margins) const override;
  std::vector<bool> family(std::span<const double> p_values,
                           double alpha) const override;
  judge::Interval median_interval(std::span<const double> values,
                                  double confidence) const override;

 private:
  bool fixed_order_;
};

// The same decisions, put together again from the judge's public pieces, so that one of
// them can be another. Knows no guards and no watches. With every piece as it is, its
// verdicts are the judge's (a test says so), so a mutant differs by its mutation alone.
struct Pieces {
  std::string_view name = "rebuilt";
  std::vector<double> (*values)(const measure::Comparison&,
                                const judge::Rules&) = judge::process_log_ratios;
  judge::Drift (*drift)(std::span<const double>, const judge::GateReference&,
                        const judge::GateRules&) = judge::drift_from_baseline;
  // Whether measuring goes on.
  bool (*wants_more)(const judge::Drift&, const judge::Margins&) = nullptr;
  judge::Zone (*zone)(const judge::Drift&,
                      const judge::Margins&) noexcept = judge::zone_of;
  std::vector<bool> (*family)(std::span<const double>, double) = judge::holm;
  judge::Interval (*median_interval)(std::span<const double>,
                                     double) = judge::sign_test_interval;
  bool confirms = true;
};

class RebuiltStatistics final : public Statistics {
 public:
  explicit RebuiltStatistics(const Pieces& pieces) : pieces_(pieces) {}
  std::string_view name() const override { return pieces_.name; }
  std::vector<double> values(const measure::Comparison& comparison,
                             const judge::Rules& rules) const override;
  bool wants_more(const judge::GateInput& gate,
                  const judge::GateRules& rules) const override;
  std::vector<judge::GateJudged> verdicts(
      std::span<const judge::GateInput> gates,
      std::span<const measure::Comparison* const> controls,
      const judge::GateRules& rules) const override;
  judge::Zone zone(const judge::Drift& drift,
                   const judge::Margins& margins) const override;
  std::vector<bool> family(std::span<const double> p_values,
                           double alpha) const override;
  judge::Interval median_interval(std::span<const double> values,
                                  double confidence) const override;

 private:
  judge::Drift drift_of(const measure::Comparison& comparison,
                        const judge::GateInput& gate,
                        const judge::GateRules& rules) const;

  Pieces pieces_;
};

}  // namespace assay::selftest

#endif  // ASSAY_REGRESSION_SELFTEST_STATISTICS_UNDER_TEST_H_
