// SPDX-License-Identifier: MIT
#include "backends/runtime/cache_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <system_error>

#include "backends/interface/status.h"

namespace assay::runtime {
namespace {

constexpr off_t kMostBytes = off_t{64} * 1024 * 1024;
constexpr std::string_view kTemporary = "writing.";
constexpr std::time_t kLeftoverAge = 3600;  // seconds

class File {
 public:
  explicit File(int fd) noexcept : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const noexcept { return fd_; }

 private:
  int fd_;
};

bool read_all(int fd, std::string& contents) {
  for (std::size_t done = 0; done < contents.size();) {
    const ssize_t got = ::read(fd, contents.data() + done, contents.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += static_cast<std::size_t>(got);
  }
  return true;
}

bool write_all(int fd, std::string_view contents) {
  while (!contents.empty()) {
    const ssize_t put = ::write(fd, contents.data(), contents.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    contents.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

}  // namespace

CacheFolder::CacheFolder(const std::string& path) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  // A link in the folder's place is there already, so it is not made and not opened.
  const bool made = ::mkdir(path.c_str(), S_IRWXU) == 0;
  const int make_error = errno;
  fd_ = ::open(path.c_str(), kFlags);
  if (fd_ < 0) {
    const int error = made || make_error == EEXIST ? errno : make_error;
    throw Error(
        StatusCode::failed_precondition,
        path + ": cannot be a cache folder: " + std::generic_category().message(error));
  }
  if (!is_private()) {
    ::close(fd_);
    throw Error(StatusCode::failed_precondition,
                path +
                    ": a cache folder must be yours alone: chmod 700 it, or use "
                    "another one");
  }
  remove_leftovers();
}

CacheFolder::~CacheFolder() { ::close(fd_); }

bool CacheFolder::is_private() const noexcept {
  struct stat status {};
  return ::fstat(fd_, &status) == 0 && status.st_uid == ::geteuid() &&
         (status.st_mode & 07777) == S_IRWXU;
}

void CacheFolder::remove_leftovers() const {
  // Its own descriptor: reading a folder moves the position that dup() would share.
  const int fd = ::openat(fd_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* folder = fd < 0 ? nullptr : ::fdopendir(fd);
  if (folder == nullptr) {
    if (fd >= 0) ::close(fd);
    return;
  }
  while (const dirent* entry = ::readdir(folder)) {
    struct stat status {};
    if (std::string_view(entry->d_name).starts_with(kTemporary) &&
        ::fstatat(fd_, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        status.st_mtime < std::time(nullptr) - kLeftoverAge) {
      ::unlinkat(fd_, entry->d_name, 0);
    }
  }
  ::closedir(folder);
}

std::optional<std::string> CacheFolder::read(const std::string& name) const {
  if (!is_private()) return std::nullopt;
  // Non-blocking: a pipe in a file's place must not hold anybody.
  const File file(
      ::openat(fd_, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (file.fd() < 0 || ::fstat(file.fd(), &status) != 0) return std::nullopt;
  if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid() ||
      status.st_size > kMostBytes) {
    return std::nullopt;
  }
  std::string contents(static_cast<std::size_t>(status.st_size), '\0');
  if (!read_all(file.fd(), contents)) return std::nullopt;
  return contents;
}

bool CacheFolder::publish(const std::string& name, std::string_view contents) const {
  if (!is_private()) return false;
  // The address tells two folders of one process apart.
  const std::string temporary = std::string(kTemporary) + std::to_string(::getpid()) +
                                "." +
                                std::to_string(reinterpret_cast<std::uintptr_t>(this)) +
                                "." + std::to_string(written_.fetch_add(1));
  bool good = false;
  {
    const File file(::openat(fd_, temporary.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                             S_IRUSR | S_IWUSR));
    if (file.fd() < 0) return false;
    good = write_all(file.fd(), contents);
  }
  // Not synced: what a power cut leaves of an entry is a miss by its checksum, and a
  // sync costs more than most entries.
  if (good && ::renameat(fd_, temporary.c_str(), fd_, name.c_str()) == 0) return true;
  ::unlinkat(fd_, temporary.c_str(), 0);
  return false;
}

}  // namespace assay::runtime
