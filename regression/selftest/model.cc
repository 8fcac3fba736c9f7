// SPDX-License-Identifier: MIT
#include "regression/selftest/model.h"

#include <algorithm>
#include <cmath>

#include "regression/judge/limits.h"

namespace assay::selftest {
namespace {

// One iteration of 1e8 operations in 1 ms (custom) or 1.2 ms, of a peak of 267 GFLOP/s:
// far enough below the peak that no noise of a model is implausible.
constexpr double kCustomNs = 1e6;
constexpr double kLibraryNs = 1.2e6;
constexpr double kFlops = 1e8;
constexpr double kPeakGflops = 267;
using judge::kNaN;

measure::ArmCheck good_check() {
  return {.ok = true, .worst = 0.25, .checked = 1000, .detail = ""};
}

// The next value of a stationary AR(1) process with standard deviation `sd`.
double next(double value, double correlation, double sd, Random& random) {
  if (sd == 0) return 0;
  return correlation * value +
         sd * std::sqrt(1 - correlation * correlation) * random.normal();
}

}  // namespace

measure::Comparison blank_comparison() {
  measure::Comparison comparison;
  comparison.id = "synthetic";
  comparison.flops = kFlops;
  comparison.custom.implementation = "custom";
  comparison.library.implementation = "library";
  comparison.audit.threads = 1;
  return comparison;
}

SyntheticSession::SyntheticSession(const Model& model, const Change& change,
                                   bool fixed_order, Random& random)
    : model_(model),
      change_(change),
      fixed_order_(fixed_order),
      random_(&random),
      speed_(model.session_speed_sd * random.normal()),
      ratio_(model.session_ratio_sd * random.normal()),
      drift_(model.drift_sd * random.normal()) {
  if (model.episode_share > 0 && random.chance(model.episode_share)) {
    episode_ = std::log1p(model.episode);
  }
}

double SyntheticSession::epoch_time(bool is_custom, int position, double ratio_effect) {
  drift_ = next(drift_, model_.drift_correlation, model_.drift_sd, *random_);
  trend_ += model_.trend;
  double log_time = speed_ + drift_ + trend_ + model_.epoch_sd * random_->normal();
  if (is_custom) log_time += ratio_effect + std::log1p(change_.custom) + episode_;
  if (!is_custom) log_time += std::log1p(change_.library);
  if (model_.throttle > 0) {
    if (random_->chance(model_.throttle_switch)) throttled_ = !throttled_;
    if (throttled_) log_time += std::log1p(model_.throttle);
  }
  if (position == 0) log_time += std::log1p(model_.first_position);
  if (model_.spike_share > 0 && random_->chance(model_.spike_share)) {
    log_time += std::log1p(model_.spike);
  }
  const double time = (is_custom ? kCustomNs : kLibraryNs) * std::exp(log_time);
  if (model_.grain == 0) return time;
  const double grain = model_.grain * kCustomNs;
  return std::round(time / grain) * grain;
}

void SyntheticSession::add_block(double ratio_effect,
                                 measure::ProcessSamples& process) {
  measure::Block& block = process.blocks.emplace_back();
  block.custom_first = fixed_order_ || random_->chance(0.5);
  for (int position = 0; position < 4; ++position) {
    const bool outer = position == 0 || position == 3;
    const bool is_custom = outer == block.custom_first;
    auto& times = is_custom ? block.custom_ns : block.library_ns;
    times[position < 2 ? 0 : 1] = epoch_time(is_custom, position, ratio_effect);
  }
}

// The FMA loop meets the same clock as the arms.
double SyntheticSession::peak() const {
  const double slower = speed_ + drift_ + trend_;
  return kPeakGflops * std::exp(-slower) / (throttled_ ? 1 + model_.throttle : 1);
}

void SyntheticSession::add_process(measure::Comparison& comparison) {
  measure::ProcessSamples& process = comparison.processes.emplace_back();
  process.iterations = 10;
  process.custom_check = good_check();
  process.library_check = good_check();
  const double peak_before = peak();
  process.peak_gbs = 20;
  double effect = ratio_ + model_.process_ratio_sd * random_->normal();
  if (model_.slow_mode_share > 0 && random_->chance(model_.slow_mode_share)) {
    effect += std::log1p(model_.slow_mode);
  }
  double wander = model_.block_sd * random_->normal();
  process.blocks.reserve(kBlocks);
  for (std::uint32_t b = 0; b < kBlocks; ++b) {
    add_block(effect + wander, process);
    wander = next(wander, model_.block_correlation, model_.block_sd, *random_);
  }
  process.peak_gflops = std::max(peak_before, peak());
  if (model_.nan_share > 0 && random_->chance(model_.nan_share)) {
    process.blocks.back().custom_ns[1] = kNaN;
  }
}

}  // namespace assay::selftest
