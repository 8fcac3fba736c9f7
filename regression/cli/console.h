// SPDX-License-Identifier: MIT
// The terminal: progress on stderr, colour, and Ctrl-C.
#ifndef ASSAY_REGRESSION_CLI_CONSOLE_H_
#define ASSAY_REGRESSION_CLI_CONSOLE_H_

#include <atomic>
#include <string>

namespace assay::cli {

// Set by SIGINT or SIGTERM after watch_signals(). A second signal ends the process.
const std::atomic<bool>& interrupted() noexcept;
void watch_signals();

// Whether standard output takes colour: a terminal, TERM not dumb, NO_COLOR empty.
bool color_on_stdout();

// One line on stderr that overwrites itself; silent when stderr is not a terminal.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  void show(const std::string& text);
  void clear();

 private:
  bool enabled_;
  bool shown_ = false;
};

// Writes to standard output and checks that it arrived (a full disk, a closed pipe).
// Throws Error(bad_file).
void print(const std::string& text);

}  // namespace assay::cli

#endif  // ASSAY_REGRESSION_CLI_CONSOLE_H_
