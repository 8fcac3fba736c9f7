// SPDX-License-Identifier: MIT
#include "regression/measure/serve.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
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

}  // namespace

int serve(int parent, const std::function<std::string(const std::string&)>& answer,
          int (*status_of)(StatusCode code)) {
  die_with_parent(parent);
  try {
    return write_all(kReplyFd, answer(read_all(STDIN_FILENO))) ? 0 : kWorkerFailed;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return status_of(error.code());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return kWorkerFailed;
  }
}

}  // namespace assay::measure
