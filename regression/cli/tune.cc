// SPDX-License-Identifier: MIT
// `assay tune`: are there block sizes that suit this machine better than the formula's?
#include "regression/measure/tune.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/registry.h"
#include "regression/cli/commands.h"
#include "regression/cli/console.h"
#include "regression/cli/options.h"
#include "regression/judge/statistics.h"
#include "regression/judge/verdict.h"
#include "regression/measure/choices.h"
#include "regression/measure/pair_run.h"
#include "regression/measure/shared_expected.h"

namespace assay::cli {
namespace {

struct TuneOptions {
  std::string op;
  std::string implementation;
  std::string device = "vgpu://";
  std::uint32_t threads = 0;
  std::string shapes = "2048x2048x2048:tn";
  std::uint32_t rounds = 8;
  double epoch_ms = 10;
  double least_percent = 1;
  bool dry_run = false;
};

// Rounds in which a candidate has to show that it is worth the others.
constexpr std::uint32_t kScreeningRounds = 2;

// What is measured on: one problem for each shape, with its oracle's answer.
struct Subject {
  std::unique_ptr<Problem> problem;
  Expected expected;
};

// One candidate over all shapes and rounds.
struct Candidate {
  std::string text;
  std::vector<double> log_ratios;  // of a round: the mean over the shapes
  double ratio() const { return std::exp(judge::mean(log_ratios)); }
};

class Tuner {
 public:
  explicit Tuner(const TuneOptions& options, const Context& context)
      : options_(options),
        op_(measure::named_op(context.ops, options.op)),
        device_(open_device(with_threads(options.device, options.threads))),
        row_(row_of(op_, options.implementation)) {
    for (const std::string& shape : split_list(options.shapes, "--shapes")) {
      add(shape);
    }
  }

  int run() {
    const std::vector<std::string> others =
        row_.other_choices(device_->caps(), own_->text);
    if (others.empty()) invalid("nothing to choose from beside " + own_->text);
    for (const std::string& text : others) {
      candidates_.push_back({text, {}});
      measure(candidates_.back(), kScreeningRounds);
      if (!wrong_.empty()) return report_wrong();
      stop_if_interrupted();
    }
    // Judged by rounds of its own: the best of many is also the luckiest.
    best_.text = largest().text;
    measure(best_, options_.rounds);
    if (!wrong_.empty()) return report_wrong();
    stop_if_interrupted();
    progress_.clear();
    print(table() + keep());
    return judge::exit_code::kPass;
  }

 private:
  static const Implementation& row_of(const Op& op, const std::string& name) {
    const Implementation* found = nullptr;
    for (const Implementation& row : op.implementations()) {
      if (!name.empty() && row.name != name) continue;
      if (row.other_choices != nullptr) found = &row;
    }
    if (found != nullptr) return *found;
    invalid(name.empty() ? std::string(op.name()) + " has no choices to tune"
                         : "'" + name + "' of " + std::string(op.name()) +
                               " does not exist or has no choices to tune");
  }

  void add(const std::string& shape) {
    auto problem = op_.make_problem(shape, DType::f32);
    auto own = measure::own_choice(*device_, row_, *problem);
    if (!own) {
      invalid(shape + ": " + std::string(row_.name) +
              " makes no choice for such a shape; give a larger one, or "
              "another that docs/tune.md names");
    }
    if (own_ && !(own_->key == own->key)) {
      invalid(shape + ": another choice than for the first shape; tune them apart");
    }
    own_ = std::move(own);
    Expected expected = measure::compute_expected(*problem, DataFamily::uniform, 1);
    subjects_.push_back({std::move(problem), std::move(expected)});
  }

  void measure(Candidate& candidate, std::uint32_t rounds) {
    measure::SamplerOptions sampler;
    sampler.blocks = 2;
    sampler.epoch_ms = options_.epoch_ms;
    for (std::uint32_t round = 0; round < rounds && !interrupted(); ++round) {
      progress_.show(
          fmt::format("{}: round {} of {}", candidate.text, round + 1, rounds));
      double sum = 0;
      for (const Subject& subject : subjects_) {
        sampler.seed = ++seed_;
        const measure::Duel duel =
            measure::duel(device_, row_, *subject.problem, subject.expected, own_->text,
                          candidate.text, sampler);
        if (wrong_.empty()) wrong_ = duel.wrong;
        std::vector<double> blocks;
        for (const measure::Block& block : duel.blocks) {
          blocks.push_back(judge::block_log_ratio(block));
        }
        sum += judge::median(blocks);
      }
      candidate.log_ratios.push_back(sum / static_cast<double>(subjects_.size()));
    }
  }

