// SPDX-License-Identifier: MIT
#include "regression/cli/console.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "backends/interface/status.h"
#include "regression/json/file.h"

namespace assay::cli {
namespace {

std::atomic<bool> interrupt_flag = false;
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");

void on_signal(int signal_number) {
  if (interrupt_flag.exchange(true)) {
    signal(signal_number, SIG_DFL);
    raise(signal_number);
  }
}

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

}  // namespace

const std::atomic<bool>& interrupted() noexcept { return interrupt_flag; }

void watch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  for (const int signal_number : {SIGINT, SIGTERM}) {
    sigaction(signal_number, &action, nullptr);
  }
}

void stop_if_interrupted() {
  if (interrupted()) throw Interrupted();
}

bool color_on_stdout() {
  if (!variable("NO_COLOR").empty()) return false;
  return isatty(STDOUT_FILENO) != 0 && variable("TERM") != "dumb";
}

ProgressLine::ProgressLine()
    : enabled_(isatty(STDERR_FILENO) != 0 && variable("CI").empty()) {}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::show(const std::string& text) {
  if (!enabled_) return;
  std::fprintf(stderr, "\r\x1b[K%s", text.c_str());
  std::fflush(stderr);
  shown_ = true;
}

void ProgressLine::clear() {
  if (!shown_) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
  shown_ = false;
}

void print(const std::string& text) {
  const std::size_t written = std::fwrite(text.data(), 1, text.size(), stdout);
  if (written != text.size() || std::fflush(stdout) != 0) {
    throw Error(StatusCode::bad_file, "cannot write to standard output");
  }
}

void print_after(const std::function<void()>& write_files, const std::string& page) {
  std::exception_ptr unwritten;
  try {
    write_files();
  } catch (const Error&) {
    unwritten = std::current_exception();
  }
  print(page);
  if (unwritten) std::rethrow_exception(unwritten);
}

void print_with_document(const std::string& page, const std::string& path,
                         const std::function<std::string()>& document) {
  if (path == "-") {
    print(document());
    return;
  }
  print_after(
      [&] {
        if (!path.empty()) json::write_file_atomically(path, document());
      },
      page);
}

void hold_standard_streams() {
  int fd = 0;
  do {
    fd = open("/dev/null", O_RDONLY);  // NOLINT(cppcoreguidelines-pro-type-vararg)
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0) close(fd);
}

}  // namespace assay::cli
