// SPDX-License-Identifier: MIT
#include "regression/measure/serve.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "regression/measure/child_process.h"

namespace assay::measure {
namespace {

std::string read_all(int fd) {
  std::string text;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t size = read(fd, buffer.data(), buffer.size());
    if (size > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(size));
    } else if (size == 0 || errno != EINTR) {
      return text;
    }
  }
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = write(fd, text.data(), text.size());
    if (size < 0 && errno != EINTR) return false;
    if (size > 0) text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

// False until the worker has said what it has to say.
bool answered = false;

// A library that calls exit() would end the worker as if all were well.
void refuse_early_exit() {
  if (answered) return;
  std::fprintf(stderr, "exit() was called in the worker before it had answered\n");
  _exit(kWorkerFailed);
}

// Where the answer goes, out of the way of who closes or writes to low numbers: what is
// written to the old number is output like any other. The old one where there is no
// room.
int take_reply_pipe() {
  const int moved = fcntl(kReplyFd, F_DUPFD_CLOEXEC, 32);
  if (moved < 0) return kReplyFd;
  dup2(STDERR_FILENO, kReplyFd);
  return moved;
}

}  // namespace

int serve(int parent, const std::function<std::string(const std::string&)>& answer,
          int (*status_of)(StatusCode code)) {
  die_with_parent(parent);
  const int reply = take_reply_pipe();
  std::atexit(refuse_early_exit);
  const auto finish = [](int status) {
    answered = true;
    return status;
  };
  try {
    const bool written = write_all(reply, answer(read_all(STDIN_FILENO)));
    return finish(written ? 0 : kWorkerFailed);
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return finish(status_of(error.code()));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return finish(kWorkerFailed);
  }
}

}  // namespace assay::measure
