// SPDX-License-Identifier: MIT
#include "regression/measure/oracle.h"

#include "backends/interface/status.h"
#include "regression/measure/pair_run.h"

namespace assay::measure {

OracleAnswer ask_oracle(const Problem& problem, DataFamily data, std::uint64_t seed,
                        const LaunchOptions& options) {
  OracleAnswer answer;
  WorkerRequest request;
  request.task = WorkerTask::oracle;
  request.op = problem.op();
  request.shape = problem.shape();
  request.dtype = to_string(problem.dtype());
  request.data = to_string(data);
  request.seed = seed;
  LaunchOptions own = options;
  own.shared_fd = answer.expected.fd();
  const ChildReply child = launch_worker(request, no_library(), own);
  if (!child.ok()) {
    answer.failure = "oracle for " + problem.shape() + ": " + child.description();
  }
  return answer;
}

void answer_oracle(const WorkerRequest& request, std::span<const Op* const> ops) {
  const auto data = parse_data_family(request.data);
  if (!data || request.dtype != to_string(DType::f32)) {
    invalid("unknown data family or type");
  }
  const auto problem =
      named_op(ops, request.op).make_problem(request.shape, DType::f32);
  write_shared_expected(kSharedFd, compute_expected(*problem, *data, request.seed));
}

}  // namespace assay::measure
