// SPDX-License-Identifier: MIT
#include "backends/runtime/cache_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <system_error>
#include <tuple>
#include <vector>

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

struct StoredFile {
  timespec used;
  std::string name;
  std::uint64_t bytes;
  // By the name where the times are the same: any order will do, if it is one.
  friend bool operator<(const StoredFile& a, const StoredFile& b) {
    return std::tie(a.used.tv_sec, a.used.tv_nsec, a.name) <
           std::tie(b.used.tv_sec, b.used.tv_nsec, b.name);
  }
};

class Listing {
 public:
  explicit Listing(int folder)
      // Its own descriptor: reading a folder moves the position that dup() would share.
      : fd_(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
        stream_(fd_ < 0 ? nullptr : ::fdopendir(fd_)) {}
  ~Listing() {
    if (stream_ != nullptr) {
      ::closedir(stream_);
    } else if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  Listing(const Listing&) = delete;
  Listing& operator=(const Listing&) = delete;
  const dirent* next() { return stream_ == nullptr ? nullptr : ::readdir(stream_); }

 private:
  int fd_;
  DIR* stream_;
};

// Names and what they are; links are not followed.
template <typename Visit>
void for_each_file(int folder, const Visit& visit) {
  Listing listing(folder);
  while (const dirent* entry = listing.next()) {
    struct stat status {};
    if (::fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
      visit(entry->d_name, status);
    }
  }
}

}  // namespace

CacheFolder::CacheFolder(const std::string& path, std::uint64_t most_bytes)
    : most_bytes_(most_bytes) {
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

// A folder in one with the set-group-ID bit has it as well: of whom its files are then
// does not matter, for nobody else gets in.
bool CacheFolder::is_private() const noexcept {
  struct stat status {};
  return ::fstat(fd_, &status) == 0 && status.st_uid == ::geteuid() &&
         (status.st_mode & 07777 & ~mode_t{S_ISGID}) == S_IRWXU;
}

void CacheFolder::remove_leftovers() const {
  for_each_file(fd_, [&](const char* name, const struct stat& status) {
    if (std::string_view(name).starts_with(kTemporary) &&
        status.st_mtime < std::time(nullptr) - kLeftoverAge) {
      ::unlinkat(fd_, name, 0);
    }
  });
}

std::uint64_t CacheFolder::remove_least_used(const std::string& keep) const {
  std::vector<StoredFile> files;
  std::uint64_t bytes = 0;
  for_each_file(fd_, [&](const char* name, const struct stat& status) {
    if (!S_ISREG(status.st_mode) || std::string_view(name).starts_with(kTemporary)) {
      return;
    }
    bytes += static_cast<std::uint64_t>(status.st_size);
    if (name != keep) {
      files.push_back(
          {status.st_mtim, name, static_cast<std::uint64_t>(status.st_size)});
    }
  });
  if (bytes <= most_bytes_) return 0;
  std::sort(files.begin(), files.end());
  std::uint64_t removed = 0;
  for (const StoredFile& file : files) {
    if (bytes <= most_bytes_) break;
    bytes -= file.bytes;
    if (::unlinkat(fd_, file.name.c_str(), 0) == 0) ++removed;
  }
  return removed;
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
  // Used now. Where this fails, the file only looks older than it is.
  constexpr timespec kNow[] = {{0, UTIME_OMIT}, {0, UTIME_NOW}};
  ::futimens(file.fd(), kNow);
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
