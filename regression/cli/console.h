// SPDX-License-Identifier: MIT
// The terminal: progress on stderr, colour, and Ctrl-C.
#ifndef ASSAY_REGRESSION_CLI_CONSOLE_H_
#define ASSAY_REGRESSION_CLI_CONSOLE_H_

#include <atomic>
#include <functional>
#include <string>

namespace assay::cli {

// Set by SIGINT or SIGTERM after watch_signals(). A second signal ends the process, as
// the first does to a command that watches none: one that has no workers to end and
// nothing to keep.
const std::atomic<bool>& interrupted() noexcept;
void watch_signals();

// Thrown out of a command that has nothing to show of half a run; run_cli() answers it
// with one line and judge::exit_code::kInterrupted. No std::exception: nothing on the
// way handles it.
struct Interrupted {};
// Throws it when somebody interrupted. For commands that watch signals.
void stop_if_interrupted();

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

// What a run found, when its files have been written: first these, for whoever reads
// the page may close the pipe, and that must not cost the results. A file that cannot
// be written is thrown when the page has been shown.
void print_after(const std::function<void()>& write_files, const std::string& page);
// With one file: `document` goes to `path`, or to standard output in the page's place
// when that is "-"; without a path nobody asks for it.
void print_with_document(const std::string& page, const std::string& path,
                         const std::function<std::string()>& document);

// The numbers 0, 1 and 2 stay taken when a stream is closed: else the next file or pipe
// gets the number, and what is meant for a person is written into it. Writing to a
// stream that was closed still fails.
void hold_standard_streams();

}  // namespace assay::cli

#endif  // ASSAY_REGRESSION_CLI_CONSOLE_H_
