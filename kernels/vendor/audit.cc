// SPDX-License-Identifier: MIT
#include "kernels/vendor/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

#include "kernels/common/isa.h"

namespace assay::vendor {
namespace {

// How a maker lets a person pick the kernels.
struct KernelChoice {
  std::string_view flavour;
  const char* variable;
  std::string_view for_avx512;
  std::string_view for_avx2;
  // Left alone it goes by what the processor can do, so that it is right on processors
  // that are newer than itself; else by the processor's model.
  bool detects_by_feature;
};
constexpr KernelChoice kChoices[] = {
    // SkylakeX and not Cooperlake: OpenBLAS 0.3.21 does not accept the latter by name.
    {"OpenBLAS", "OPENBLAS_CORETYPE", "SkylakeX", "Haswell", true},
    // The numbers of BLIS 0.9: skx and haswell.
    {"BLIS", "BLIS_ARCH_TYPE", "0", "3", false},
};

const KernelChoice* choice_of(std::string_view flavour) {
  const auto* row = std::ranges::find(kChoices, flavour, &KernelChoice::flavour);
  return row == std::ranges::end(kChoices) ? nullptr : row;
}

// What to do about it: undo the choice somebody made, else make the right one.
std::string cure(const Audit& audit, Isa host) {
  constexpr std::string_view kGiveUp = "compare with another library";
  const KernelChoice* const choice = choice_of(audit.identity.flavour);
  if (choice == nullptr) return std::string(kGiveUp);
  if (!audit.forced_by.empty() && choice->detects_by_feature) {
    return "unset " + audit.forced_by;
  }
  if (host < Isa::avx2) return std::string(kGiveUp);
  return fmt::format("set {}={} or {}", choice->variable,
                     host == Isa::avx512 ? choice->for_avx512 : choice->for_avx2,
                     kGiveUp);
}

std::string_view name_of(const Identity& identity) {
  return identity.flavour.empty() || identity.flavour == "unknown"
             ? std::string_view(identity.requested)
             : std::string_view(identity.flavour);
}

// Whether C is A times B, all kAuditSize cubed and of small integers, so that every sum
// is exact. Some thousandth of the elements, in all rows and columns: to look at each
// would take longer than the library.
bool is_product(std::span<const float> a, std::span<const float> b,
                std::span<const float> c) {
  constexpr std::size_t n = kAuditSize;
  constexpr std::size_t kStep = 509;  // prime to n
  if (std::ranges::any_of(c, [](float x) { return std::isnan(x); })) return false;
  for (std::size_t at = 0; at < c.size(); at += kStep) {
    float sum = 0;
    for (std::size_t l = 0; l < n; ++l) sum += a[at / n * n + l] * b[l * n + at % n];
    if (!(c[at] == sum)) return false;
  }
  return true;
}

struct Look {
  double seconds = 0;  // of one call, the best of several
  bool computed = false;
};

Look look_at(SgemmFunction sgemm) {
  using Clock = std::chrono::steady_clock;
  constexpr int n = kAuditSize;
  // A good library takes 1 ms a call, so that nine calls ride out a preemption; one
  // that takes 0.1 s is hopeless after three.
  constexpr int kMostCalls = 9;
  constexpr int kLeastCalls = 2;
  constexpr std::chrono::milliseconds kEnough{200};

  constexpr auto kElements = static_cast<std::size_t>(n) * n;
  std::vector<float> a(kElements);
  std::vector<float> c(kElements, std::numeric_limits<float>::quiet_NaN());
  // Small numbers of both signs: no overflow and nothing denormal, which would be slow.
  for (std::size_t i = 0; i < kElements; ++i) a[i] = static_cast<float>(i % 7) - 3.0F;
  const std::vector<float> b = a;

  const Clock::time_point start = Clock::now();
  double best = std::numeric_limits<double>::infinity();
  // Call 0 is not timed: it maps the library's work space and wakes the core.
  for (int call = 0; call <= kMostCalls; ++call) {
    const Clock::time_point before = Clock::now();
    sgemm(kRowMajor, kNoTranspose, kNoTranspose, n, n, n, 1.0F, a.data(), n, b.data(),
          n, 0.0F, c.data(), n);
    const Clock::time_point after = Clock::now();
    if (call == 0) continue;
    best = std::min(best, std::chrono::duration<double>(after - before).count());
    if (call >= kLeastCalls && after - start >= kEnough) break;
  }
  return {best, is_product(a, b, c)};
}

// What `seconds` for one call say of the library.
void rate(Audit& audit, double seconds, double peak_gflops_one_core) {
  constexpr double kFlops = 2.0 * kAuditSize * kAuditSize * kAuditSize;
  audit.gflops_one_thread = kFlops / std::max(seconds, 1e-9) * 1e-9;
  if (peak_gflops_one_core > 0) {
    audit.share_of_peak = audit.gflops_one_thread / peak_gflops_one_core;
  }
}

}  // namespace

Audit audit(const Library& library, double peak_gflops_one_core) {
  Audit result;
  result.identity = library.identity();
  result.identity.threads = library.threads();
  result.host_isa = to_string(host_isa());
  if (const KernelChoice* choice = choice_of(result.identity.flavour)) {
    // The value the library read when it was loaded; nothing here changes it.
    const char* const value = std::getenv(choice->variable);
    if (value != nullptr && *value != '\0') result.forced_by = choice->variable;
  }

  // A hyper-thread's busy sibling halves a core's rate for a tenth of a second or more:
  // once, a library at 54 % of a peak that was measured before. What is impaired stays
  // so, and only costs the looks.
  constexpr int kLooks = 6;
  constexpr std::chrono::milliseconds kPause{60};
  library.set_threads(1);
  double seconds = std::numeric_limits<double>::infinity();
  for (int look = 0; look < kLooks; ++look) {
    if (look > 0) std::this_thread::sleep_for(kPause);
    const Look seen = look_at(library.sgemm());
    result.computed = seen.computed;
    if (!result.computed) break;  // a rate of no work is none
    seconds = std::min(seconds, seen.seconds);
    rate(result, seconds, peak_gflops_one_core);
    if (result.share_of_peak == 0 || result.share_of_peak >= kFloorOfPeak) break;
  }
  if (result.identity.threads > 0) library.set_threads(result.identity.threads);
  judge(result);
  return result;
}

void judge(Audit& audit, double floor_of_peak) {
  audit.impaired = false;
  audit.reason.clear();
  const auto host = parse_isa(audit.host_isa);
  const auto library = parse_isa(audit.identity.isa);

  if (!audit.computed) {
    audit.impaired = true;
    audit.reason = fmt::format(
        "what {} returns of {}x{}x{} is not the product, so that its speed says "
        "nothing: use another build",
        name_of(audit.identity), kAuditSize, kAuditSize, kAuditSize);
    return;
  }
  if (host && library && *library < *host) {
    audit.impaired = true;
    audit.reason = fmt::format("{} runs its {} ({}) kernels on an {} machine: {}",
                               name_of(audit.identity), audit.identity.core_name,
                               audit.identity.isa, audit.host_isa, cure(audit, *host));
    return;
  }
  // Accept-if, so that a share that is no number is impaired.
  if (audit.share_of_peak == 0 || audit.share_of_peak >= floor_of_peak) return;
  audit.impaired = true;
  audit.reason = fmt::format(
      "{} reaches {:.1f} GFLOP/s at {}x{}x{} on one thread, {:.0f} % of this machine's "
      "FMA "
      "peak and below the floor of {:.0f} %: {}",
      name_of(audit.identity), audit.gflops_one_thread, kAuditSize, kAuditSize,
      kAuditSize, 100 * audit.share_of_peak, 100 * floor_of_peak,
      cure(audit, host.value_or(Isa::scalar)));
}

}  // namespace assay::vendor
