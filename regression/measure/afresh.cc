// SPDX-License-Identifier: MIT
#include "regression/measure/afresh.h"

#include <algorithm>
#include <bit>
#include <span>
#include <string>

#include "regression/measure/timing.h"

namespace assay::measure {
namespace {

constexpr std::uint64_t kFirstDraws = 2;  // all other, and one element
constexpr std::uint64_t kMostDraws = 16;
// A gate starts some hundred workers, each with two arms.
constexpr double kCheapNs = 5e6;
constexpr int kMendingRuns = 8;

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return std::ranges::equal(a, b, [](float x, float y) {
    return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
  });
}

// A wrong result may be wrong whatever was computed before: then more runs on the right
// inputs do not mend it.
bool is_mended(const Afresh& arm) {
  for (int i = 0; i < kMendingRuns; ++i) {
    arm.run(std::nullopt);
    ArmCheck again;
    arm.look(again);
    if (again.ok) return true;
  }
  return false;
}

bool is_remembered(const Afresh& arm, std::uint64_t draw) {
  arm.run(draw);
  const std::vector<float> of_others = arm.result();
  arm.run(std::nullopt);
  return same_bits(of_others, arm.result());
}

std::string cause_of(const Afresh& arm, std::uint64_t draw) {
  if (is_remembered(arm, draw)) {
    return "the result of other inputs at the same addresses: it was remembered and "
           "not computed; ";
  }
  return is_mended(arm)
             ? "right only some runs after its inputs were replaced in place: "
             : "";
}

void fold(const ArmCheck& afresh, ArmCheck& check) {
  check.ok = afresh.ok && (check.checked == 0 || check.ok);
  check.worst = std::max(check.worst, afresh.worst);
  check.checked += afresh.checked;
  check.wrong += afresh.wrong;
  check.never_written += afresh.never_written;
  check.guards_intact = check.guards_intact && afresh.guards_intact;
  if (check.detail.empty()) check.detail = afresh.detail;
}

}  // namespace

void AfreshDraws::look(const Afresh& arm, ArmCheck& check) {
  const bool first = draw_ == 0;
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t i = 0; i < (first ? kFirstDraws : kMostDraws); ++i) {
    if (!first && i > 0 && ns_since(begin) > kCheapNs) return;
    const std::uint64_t draw = draw_++;
    arm.run(draw);
    arm.run(std::nullopt);
    ArmCheck afresh;
    arm.look(afresh);
    if (!afresh.ok && afresh.never_written == 0) {
      afresh.detail = cause_of(arm, draw) + afresh.detail;
    }
    fold(afresh, check);
    if (!afresh.ok) return;
  }
}

}  // namespace assay::measure
