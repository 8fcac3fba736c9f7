// SPDX-License-Identifier: MIT
#include "regression/baselines/session_checks.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <utility>

namespace assay::baselines {
namespace {

// "session of 2026-01-31T12:00:00Z": files may have been renamed, starts were not.
std::string name_of(const RecordedSession& recorded) {
  return "session of " + recorded.session.results.utc;
}

// Exactly this many digits.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  const std::string_view part = text.substr(at, count);
  if (part.find_first_not_of("0123456789") != part.npos) return std::nullopt;
  int value = 0;
  std::from_chars(part.data(), part.data() + part.size(), value);
  return value;
}

class Checks {
 public:
  Checks(std::span<const RecordedSession* const> sessions,
         const RefreshOptions& options)
      : sessions_(sessions), options_(options) {}

  std::vector<std::string> run() {
    if (sessions_.size() < kMinSessions) {
      refuse("{} session{}, and a baseline needs at least {}: record more",
             sessions_.size(), sessions_.size() == 1 ? "" : "s", kMinSessions);
    }
    if (sessions_.empty()) return std::move(problems_);
    check_gaps();
    check_build();
    check_alike();
    for (const RecordedSession* recorded : sessions_) {
      check_end(*recorded);
      check_guards(*recorded);
      const double share = steal_share(recorded->session);
      if (!(share <= kMaxStealShare)) {
        refuse(
            "{}: the hypervisor took {:.1f} % of its time, more than {:g} %: record "
            "it again when the host is quiet",
            name_of(*recorded), 100 * share, 100 * kMaxStealShare);
      }
    }
    return std::move(problems_);
  }

 private:
  template <class... Args>
  void refuse(fmt::format_string<Args...> text, Args&&... args) {
    problems_.push_back(fmt::format(text, std::forward<Args>(args)...));
  }

  void check_gaps() {
    std::optional<std::int64_t> last;
    for (const RecordedSession* recorded : sessions_) {
      const std::string& utc = recorded->session.results.utc;
      const std::optional<std::int64_t> start = parse_utc(utc);
      if (!start) {
        refuse("a session starts at '{}', which is no time: record it again", utc);
      } else if (last && *start - *last < options_.min_gap_s) {
        refuse(
            "{}: {} s after the one before, less than {}: sessions that share their "
            "neighbours are one session",
            name_of(*recorded), *start - *last, options_.min_gap_s);
      }
      if (start) last = start;
    }
  }

  void check_build() {
    const measure::Build& build = first().session.results.build;
    if (build.commit.empty()) {
      refuse(
          "the sessions' build knows no commit: build from a repository (kernels of "
          "your own: with assay_write_sources() of CMake)");
    } else if (build.commit.ends_with("-dirty")) {
      refuse("built from {}, a tree with changes: commit, build and record again",
             build.commit);
    } else if (options_.ancestry == Ancestry::no) {
      refuse(
          "{} is not an ancestor of this repository's HEAD: record with a build of "
          "what is here (kernels of your own: with assay_write_sources() of CMake)",
          build.commit);
    }
    if (build.build_type != "Release") {
      refuse("a '{}' build was measured: a baseline is of a Release build",
             build.build_type);
    }
  }

  // All sessions of one suite, commit, build and host class.
  void check_alike() {
    const measure::Session& one = first().session;
    const HostClass host = host_class_of(one.results.machine, one.results.build);
    for (const RecordedSession* recorded : sessions_.subspan(1)) {
      const measure::Session& other = recorded->session;
      const auto compare = [&](std::string_view what, const std::string& a,
                               const std::string& b) {
        if (a == b) return;
        refuse("{}: {} '{}', the first has '{}': one baseline is of one",
               name_of(*recorded), what, b, a);
      };
      compare("suite", one.suite, other.suite);
      compare("commit", one.results.build.commit, other.results.build.commit);
      compare("version", one.results.build.version, other.results.build.version);
      compare("compiler", one.results.build.compiler, other.results.build.compiler);
      compare("build type", one.results.build.build_type,
              other.results.build.build_type);
      const HostClass there = host_class_of(other.results.machine, other.results.build);
      for (const std::string& difference : hard_differences(host, there)) {
        refuse("{}: another host class: {}", name_of(*recorded), difference);
      }
    }
  }

