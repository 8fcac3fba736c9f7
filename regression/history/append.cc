// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "backends/interface/status.h"
#include "regression/history/history.h"

namespace assay::history {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& path, std::string_view step, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  throw Error(full ? StatusCode::resource_exhausted : StatusCode::failed_precondition,
              fmt::format("{}: cannot {}: {}", path, step,
                          std::generic_category().message(error)));
}

template <class Call>
auto retry_interrupted(const Call& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

// Closing drops the lock.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

void sync_folder(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  const Descriptor fd(retry_interrupted([&] {
    return ::open(folder.empty() ? "." : folder.c_str(),
                  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  }));
  // Some file systems cannot sync a folder and say so.
  if (fd.get() >= 0 && (::fsync(fd.get()) == 0 || errno == EINVAL)) return;
  fail(path, "sync its folder", errno);
}

// Whether the file ends in the middle of a line.
bool is_torn(const std::string& path, int fd, off_t size) {
  if (size == 0) return false;
  char last = 0;
  if (retry_interrupted([&] { return ::pread(fd, &last, 1, size - 1); }) != 1) {
    fail(path, "read its last line", errno);
  }
  return last != '\n';
}

void write_line(const std::string& path, int fd, off_t size, const std::string& line) {
  const ssize_t written =
      retry_interrupted([&] { return ::write(fd, line.data(), line.size()); });
  int error = written < 0 ? errno : 0;
  // A disk that is about to be full takes a part; what is missing would not fit.
  if (error == 0 && static_cast<std::size_t>(written) != line.size()) error = ENOSPC;
  if (error == 0 && ::fsync(fd) != 0) error = errno;
  if (error == 0) return;
  // Nobody else writes: the lock is ours. When even this fails, the next writer starts
  // a new line and readers skip the torn one.
  (void)retry_interrupted([&] { return ::ftruncate(fd, size); });
  fail(path, "append", error);
}

}  // namespace

void append(const std::string& path, const gates::GateReport& report) {
  append(path, entry_of(report));
}

void append(const std::string& path, const Entry& entry) {
  std::string line = to_line(entry) + "\n";
  if (const fs::path folder = fs::path(path).parent_path(); !folder.empty()) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) fail(path, "make its folder", error.value());
  }
  // O_NONBLOCK: a pipe in the place of the file must not hang a gate run.
  const Descriptor file(retry_interrupted([&] {
    return ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK,
                  0666);
  }));
  if (file.get() < 0) fail(path, "open", errno);
  if (retry_interrupted([&] { return ::flock(file.get(), LOCK_EX); }) != 0) {
    fail(path, "lock", errno);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail(path, "look at it", errno);
  if (!S_ISREG(status.st_mode)) {
    throw Error(StatusCode::failed_precondition,
                path + ": not a regular file: give another folder for the history");
  }
  if (is_torn(path, file.get(), status.st_size)) line.insert(line.begin(), '\n');
  write_line(path, file.get(), status.st_size, line);
  if (status.st_size == 0) sync_folder(path);
}

}  // namespace assay::history
