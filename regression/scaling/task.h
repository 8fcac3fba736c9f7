// SPDX-License-Identifier: MIT
// What a measuring process is asked to do and what it answers: one work, under a list
// of conditions, once each. A process of its own, because a vendor library reads its
// environment before main() and its threads and locks belong to the process.
#ifndef ASSAY_REGRESSION_SCALING_TASK_H_
#define ASSAY_REGRESSION_SCALING_TASK_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/common/op.h"
#include "regression/json/cursor.h"
#include "regression/json/value.h"
#include "regression/scaling/cell.h"
#include "regression/scaling/condition.h"
#include "regression/scaling/rig.h"

namespace assay::scaling {

// Of the two messages; both ends are the same executable.
inline constexpr int kTaskProtocol = 1;

struct Task {
  std::string device;
  Work work;
  double chain_us = 50;      // when work.chain_steps is 0: how long a chain takes
  std::string library_name;  // as asked for; empty: none
  std::string library_path;
  int library_threads = 1;
  // Submissions of each worker; 0: as many as take `cell_ms` with one worker.
  std::uint32_t iterations = 0;
  double cell_ms = 100;
  double budget_s = 0;  // past it no further condition is begun; 0: none
  std::vector<Condition> conditions;
};

struct TaskReply {
  std::uint32_t iterations = 0;   // that were made
  std::uint64_t chain_steps = 0;  // of a chain
  std::vector<Cell> cells;        // one a condition, in order; fewer when time was up
};

std::string to_message(const Task& task);
Task parse_task(const std::string& message);  // throws Error(bad_file)
std::string to_message(const TaskReply& reply);
TaskReply parse_task_reply(const std::string& message);  // throws Error(bad_file)

json::Value to_json(const Cell& cell);
Cell cell_at(const json::Cursor& cursor);
json::Value to_json(const Condition& condition);
Condition condition_at(const json::Cursor& cursor);

// A task made ready to run: device opened, library loaded, lanes laid out. The oracle's
// answer for an op comes from the memory file `expected_fd`.
class Session {
 public:
  // Throws Error when the task asks for what does not exist or cannot run here.
  Session(Task task, std::span<const Op* const> ops, int expected_fd);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  std::uint32_t iterations() const noexcept { return task_.iterations; }
  std::uint64_t chain_steps() const noexcept { return task_.work.chain_steps; }
  Cell run(const Condition& condition, std::uint64_t start_ns = 0);
  TaskReply run_all();

 private:
  Task task_;
  std::shared_ptr<const void> library_;
  Expected expected_;
  std::shared_ptr<Device> device_;
  std::unique_ptr<Rig> rig_;
};

// What one of several processes that run at the same time is asked: the task, whose one
// condition it runs with one worker, and when.
struct PoolTask {
  Task task;
  std::uint64_t start_ns = 0;  // on the steady clock; 0: only make ready
};
std::string to_message(const PoolTask& task);
PoolTask parse_pool_task(const std::string& message);  // throws Error(bad_file)

// The whole life of a pool's worker that answers PoolTasks with TaskReplies. What it
// has made ready it keeps while the task stays the same.
int pool_main(int parent, std::span<const Op* const> ops);

// The whole life of a measuring process: task from standard input, reply to
// measure::kReplyFd. Returns its exit status, one of measure::kWorker...; failures go
// to standard error as one line.
int task_main(int parent, std::span<const Op* const> ops);

}  // namespace assay::scaling

#endif  // ASSAY_REGRESSION_SCALING_TASK_H_
