// SPDX-License-Identifier: MIT
#include "regression/cli/ancestry.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

namespace assay::cli {
namespace {

using baselines::Ancestry;

// From a file, so it must not look like an option or a range to git.
bool is_commit(std::string_view text) {
  return text.size() >= 7 && text.size() <= 64 &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Runs git without a shell and without its output; its exit status, or -1.
int run_git(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "git");
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  }
  pid_t child = 0;
  const int error =
      posix_spawnp(&child, "git", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return -1;
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

Ancestry ancestry_of(const std::string& commit, const std::string& folder) {
  std::error_code error;
  const std::string where =
      std::filesystem::is_directory(folder, error) ? folder : std::string(".");
  const std::string head = "HEAD";
  if (run_git({"-C", where, "rev-parse", "--verify", "--quiet", head}) != 0) {
    return Ancestry::unknown;
  }
  if (!is_commit(commit)) return Ancestry::no;
  const int status =
      run_git({"-C", where, "merge-base", "--is-ancestor", commit, head});
  return status == 0 ? Ancestry::yes : Ancestry::no;
}

}  // namespace assay::cli
