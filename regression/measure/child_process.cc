// SPDX-License-Identifier: MIT
#include "regression/measure/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "backends/interface/status.h"

namespace assay::measure {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kKeptOutput = 16 * 1024;
constexpr int kPollMs = 100;

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    reset();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  ~Fd() { reset(); }
  int get() const noexcept { return fd_; }
  bool open() const noexcept { return fd_ >= 0; }
  void reset() noexcept {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

struct Pipe {
  Fd read_end;
  Fd write_end;
};

// Ends above the numbers a worker uses, so that dup2 never clobbers one.
Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) fail_to_start_worker("pipe", errno);
  Pipe made{Fd(ends[0]), Fd(ends[1])};
  for (Fd* end : {&made.read_end, &made.write_end}) {
    const int high = fcntl(end->get(), F_DUPFD_CLOEXEC, 16);
    if (high < 0) fail_to_start_worker("fcntl", errno);
    *end = Fd(high);
  }
  return made;
}

// Appends what can be read; closes at the end of file.
void pump(Fd& fd, std::string& into) {
  std::array<char, 65536> buffer;
  const ssize_t size = read(fd.get(), buffer.data(), buffer.size());
  if (size > 0) {
    into.append(buffer.data(), static_cast<std::size_t>(size));
  } else if (size == 0 || (errno != EINTR && errno != EAGAIN)) {
    fd.reset();
  }
}

void feed(Fd& fd, std::string_view& input) {
  const ssize_t size = write(fd.get(), input.data(), input.size());
  if (size > 0) input.remove_prefix(static_cast<std::size_t>(size));
  const bool gone = size < 0 && errno != EINTR && errno != EAGAIN;
  if (gone || input.empty()) fd.reset();
}

pid_t spawn(const ChildRequest& request, const Pipe& in, const Pipe& out,
            const Pipe& reply) {
  std::vector<std::string> environment;
  for (const auto& [name, value] : request.environment) {
    environment.push_back(name + "=" + value);
  }
  std::vector<char*> envp;
  for (std::string& entry : environment) envp.push_back(entry.data());
  envp.push_back(nullptr);
  std::vector<std::string> arguments{"assay"};
  arguments.insert(arguments.end(), request.arguments.begin(), request.arguments.end());
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read_end.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.write_end.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.write_end.get(), STDERR_FILENO);
  posix_spawn_file_actions_adddup2(&actions, reply.write_end.get(), kReplyFd);
  if (request.shared_fd >= 0) {
    posix_spawn_file_actions_adddup2(&actions, request.shared_fd, kSharedFd);
  }
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A worker starts with default signal actions: the terminal's Ctrl-C reaches it too,
  // and the parent, which handles it, then finds a worker ended by SIGINT.
  sigset_t defaults;
  sigemptyset(&defaults);
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE}) sigaddset(&defaults, signal);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t child = -1;
  const int error = posix_spawn(&child, request.executable.c_str(), &actions,
                                &attributes, argv.data(), envp.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) fail_to_start_worker("posix_spawn", error);
  return child;
}

// Of a worker's pipes, the ends that are ours.
struct OurEnds {
  Fd& in;
  Fd& out;
  Fd& reply;
};

// Until the worker has closed both of its ends. True when it was killed: `result` says
// why.
bool converse(pid_t child, const ChildRequest& request, const OurEnds& ends,
              ChildReply& result) {
  std::string_view input(request.input);
  if (input.empty()) ends.in.reset();
  const Clock::time_point deadline = Clock::now() + request.timeout;
  bool killed = false;
  while (ends.out.open() || ends.reply.open()) {
    std::array<pollfd, 3> fds{{{ends.out.get(), POLLIN, 0},
                               {ends.reply.get(), POLLIN, 0},
                               {ends.in.get(), POLLOUT, 0}}};
    poll(fds.data(), fds.size(), kPollMs);
    if (fds[0].revents != 0) pump(ends.out, result.output);
    if (fds[1].revents != 0) pump(ends.reply, result.reply);
    if (fds[2].revents != 0) feed(ends.in, input);
    if (result.output.size() > 2 * kKeptOutput) {
      result.output.erase(0, result.output.size() - kKeptOutput);
    }
    if (killed) continue;
    const bool late = request.timeout.count() > 0 && Clock::now() >= deadline;
    const bool cancelled = request.cancel != nullptr && request.cancel->load();
    if (late || cancelled) {
      result.end = cancelled ? ChildReply::End::cancelled : ChildReply::End::timed_out;
      kill(child, SIGKILL);
      killed = true;
    }
  }
  return killed;
}

void tell_end(int status, const ChildRequest& request, ChildReply& result) {
  if (WIFSIGNALED(status)) {
    result.end = ChildReply::End::signalled;
    result.code = WTERMSIG(status);
  } else {
    result.code = WEXITSTATUS(status);
  }
  // Ctrl-C reaches the whole process group; it is our cancellation, not a crash.
  if (request.cancel != nullptr && request.cancel->load()) {
    result.end = ChildReply::End::cancelled;
  }
}

}  // namespace

void fail_to_start_worker(const std::string& what, int error) {
  std::string message =
      "cannot start a worker process: " + what + ": " + std::strerror(error);
  // Above the highest number allowed, fcntl(F_DUPFD) says EINVAL.
  constexpr std::array kLimits = {EMFILE, ENFILE, EAGAIN, ENOMEM, EINVAL};
  if (std::ranges::find(kLimits, error) == kLimits.end()) {
    throw Error(StatusCode::internal, message);
  }
  message += error == EAGAIN || error == ENOMEM
                 ? " (too little memory, or too many processes: see 'ulimit -a')"
                 : " (too few file numbers: see 'ulimit -n', 64 are enough)";
  throw Error(StatusCode::unavailable, message);
}

ChildReply run_child(const ChildRequest& request) {
  Pipe in = make_pipe();
  Pipe out = make_pipe();
  Pipe reply = make_pipe();
  Fd shared;
  ChildRequest spawned = request;
  if (request.shared_fd >= 0) {
    shared = Fd(fcntl(request.shared_fd, F_DUPFD_CLOEXEC, 16));
    if (!shared.open()) fail_to_start_worker("fcntl", errno);
    spawned.shared_fd = shared.get();
  }
  // A worker that dies early must not kill us through its input.
  signal(SIGPIPE, SIG_IGN);
  const pid_t child = spawn(spawned, in, out, reply);
  in.read_end.reset();
  out.write_end.reset();
  reply.write_end.reset();
  fcntl(in.write_end.get(), F_SETFL, O_NONBLOCK);

  ChildReply result;
  result.timeout = request.timeout;
  const bool killed =
      converse(child, request, {in.write_end, out.read_end, reply.read_end}, result);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!killed) tell_end(status, request, result);
  return result;
}

std::string ChildReply::description() const {
  switch (end) {
    case End::timed_out:
      return "the worker timed out after " + std::to_string(timeout.count() / 1000) +
             " s and was ended";
    case End::cancelled:
      return "the worker was ended on request";
    case End::signalled:
      return "the worker was killed by signal " + std::to_string(code) + " (" +
             strsignal(code) + ")";
    case End::exited:
      break;
  }
  const std::string text = last_line();
  return "the worker ended with exit status " + std::to_string(code) +
         (text.empty() ? "" : ": " + text);
}

std::string ChildReply::last_line() const {
  std::string text = output;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const std::size_t line = text.rfind('\n');
  if (line != std::string::npos) text.erase(0, line + 1);
  return text;
}

void die_with_parent(int parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The parent may have died before the call took effect.
  if (getppid() != parent) raise(SIGKILL);
}

}  // namespace assay::measure
