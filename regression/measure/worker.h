// SPDX-License-Identifier: MIT
// What happens inside a worker process, and the two messages it exchanges with its
// parent. A worker measures one pair of arms on one case, audits one library, or asks
// an op's oracle.
#ifndef ASSAY_REGRESSION_MEASURE_WORKER_H_
#define ASSAY_REGRESSION_MEASURE_WORKER_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/common/op.h"
#include "regression/measure/case.h"
#include "regression/measure/sample.h"

namespace assay::measure {

// Of the two messages. Workers may be another build (A/B): one that speaks another
// version says so and ends.
inline constexpr int kWorkerProtocol = 1;

enum class WorkerTask : std::uint8_t { measure, audit, oracle };

struct WorkerRequest {
  WorkerTask task = WorkerTask::measure;
  std::string device;
  std::string library_name;  // as asked for
  std::string library_path;
  int library_threads = 1;
  // measure only
  CaseKind kind = CaseKind::op;
  double inject = 0;  // fraction of extra work for the custom arm (injected.h)
  std::string op;
  std::string shape;
  std::string dtype = "f32";  // of an audit: what the op multiplies
  std::string data = "uniform";
  std::uint64_t seed = 1;
  std::string implementation;          // custom arm
  std::string library_implementation;  // library arm: a row of the op's table
  std::vector<Scope> scopes;
  std::uint32_t blocks = 3;
  double epoch_ms = 10;
  double pass_ms = 0;         // SamplerOptions::pass_ms
  std::uint64_t process = 0;  // varies the order within blocks
};

struct WorkerReply {
  std::vector<Comparison> comparisons;  // measure: one a scope, with one process each
  LibraryAudit audit;                   // audit
  double peak_gflops = 0;               // audit: all compute units of the device
  double peak_gflops_one = 0;
  double peak_gbs = 0;
  std::string build_version;  // of the worker's executable, as in Build
  std::string build_commit;
};

std::string to_message(const WorkerRequest& request);
WorkerRequest parse_request(const std::string& message);  // throws Error(bad_file)
std::string to_message(const WorkerReply& reply);
WorkerReply parse_reply(const std::string& message);  // throws Error(bad_file)

// Does what the request asks. Throws Error when it cannot.
WorkerReply run_worker(const WorkerRequest& request, std::span<const Op* const> ops);

// The whole life of a worker process: request from standard input, reply to kReplyFd.
// Returns its exit status; failures go to standard error as one line.
int worker_main(int parent, std::span<const Op* const> ops);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_WORKER_H_
