// SPDX-License-Identifier: MIT
#include "regression/json/file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "backends/interface/status.h"

namespace assay::json {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTemporary = ".assay-tmp.";

std::string system_message(int error) { return std::generic_category().message(error); }

[[noreturn]] void fail_write(const std::string& path, std::string_view step,
                             int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  throw Error(full ? StatusCode::resource_exhausted : StatusCode::failed_precondition,
              fmt::format("{}: cannot {}: {}", path, step, system_message(error)));
}

// A file descriptor that closes itself; close() reports what a full disk reports late.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  // Linux releases the descriptor whatever close() returns, so it is never tried again.
  bool close() {
    const int fd = std::exchange(fd_, -1);
    return fd < 0 || ::close(fd) == 0;
  }

 private:
  int fd_;
};

template <class Call>
auto retry_interrupted(const Call& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

int open_file(const std::string& path, int flags, mode_t mode = 0) {
  return retry_interrupted(
      [&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); });
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count =
        retry_interrupted([&] { return ::write(fd, text.data(), text.size()); });
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void write_in_place(const std::string& path, std::string_view text) {
  Descriptor file(open_file(path, O_WRONLY));
  if (!file.valid()) fail_write(path, "open", errno);
  if (!write_all(file.get(), text) || !file.close()) fail_write(path, "write", errno);
}

void remove_leftovers(const fs::path& target) {
  const std::string prefix = "." + target.filename().string() + std::string(kTemporary);
  const auto an_hour_ago = fs::file_time_type::clock::now() - std::chrono::hours(1);
  std::error_code ignored;
  for (fs::directory_iterator it(target.parent_path(), ignored), end;
       !ignored && it != end; it.increment(ignored)) {
    if (!it->path().filename().string().starts_with(prefix)) continue;
    std::error_code gone;
    const auto written = it->last_write_time(gone);
    if (!gone && written < an_hour_ago) fs::remove(it->path(), gone);
  }
}

// A file of its own next to the target, removed unless it was renamed away.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target) {
    static std::atomic<unsigned> counter = 0;
    // Taken names are leftovers of a process that had this id before.
    for (int attempt = 0; attempt < 100; ++attempt) {
      path_ = (target.parent_path() /
               fmt::format(".{}{}{}.{}", target.filename().string(), kTemporary,
                           ::getpid(), counter.fetch_add(1)))
                  .string();
      fd_ = open_file(path_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666);
      if (fd_ >= 0 || errno != EEXIST) break;
    }
    if (fd_ < 0) fail_write(target.string(), "create a file beside it", errno);
  }
  ~TemporaryFile() {
    if (!renamed_) ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  int take_descriptor() { return std::exchange(fd_, -1); }
  bool rename_to(const std::string& target) {
    renamed_ = ::rename(path_.c_str(), target.c_str()) == 0;
    return renamed_;
  }

 private:
  std::string path_;
  int fd_ = -1;
  bool renamed_ = false;
};

void sync_folder(const fs::path& target) {
  const Descriptor folder(
      open_file(target.parent_path().string(), O_RDONLY | O_DIRECTORY));
  // Some file systems cannot sync a folder and say so.
  if (folder.valid() && (::fsync(folder.get()) == 0 || errno == EINVAL)) return;
  fail_write(target.string(), "sync its folder", errno);
}

// Where the bytes go: links resolved, so that a rename does not replace a link.
fs::path resolve(const std::string& path) {
  std::error_code error;
  fs::path target = fs::weakly_canonical(fs::absolute(path, error), error);
  if (error) fail_write(path, "resolve", error.value());
  return target;
}

}  // namespace

std::string read_file(const std::string& path, std::size_t max_bytes) {
  const auto fail = [&](int error) {
    throw Error(error == ENOENT ? StatusCode::unavailable : StatusCode::bad_file,
                fmt::format("{}: cannot read: {}", path, system_message(error)));
  };
  const Descriptor file(open_file(path, O_RDONLY));
  if (!file.valid()) fail(errno);
  const auto too_long = [&] {
    throw Error(StatusCode::bad_file,
                fmt::format("{}: longer than {} bytes", path, max_bytes));
  };
  // A sparse gigabyte costs nothing to make and much to read.
  struct stat status {};
  if (::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) &&
      std::cmp_greater(status.st_size, max_bytes)) {
    too_long();
  }
  std::string text;
  std::array<char, 1 << 16> buffer{};
  while (true) {
    const ssize_t count = retry_interrupted(
        [&] { return ::read(file.get(), buffer.data(), buffer.size()); });
    if (count < 0) fail(errno);
    if (count == 0) return text;
    if (text.size() + static_cast<std::size_t>(count) > max_bytes) too_long();
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

Value load_file(const std::string& path, const Limits& limits) {
  const std::string text = read_file(path, limits.max_bytes);
  try {
    return parse(text, limits);
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("{}: {}", path, error.what()));
  }
}

void write_file_atomically(const std::string& path, std::string_view text) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) fail_write(path, "write", EISDIR);
    if (!S_ISREG(status.st_mode)) return write_in_place(path, text);
  }
  const fs::path target = resolve(path);
  remove_leftovers(target);
  TemporaryFile temporary(target);
  Descriptor file(temporary.take_descriptor());
  if (!write_all(file.get(), text)) fail_write(path, "write", errno);
  if (::fsync(file.get()) != 0) fail_write(path, "sync", errno);
  if (!file.close()) fail_write(path, "close", errno);
  if (!temporary.rename_to(target.string())) fail_write(path, "replace", errno);
  sync_folder(target);
}

}  // namespace assay::json