  void check_end(const RecordedSession& recorded) {
    const measure::Session& session = recorded.session;
    if (!session.results.complete) {
      refuse("{}: stopped before its end: record it again", name_of(recorded));
    }
    if (!session.base.empty()) {
      refuse("{}: measured in turn with another build: record one without --base",
             name_of(recorded));
    }
    if (session.injected != 0) {
      refuse("{}: {:g} % of extra work was injected on purpose: record one without",
             name_of(recorded), 100 * session.injected);
    }
  }

  // A gate's own guards and the session's controls, as a gate run would judge them. A
  // failed control is every gate's reason: equal reasons become one line.
  void check_guards(const RecordedSession& recorded) {
    std::vector<const measure::Comparison*> controls;
    std::vector<judge::GateInput> gates;
    for (const measure::Comparison& comparison : recorded.session.results.comparisons) {
      if (measure::is_control(comparison)) {
        controls.push_back(&comparison);
      } else {
        judge::GateInput& input = gates.emplace_back();
        input.now = &comparison;
        input.no_baseline_because = "it is being made";
      }
    }
    if (controls.empty()) {
      refuse(
          "{}: has no control, so nothing shows that it finds no differences where "
          "there are none: record it again",
          name_of(recorded));
    }
    std::vector<std::pair<std::string, std::vector<std::string>>> by_reason;
    for (const judge::GateJudged& judged :
         judge::judge_gates(gates, controls, options_.rules)) {
      if (judged.verdict == judge::Verdict::no_baseline) continue;
      const std::string reason =
          fmt::format("{}: {}", judge::to_string(judged.verdict), judged.reason);
      auto found = std::ranges::find(
          by_reason, reason, [](auto& pair) -> std::string& { return pair.first; });
      if (found == by_reason.end()) found = by_reason.insert(found, {reason, {}});
      found->second.push_back(judged.id);
    }
    for (const auto& [reason, ids] : by_reason) {
      const std::string more =
          ids.size() > 1 ? fmt::format(" and {} more", ids.size() - 1) : "";
      refuse("{}: {}{}: {}: record it again", name_of(recorded), ids.front(), more,
             reason);
    }
  }

  const RecordedSession& first() const { return *sessions_.front(); }

  std::span<const RecordedSession* const> sessions_;
  const RefreshOptions& options_;
  std::vector<std::string> problems_;
};

}  // namespace

std::optional<std::int64_t> parse_utc(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
  if (text.size() != kForm.size()) return std::nullopt;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] != '0' && text[i] != kForm[i]) return std::nullopt;
  }
  const std::array<std::optional<int>, 6> parts = {
      digits(text, 0, 4),  digits(text, 5, 2),  digits(text, 8, 2),
      digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2)};
  if (!std::ranges::all_of(parts, [](const auto& part) { return part.has_value(); })) {
    return std::nullopt;
  }
  namespace chrono = std::chrono;
  const chrono::year_month_day day{chrono::year(*parts[0]),
                                   chrono::month(static_cast<unsigned>(*parts[1])),
                                   chrono::day(static_cast<unsigned>(*parts[2]))};
  if (!day.ok() || *parts[3] > 23 || *parts[4] > 59 || *parts[5] > 60) {
    return std::nullopt;
  }
  const chrono::seconds time = chrono::sys_days(day).time_since_epoch() +
                               chrono::hours(*parts[3]) + chrono::minutes(*parts[4]) +
                               chrono::seconds(*parts[5]);
  return time.count();
}

double steal_share(const measure::Session& session) {
  double steal_ms = 0;
  double all_ms = 0;
  for (const measure::Comparison& comparison : session.results.comparisons) {
    for (const measure::ProcessSamples& process : comparison.processes) {
      const double ms = static_cast<double>(process.iterations) * 1e-6;
      for (const measure::Block& block : process.blocks) {
        steal_ms += block.spoilers.steal_ms;
        all_ms += ms * (block.custom_ns[0] + block.custom_ns[1] + block.library_ns[0] +
                        block.library_ns[1]);
      }
    }
  }
  return all_ms > 0 ? steal_ms / all_ms : 0;
}

std::vector<std::string> session_problems(
    std::span<const RecordedSession* const> sessions, const RefreshOptions& options) {
  return Checks(sessions, options).run();
}

}  // namespace assay::baselines