  const Candidate& largest() const {
    const Candidate* best = &candidates_.front();
    for (const Candidate& candidate : candidates_) {
      if (candidate.ratio() > best->ratio()) best = &candidate;
    }
    return *best;
  }

  int report_wrong() {
    progress_.clear();
    print("wrong result: " + wrong_ + "\nnothing is kept\n");
    return judge::exit_code::kWrong;
  }

  std::string table() const {
    std::string text = fmt::format(
        "{} {} on {}, {}\n\n  {:<38}{:>6}  time of the default / its own\n"
        "  {:<38}{:>6}  1\n",
        op_.name(), row_.name, device_->caps().uri, options_.shapes, "choice", "rounds",
        own_->text + " (default)", "");
    for (const Candidate& candidate : candidates_) {
      text += fmt::format("  {:<38}{:>6}  {:.4f}\n", candidate.text,
                          candidate.log_ratios.size(), candidate.ratio());
    }
    const judge::Interval interval =
        judge::t_interval(best_.log_ratios, judge::kConfidence);
    text += fmt::format(
        "\nthe best of these again, in {} rounds of its own:\n"
        "  {:<38}{:>6}  {:.4f} [{:.4f}, {:.4f}] (95 %)\n",
        best_.log_ratios.size(), best_.text, best_.log_ratios.size(), best_.ratio(),
        std::exp(interval.low), std::exp(interval.high));
    return text;
  }

  // Keeps what is really better and says so.
  std::string keep() {
    const double least = std::log1p(options_.least_percent / 100);
    const judge::Interval interval =
        judge::t_interval(best_.log_ratios, judge::kConfidence);
    // Accept-if: a NaN keeps the default.
    const bool real = interval.low >= least;
    const std::string text =
        real ? fmt::format("real: the interval is above {:.3f}\n", std::exp(least))
             : fmt::format(
                   "not real, or not worth it: the interval is not above {:.3f}; "
                   "the default stays\n",
                   std::exp(least));
    if (options_.dry_run) return text + "dry run: nothing is kept\n";
    if (!measure::keep_choice(measure::kernel_cache(), *own_, best_.text, real)) {
      return text + "what was kept stays as it was\n";
    }
    return text + fmt::format("kept: {}; taken by what runs with {}=1\n",
                              real ? best_.text : own_->text, measure::kTunedVariable);
  }

  const TuneOptions& options_;
  const Op& op_;
  std::shared_ptr<Device> device_;
  const Implementation& row_;
  std::vector<Subject> subjects_;
  std::optional<measure::OwnChoice> own_;
  std::vector<Candidate> candidates_;
  Candidate best_;
  std::string wrong_;
  std::uint64_t seed_ = 0;
  ProgressLine progress_;
};

int run_tune(const TuneOptions& options, const Context& context) {
  const char* const folder = std::getenv(measure::kKernelCacheVariable);
  if (!options.dry_run && (folder == nullptr || *folder == '\0')) {
    throw Error(StatusCode::failed_precondition,
                std::string(measure::kKernelCacheVariable) +
                    " names no folder to keep a choice in: set it, or give --dry-run");
  }
  watch_signals();
  return Tuner(options, context).run();
}

}  // namespace

void add_tune(Command& app, Context& context) {
  Command command = app.add_command(
      "tune", "measures block sizes on this machine and keeps better ones");
  const auto o = std::make_shared<TuneOptions>();
  o->op = context.default_op();
  command.add_option("--op", o->op, "the op").show_default();
  command.add_option("--impl", o->implementation,
                     "the implementation [the op's last that has choices]");
  command.add_option("--device", o->device, "device URI (see 'assay list')")
      .show_default();
  command.add_option("--threads", o->threads, "compute units, for a URI without cus=")
      .between(1U, 256U);
  command.add_option("--shapes", o->shapes, "what is measured, comma separated")
      .show_default();
  command.add_option("--rounds", o->rounds, "of the best candidate, on new memory each")
      .between(3U, 1000U)
      .show_default();
  command.add_option("--epoch-ms", o->epoch_ms, "length of a timed epoch")
      .between(0.1, 10000.0)
      .show_default();
  command.add_option("--least", o->least_percent, "a gain in percent that is worth it")
      .between(0.0, 100.0)
      .show_default();
  command.add_flag("--dry-run", o->dry_run, "measure and keep nothing");
  command.on_parsed([&context, o] {
    context.selected = [&context, o] { return run_tune(*o, context); };
  });
}

}  // namespace assay::cli
