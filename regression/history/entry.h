// SPDX-License-Identifier: MIT
// One gate session as the history keeps it: one line of JSON
// (docs/schema/history.schema.json).
#ifndef ASSAY_REGRESSION_HISTORY_ENTRY_H_
#define ASSAY_REGRESSION_HISTORY_ENTRY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regression/gates/gate_report.h"

namespace assay::history {

// One gate in one session. Natural logarithms, as in judge/gate.h.
struct GatePoint {
  std::string id;
  judge::Verdict verdict = judge::Verdict::no_baseline;
  // Of the ratio reference time / custom time; nothing when the run was refused.
  std::optional<double> log_ratio;
  double half_width = 0;           // of the 95 % interval of log_ratio; may be infinite
  std::optional<double> slowdown;  // against what the session was held against
};

// What the gates of a session were held against.
enum class Against : std::uint8_t {
  baseline,
  nothing,  // no baseline for this host
  base,     // another build, measured beside
};
std::string_view to_string(Against against) noexcept;

struct Entry {
  std::string utc;  // "2026-01-31T12:00:00Z", start of the session
  std::string commit;
  std::string host_class;
  std::string suite;
  Against against = Against::baseline;
  bool complete = true;
  double injected = 0;  // extra work given to the custom arms on purpose
  std::vector<GatePoint> gates;
};

// False for what says nothing about this commit: extra work was injected.
bool counts(const Entry& entry) noexcept;

// Whether it is the line of this session.
bool is_of(const Entry& entry, const measure::Session& session) noexcept;

Entry entry_of(const gates::GateReport& report);

inline constexpr std::string_view kHistorySchema = "assay.history";
inline constexpr int kHistorySchemaMajor = 1;
inline constexpr int kHistorySchemaMinor = 1;

// Without a newline, and with none inside.
std::string to_line(const Entry& entry);
// Throws Error(bad_file): another schema, unknown members, a date that is none, figures
// out of range, a gate twice.
Entry entry_from_line(std::string_view line);

}  // namespace assay::history

#endif  // ASSAY_REGRESSION_HISTORY_ENTRY_H_
