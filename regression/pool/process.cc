// SPDX-License-Identifier: MIT
#include "regression/pool/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "backends/interface/status.h"
#include "regression/measure/child_process.h"
#include "regression/pool/worker.h"

namespace assay::pool {
namespace {

// Above the numbers that a worker uses, so that dup2 never clobbers one; closed at
// exec.
constexpr int kFirstFree = 16;

class HighFd {
 public:
  explicit HighFd(int fd) : fd_(fcntl(fd, F_DUPFD_CLOEXEC, kFirstFree)) {
    if (fd_ >= 0) return;
    measure::fail_to_start_worker("fcntl", errno);
  }
  ~HighFd() { ::close(fd_); }
  HighFd(const HighFd&) = delete;
  HighFd& operator=(const HighFd&) = delete;
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

pid_t spawn(const Options& options, int channel_fd, int bell_fd, int data_fd) {
  std::vector<std::string> environment;
  for (const auto& [name, value] : options.environment) {
    environment.push_back(name + "=" + value);
  }
  std::vector<std::string> arguments{"assay"};
  for (const std::string& word : options.arguments) {
    arguments.push_back(word == "%p" ? std::to_string(getpid()) : word);
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  // What a worker prints must not mix with results on our standard output.
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, channel_fd, kChannelFd);
  posix_spawn_file_actions_adddup2(&actions, bell_fd, kBellFd);
  if (data_fd >= 0) posix_spawn_file_actions_adddup2(&actions, data_fd, kDataFd);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // Default actions, nothing blocked, whatever this process has.
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE}) sigaddset(&signals, signal);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  pid_t child = -1;
  const int error =
      posix_spawn(&child, options.executable.c_str(), &actions, &attributes,
                  pointers(arguments).data(), pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) measure::fail_to_start_worker("posix_spawn", error);
  return child;
}

}  // namespace

Process::Process(const Options& options, int bell_fd)
    : channel_(Channel::create(options.shape)) {
  const HighFd channel(channel_.fd());
  const HighFd bell(bell_fd);
  if (options.data_fd >= 0) {
    const HighFd data(options.data_fd);
    id_ = spawn(options, channel.get(), bell.get(), data.get());
  } else {
    id_ = spawn(options, channel.get(), bell.get(), -1);
  }
}

Process::~Process() { end(); }

std::optional<Fate> Process::fate() noexcept {
  if (id_ < 0) return std::nullopt;
  int status = 0;
  if (waitpid(id_, &status, WNOHANG | WUNTRACED) != id_) return std::nullopt;
  if (WIFSTOPPED(status)) return Fate{Reply::End::stopped, WSTOPSIG(status)};
  id_ = -1;
  if (WIFSIGNALED(status)) return Fate{Reply::End::killed, WTERMSIG(status)};
  return Fate{Reply::End::exited, WEXITSTATUS(status)};
}

void Process::end() noexcept {
  if (id_ < 0) return;
  kill(id_, SIGKILL);
  int status = 0;
  while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
  }
  id_ = -1;
}

}  // namespace assay::pool
