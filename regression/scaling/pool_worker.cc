// SPDX-License-Identifier: MIT
#include <memory>
#include <string>
#include <utility>

#include "regression/pool/worker.h"
#include "regression/scaling/task.h"

namespace assay::scaling {
namespace {

// Keeps what the last request was made ready for: set-up takes longer than a cell.
class Bench {
 public:
  explicit Bench(std::span<const Op* const> ops) : ops_(ops) {}

  std::string answer(std::string_view request) {
    PoolTask asked = parse_pool_task(std::string(request));
    if (asked.task.conditions.size() != 1) {
      throw Error(StatusCode::bad_file, "a process of several runs one condition");
    }
    Condition condition = asked.task.conditions.front();
    condition.workers = 1;
    asked.task.conditions.clear();
    std::string key = to_message(asked.task);
    if (!session_ || key != key_) {
      session_.reset();  // first: both at once may not fit
      session_ = std::make_unique<Session>(asked.task, ops_, pool::kDataFd);
      key_ = std::move(key);
    }
    TaskReply reply;
    reply.iterations = session_->iterations();
    reply.chain_steps = session_->chain_steps();
    if (asked.start_ns != 0) {
      reply.cells.push_back(session_->run(condition, asked.start_ns));
    }
    return to_message(reply);
  }

 private:
  std::span<const Op* const> ops_;
  std::string key_;
  std::unique_ptr<Session> session_;
};

}  // namespace

int pool_main(int parent, std::span<const Op* const> ops) {
  Bench bench(ops);
  return pool::serve(
      parent, [&bench](std::string_view request) { return bench.answer(request); });
}

}  // namespace assay::scaling
