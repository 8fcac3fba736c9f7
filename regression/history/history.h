// SPDX-License-Identifier: MIT
// The history of a host class: a file of lines, one a gate session, that only grows.
#ifndef ASSAY_REGRESSION_HISTORY_HISTORY_H_
#define ASSAY_REGRESSION_HISTORY_HISTORY_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "regression/history/entry.h"

namespace assay::history {

struct History {
  std::vector<Entry> entries;  // in the order they were appended
  std::size_t bad_lines = 0;   // refused; the others are good
  // "line 12: <what is wrong>" of the first few, a torn last line, and how many more.
  std::vector<std::string> warnings;
};

// <folder>/<host class>.jsonl. What does not belong into a file name becomes '_'.
std::string history_path(const std::string& folder, std::string_view host_class);

// Appends the session as one line: one write at the end of the file, under an advisory
// lock (flock) that writers of the same machine share, then fsync. Makes the folder
// when it is missing. After a line that a crash tore, it starts a new one. When the
// disk takes a part of the line only, the part is taken off again. Throws
// Error(failed_precondition), or Error(resource_exhausted) for a full disk, with path
// and cause: then the file is as it was.
void append(const std::string& path, const gates::GateReport& report);
void append(const std::string& path, const Entry& entry);

// Lines that cannot be trusted are refused one by one and counted. A last line without
// its newline was torn by a crash: skipped, with a warning, and not counted.
// Throws Error(unavailable) when there is no file, Error(bad_file) when it cannot be
// read or is above 256 MiB.
History load(const std::string& path);
History parse(std::string_view text);

// In how many of the last sessions with this gate, without a gap, it was skipped:
// inconclusive, or missing in a baseline that there was. Sessions with injected work do
// not count; a session that passed the gate ends the streak.
std::size_t inconclusive_streak(const History& history, std::string_view gate);

}  // namespace assay::history

#endif  // ASSAY_REGRESSION_HISTORY_HISTORY_H_
